// SPDX-License-Identifier: Apache-2.0
//
// The seeds of fuzz_rules, in place of traces.
#include <string_view>

#include "seed_traces.h"

namespace sagemem::test {
namespace {

constexpr std::string_view kSeeds[] = {
    R"(baseline = "b.toml"
profile = "sage-model"
wrappers = ["my_*"]

[[rule]]
name = "one"
check = ['leaked.blocks == 0', "peak.bytes <= baseline.peak.bytes + 5 %"]
when = "scope(\"forest\").count >= 20"
severity = "warning"
hint = "free it"

[[rule]]
name = "two"
check = '''
max(scope("forest", 3).peak) < 1 GiB or
not floor("forest").slope > 1 KiB'''
)",
    R"toml(sagemem_baseline = 1
program = "minisage"
runs = 3

[figures]
"leaked.bytes" = 0
"peak.bytes" = [12951216, 12951216, 12963504]
"temporary.share" = 33.62831858407079
"max(scope(\"forest\").peak.bytes)" = 1936184
"site('*con\"struct*').leaked.bytes" = 0

[sites]
"load_forest load_forest.c #1" = { blocks = 200, bytes = [1, 2, 3] }
"[libm.so] #1" = {}
)toml",
    "leaked.blocks == 0 and (site(\"*load*\").leaked < 5 B or exit.code == 0)",
    "not max(scope('a', -3).escaped.blocks) + 5 % > 2 * min(1, 3) / 4.5e3",
    R"(wrapper("mymalloc").live_blocks < 1024 &&
notice("spool_used").count != 1_000 || run.time - 3 ms >= 5 h)",
};

}  // namespace

std::vector<std::vector<std::uint8_t>> seed_traces() {
  std::vector<std::vector<std::uint8_t>> seeds;
  for (const std::string_view one : kSeeds)
    seeds.emplace_back(one.begin(), one.end());
  return seeds;
}

}  // namespace sagemem::test
