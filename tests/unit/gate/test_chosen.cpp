// SPDX-License-Identifier: Apache-2.0
//
// Five hundred random programs: what each choice of blocks has and held at
// most, beside the same by going through every block at every step.
#include <algorithm>
#include <catch2/catch.hpp>
#include <functional>
#include <string>

#include "gate/facts.h"
#include "gate/parse_expression.h"
#include "question_case.h"

using namespace sagemem;
using test::SlowHistory;
using test::SlowLife;

namespace {

// The functions between the allocation and the site.
bool is_through(const SlowLife& life, const std::string& wrapper) {
  for (std::size_t i = life.stack.size(); i-- > 0;) {
    // A stack of nothing but wrappers belongs to the outermost.
    if (!test::is_wrapper(life.stack[i]) || i == 0) return false;
    if (test::function_of(life.stack[i]) == wrapper) return true;
  }
  return false;
}

bool is_within(const SlowLife& life, const std::string& function) {
  return std::any_of(life.stack.begin(), life.stack.end(),
                     [&function](std::uint64_t pc) {
                       return test::function_of(pc) == function;
                     });
}

struct Choice {
  std::string text;
  std::function<bool(const SlowLife&)> chooses;
};

std::vector<Choice> choices() {
  std::vector<Choice> result;
  const auto has_stack = [](const SlowLife& life) {
    return !life.stack.empty();
  };
  for (int i = 0; i < 7; ++i) {
    const std::string number = std::to_string(i);
    result.push_back({"site(\"f" + number + "\")", [=](const SlowLife& life) {
                        return has_stack(life) &&
                               test::function_of(test::site_of(life.stack)) ==
                                   "f" + number;
                      }});
    result.push_back({"within(\"f" + number + "\")", [=](const SlowLife& life) {
                        return is_within(life, "f" + number);
                      }});
    result.push_back(
        {"wrapper(\"wrap" + number + "\")", [=](const SlowLife& life) {
           return is_through(life, "wrap" + number);
         }});
  }
  result.push_back({"module(\"m1.so\")", [=](const SlowLife& life) {
                      return has_stack(life) &&
                             test::module_of(test::site_of(life.stack)) ==
                                 "/lib/m1.so";
                    }});
  result.push_back({"file(\"f*.c\")", [=](const SlowLife& life) {
                      return has_stack(life) &&
                             test::function_of(test::site_of(life.stack))[0] ==
                                 'f';
                    }});
  return result;
}

struct Slow {
  double blocks = 0;
  double bytes = 0;
  double temporary = 0;
  double leaked = 0;
  double most_bytes = 0;
  double most_blocks = 0;
};

Slow count_slowly(const SlowHistory& mine) {
  Slow result;
  for (const SlowLife& life : mine.lives) {
    result.blocks += 1;
    result.bytes += static_cast<double>(life.size);
    if (life.is_temporary) result.temporary += 1;
    if (!life.died) result.leaked += static_cast<double>(life.size);
  }
  for (std::size_t step = 0; step <= mine.steps; ++step) {
    const test::SlowAmount live = mine.live(step);
    result.most_bytes =
        std::max(result.most_bytes, static_cast<double>(live.bytes));
    result.most_blocks =
        std::max(result.most_blocks, static_cast<double>(live.blocks));
  }
  return result;
}

void compare(std::uint64_t seed) {
  const test::Case one(seed);
  test::Replayed replayed(one, {});
  const analysis::Breakdown breakdown;
  const report::Subject subject{.trace = "",
                                .profile = replayed.profile,
                                .symbols = replayed.symbols,
                                .sites = replayed.sites,
                                .sources = replayed.sources,
                                .breakdown = breakdown,
                                .replay = replayed.replay};
  const std::vector<Choice> all = choices();
  std::vector<gate::FigureUse> uses;
  for (const Choice& choice : all)
    uses.push_back(gate::parse_figure(choice.text + ".peak"));
  const gate::Facts facts(subject, nullptr, uses);
  for (const Choice& choice : all) {
    INFO("seed " << seed << ", " << choice.text);
    const Slow want = count_slowly(one.history.select(choice.chooses));
    const auto got = [&](const char* figure) {
      return *facts.read(gate::parse_figure(choice.text + "." + figure)).value;
    };
    REQUIRE(got("allocated.blocks") == want.blocks);
    REQUIRE(got("allocated.bytes") == want.bytes);
    REQUIRE(got("temporary.count") == want.temporary);
    REQUIRE(got("leaked.bytes") == want.leaked);
    REQUIRE(got("peak.bytes") == want.most_bytes);
    REQUIRE(got("live.blocks") == want.most_blocks);
  }
}

}  // namespace

TEST_CASE("what chosen blocks held, beside a slow count") {
  for (std::uint64_t seed = 0; seed < 500; ++seed) compare(seed);
}
