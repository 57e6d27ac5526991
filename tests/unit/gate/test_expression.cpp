// SPDX-License-Identifier: Apache-2.0
//
// The language of rules: what it computes, beside the same computed in the
// obvious way, and what it refuses, with the place.
#include <fmt/format.h>

#include <catch2/catch.hpp>
#include <string>

#include "gate/evaluate.h"
#include "gate/lexer.h"
#include "gate/parse_expression.h"
#include "gate_case.h"
#include "random_program.h"

using namespace sagemem;
using gate::ExpressionError;
using gate::Outcome;
using test::GateCase;

namespace {

constexpr std::string_view kNothing = "1000 t1 malloc 64 -> 0x1000 @ main\n";

struct Mistake {
  std::string text;
  std::size_t offset;
  const char* problem;
};

void check_mistake(const Mistake& mistake) {
  INFO(mistake.text);
  try {
    static_cast<void>(gate::parse_expression(mistake.text));
    FAIL("it was taken");
  } catch (const ExpressionError& error) {
    CHECK(error.offset() == mistake.offset);
    CHECK(std::string(error.what()).find(mistake.problem) != std::string::npos);
    if (std::string(error.what()).find(mistake.problem) == std::string::npos)
      WARN(error.what());
  }
}

// A number as a text and as what it is.
struct Sample {
  std::string text;
  double value;
};

Sample random_sum(test::Random& random, int depth) {
  if (depth == 0 || random.chance(20)) {
    const auto number = static_cast<double>(random.below(1000)) + 1;
    return {fmt::format("{}", number), number};
  }
  const Sample a = random_sum(random, depth - 1);
  const Sample b = random_sum(random, depth - 1);
  switch (random.below(7)) {
    case 0:
      return {fmt::format("({} + {})", a.text, b.text), a.value + b.value};
    case 1:
      return {fmt::format("({} - {})", a.text, b.text), a.value - b.value};
    case 2:
      return {fmt::format("({})*({})", a.text, b.text), a.value * b.value};
    case 3:
      return {fmt::format("max({}, {})", a.text, b.text),
              std::max(a.value, b.value)};
    case 4:
      return {fmt::format("min({},{})", a.text, b.text),
              std::min(a.value, b.value)};
    case 5:
      return {fmt::format("-({})", a.text), -a.value};
    default:
      if (b.value == 0) return a;
      return {fmt::format("({}) / ({})", a.text, b.text), a.value / b.value};
  }
}

struct Claim {
  std::string text;
  bool is_true;
};

// With and without parentheses: "and" binds tighter than "or", "not" tighter.
Claim random_claim(test::Random& random, int depth) {
  if (depth == 0 || random.chance(20)) {
    const auto a = random.below(4);
    const auto b = random.below(4);
    switch (random.below(6)) {
      case 0:
        return {fmt::format("{} == {}", a, b), a == b};
      case 1:
        return {fmt::format("{} != {}", a, b), a != b};
      case 2:
        return {fmt::format("{} < {}", a, b), a < b};
      case 3:
        return {fmt::format("{} <= {}", a, b), a <= b};
      case 4:
        return {fmt::format("{} > {}", a, b), a > b};
      default:
        return {fmt::format("{} >= {}", a, b), a >= b};
    }
  }
  const Claim a = random_claim(random, depth - 1);
  const Claim b = random_claim(random, depth - 1);
  switch (random.below(3)) {
    case 0:
      return {fmt::format("({}) and ({})", a.text, b.text),
              a.is_true && b.is_true};
    case 1:
      return {fmt::format("({}) or ({})", a.text, b.text),
              a.is_true || b.is_true};
    default:
      return {fmt::format("not ({})", a.text), !a.is_true};
  }
}

}  // namespace

TEST_CASE("what numbers and units come to") {
  const GateCase one(kNothing);
  for (const char* rule : {"200 MiB + 5 % == 210 MiB",
                           "200 MiB - 5 % == 190 MiB",
                           "1 KiB == 1024",
                           "1 kB == 1000 B",
                           "5 % == 5 %",
                           "1_000 == 1e3",
                           "(1 + 2) * 3 == 9",
                           "1 + 2 * 3 == 7",
                           "7 - 2 - 1 == 4",
                           "8 / 2 / 2 == 2",
                           "not 1 == 2 and 2 == 2",
                           "1 == 2 or 2 == 2",
                           "1 == 1 or 2 == 3 and 1 == 2",
                           "max(1, 5, 3) == 5",
                           "min(2, 1, 3) == 1",
                           "-3 < 2",
                           "- -3 == 3",
                           "10 MB / 5 MB == 2",
                           "0.5 * 4 KiB == 2 KiB",
                           "5 % * 200 B == 10 B",
                           "1 KiB / 2 KiB == 50 %",
                           "49 B / 49 B == 1",
                           "2 h == 120 min",
                           "1.5 s == 1500 ms",
                           "!(1 == 2) && 1 != 2",
                           "1 == 2 || 3 >= 3",
                           "5 % + 5 % == 10 %",
                           "2 * 3 s == 6 s",
                           "6 s / 2 == 3 s"}) {
    INFO(rule);
    CHECK(one.outcome(rule) == Outcome::Holds);
  }
}

