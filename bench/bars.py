# SPDX-License-Identifier: Apache-2.0
"""The bars that the recorder is held to, and whether it clears them.

A bar is (what, limit, figure, at_least): met when the figure is on the right
side of the limit; a figure of None was not measured.
"""
from scenario_costs import DEPTHS

TIMES_LOWER = {"s0": (12, 12, 12), "s1": (9, 9, 9), "s2": (8, 3, 2),
               "s3": (8, 8, 8)}
INSTRUCTIONS = (180, 270, 480)
# program: (wall ratio, ratio of the CPU of all processes)
RATIOS = {"python3": (1.35, 1.5), "perl": (1.25, 1.4), "cc1plus": (1.2, 1.3),
          "sqlite3": (1.15, 1.3), "mimic": (1.1, 1.15), "sage": (1.01, None)}
# Recorded and analysed: (added wall time, added CPU) below heaptrack's.
ANSWERS = {"python3": (3, 5), "mimic": (3, 5)}
# (raw, packed) bytes an event
BYTES = {"s0": (6, 0.5), "python3": (7, 2), "sage": (12, 4)}


class Bar:
  def __init__(self, what, limit, figure, at_least=False, unit=""):
    self.what = what
    self.limit = limit
    self.figure = figure
    self.at_least = at_least
    self.unit = unit

  def verdict(self):
    if self.figure is None:
      return "not measured"
    met = (self.figure >= self.limit if self.at_least
           else self.figure <= self.limit)
    return "met" if met else "NOT MET"


def times_lower(costs):
  for scenario, limits in TIMES_LOWER.items():
    for depth, limit in zip(DEPTHS, limits):
      yield Bar(f"{scenario} depth {depth}: own cost below heaptrack's", limit,
                costs.times_lower("sagemem", "heaptrack", scenario, depth),
                at_least=True, unit="times")


def scenario_bars(costs, instructions):
  yield from times_lower(costs)
  yield Bar("s0 depth 20: own cost against a plain pair", 2.5,
            costs.own_to_plain("sagemem", "s0", 20), unit="times")
  for depth, limit in zip(DEPTHS, INSTRUCTIONS):
    yield Bar(f"s0 depth {depth}: own instructions a pair", limit,
              instructions.own("sagemem", depth))
  for depth in DEPTHS:
    yield Bar(f"s0 depth {depth}: CPU a pair, two threads against one", 1.15,
              costs.of_threads("sagemem", "ratio", depth), unit="times")


def program_bars(costs):
  for name, (wall, cpu) in RATIOS.items():
    yield Bar(f"{name}: wall to plain", wall,
              costs.ratio(name, "sagemem", "wall_s"), unit="times")
    if cpu:
      yield Bar(f"{name}: CPU of all processes to plain", cpu,
                costs.ratio(name, "sagemem", "all_cpu_s"), unit="times")
  plain = costs.value("sage", "plain", "peak_kib")
  yield Bar("sage: resident memory added",
            8 + 0.05 * plain / 1024 if plain else 8,
            costs.added_mib("sage", "sagemem"), unit="MiB")


def answer_bars(costs):
  for name, limits in ANSWERS.items():
    for what, limit, key, of_program in zip(
        ("wall time", "CPU"), limits, ("answer_s", "answer_cpu_s"),
        ("wall_s", "all_cpu_s")):
      yield Bar(f"{name}: added {what} to the answer below heaptrack's", limit,
                costs.added_to_answer(name, "sagemem", "heaptrack", key,
                                      of_program),
                at_least=True, unit="times")


def size_bars(scenarios, programs):
  for name, limits in BYTES.items():
    for key, limit in zip(("bytes", "packed"), limits):
      figure = (scenarios.value("sagemem", key, "s0", 20) if name == "s0"
                else programs.value(name, "sagemem", key))
      yield Bar(f"{name}: {'raw' if key == 'bytes' else key} bytes an event",
                limit, figure)


def all_bars(scenarios, instructions, programs):
  return [*scenario_bars(scenarios, instructions), *program_bars(programs),
          *answer_bars(programs), *size_bars(scenarios, programs)]