TEST_CASE("a thousand random sums and claims are what they are") {
  const GateCase one(kNothing);
  const gate::Facts facts(one.subject(), nullptr, {});
  for (std::uint64_t seed = 0; seed < 1000; ++seed) {
    test::Random random(seed);
    const Sample sum = random_sum(random, 5);
    INFO(sum.text);
    const auto rule = gate::parse_expression(sum.text + " == 0");
    const gate::Value value = gate::value_of(rule.root.inner[0], facts);
    if (value.is_known()) CHECK(value.band.middle == Approx(sum.value));
    const Claim claim = random_claim(random, 4);
    INFO(claim.text);
    CHECK(gate::evaluate(gate::parse_expression(claim.text), facts).truth ==
          (claim.is_true ? gate::Truth::True : gate::Truth::False));
  }
}

TEST_CASE("mistakes are told with their place") {
  const std::string deep(100, '(');
  for (const Mistake& one : std::vector<Mistake>{
           {"", 0, "a figure or a number"},
           {"leaked.bytes", 0, "a rule is a comparison"},
           {"leaked.bytes ==", 15, "a figure or a number"},
           {"leaked.bytes = 0", 13, "write =="},
           {"leaked.byte == 0", 0, "is it 'leaked.bytes'?"},
           {"leaked. == 0", 8, "a name is expected"},
           {"1 < 2 < 3", 0, "a condition is no number"},
           {"leaked.bytes == 5 s", 13, "bytes and a time"},
           {"run.time < 5", 11, "a time needs a unit"},
           {"temporary.share < 5", 18, "write 5 %"},
           {"leaked.bytes == 5 parsec", 18, "is no unit"},
           {"leaked.bytes == 1e999", 16, "beyond all use"},
           {"leaked.bytes == 0 0", 18, "nothing more"},
           {"peak.bytes * peak.bytes == 0", 11, "can not be multiplied"},
           {"scope.peak == 0", 0, "is no figure"},
           {"scope == 0", 0, "needs parentheses"},
           {"scope() == 0", 6, "a text in quotes"},
           {"scope(\"a\" == 0", 10, "')' is expected"},
           {"scope(\"a) == 0", 6, "does not end"},
           {"scope(\"\").peak == 0", 6, "an empty text"},
           {"scope(\"a\") == 0", 11, "'.' is expected"},
           {"scope(\"a\").peek == 0", 11, "is it 'peak'?"},
           {"scope(\"a\", \"b\").peak == 0", 11, "the number of a scope"},
           {"scope(\"a\", 1, 2).peak == 0", 14, "one argument too many"},
           {"forest(\"a\").peak == 0", 0, "there is no 'forest(..)'"},
           {"notice(\"gremlins\").count == 0", 7, "nobody counts"},
           {"max(peak.bytes) == 0", 4, "each scope has"},
           {"max(sum(scope(\"a\").peak)) == 0", 4, "each scope has"},
           {"sum(1, 2) == 0", 5, "')' is expected"},
           {"baseline.leaked.new_sites == 0", 9, "no baseline holds"},
           {"baseline. == 0", 10, "a figure is expected"},
           {"not leaked.bytes", 4, "belongs to a comparison"},
           {"-(1 == 2) == 0", 1, "no number"},
           {"(1 == 2) + 1 == 0", 0, "no number"},
           {"1 and 2 == 2", 0, "has to be a comparison"},
           {"leaked.bytes == $", 16, "means nothing"},
           {"leaked.bytes == \x01", 16, "byte 0x01"},
           {deep + "1" + " == 1", 64, "nested too deeply"},
           {std::string(5000, '1'), 4096, "longer than"}})
    check_mistake(one);
}

TEST_CASE("figures are known by one key however they are written") {
  const auto key = [](const char* text) {
    return gate::parse_figure(text).key();
  };
  CHECK(key("peak") == "peak.bytes");
  CHECK(key("scope('forest').peak") == "max(scope(\"forest\").peak.bytes)");
  CHECK(key("sum(scope(\"f\", -7).peak)") ==
        "sum(scope(\"f\", \"-7\").peak.bytes)");
  CHECK(key("site('a\"b').leaked") == "site('a\"b').leaked.bytes");
  for (const gate::Figure& figure : gate::all_figures()) {
    gate::FigureUse use;
    use.figure = &figure;
    use.about = figure.about;
    use.aggregate = figure.aggregate;
    if (figure.about == gate::About::Notice)
      use.arguments = {"spool_used"};
    else if (figure.about != gate::About::Run)
      use.arguments = {"x"};
    INFO(use.key());
    CHECK(key(use.key().c_str()) == use.key());
    CHECK_FALSE(figure.meaning.empty());
  }
}

TEST_CASE("what is not known decides nothing that it must not") {
  const GateCase one(kNothing);
  const std::string unknown = "scope(\"none\").count == 0";
  CHECK(one.outcome(unknown) == Outcome::Undecided);
  CHECK(one.outcome("not " + unknown) == Outcome::Undecided);
  CHECK(one.outcome(unknown + " or 1 == 1") == Outcome::Holds);
  CHECK(one.outcome(unknown + " or 1 == 2") == Outcome::Undecided);
  CHECK(one.outcome(unknown + " and 1 == 2") == Outcome::Broken);
  CHECK(one.outcome(unknown + " and 1 == 1") == Outcome::Undecided);
  CHECK(one.outcome("1 / 0 == 1") == Outcome::Undecided);
  CHECK(one.outcome("category(\"Dragons\").peak == 0") == Outcome::Undecided);
  CHECK(one.outcome("limit(\"none\").most == 0") == Outcome::Undecided);
  CHECK(one.outcome("mapped.peak == 0") == Outcome::Undecided);
  CHECK(one.check(unknown).why == "no scope 'none' in the trace");
}
