# SPDX-License-Identifier: Apache-2.0
"""What a malloc+free pair costs in the made-up scenarios.

The program itself takes the time around its pairs, so start-up counts nothing
and what a tool does for the pairs, helpers that make it wait included, counts.
"""
import json
import shutil

from measure import Failed, alternate, compared

SCENARIOS = ("s0", "s1", "s2", "s3", "s4")
DEPTHS = (5, 20, 60)
# The few that the slow tools run.
FEW = (("s0", 20), ("s4", 20))
LEAST_PAIRS = 200


def pairs_for(tool, scenario, threads, pairs):
  # s3 pays once for each of its stacks: equal lengths or unequal shares.
  scale = min(tool.scale, 1) if scenario == "s3" else tool.scale
  # Threads that fight for one lock take many times as long.
  if threads > 1 and tool.scale <= 1:
    scale /= 8
  return max(LEAST_PAIRS, int(pairs * scale))


class ScenarioCosts:
  """{(scenario, depth, threads): {tool: {wall_ns, cpu_ns, bytes, packed}}}"""

  def __init__(self, meter, program, pairs, rounds, say):
    self.meter = meter
    self.program = program
    self.pairs = pairs
    self.rounds = rounds
    self.say = say
    self.cells = {}
    self.threads = {}  # {depth: {tool: {one, two, ratio}}}
    self.sizes = Sizes()

  def run(self, tools):
    for scenario in SCENARIOS:
      for depth in DEPTHS:
        self.run_cell(tools, scenario, depth, 1)
    for depth in DEPTHS:
      self.run_threads([tool for tool in tools if tool.everywhere], depth)

  def run_threads(self, tools, depth):
    """One thread and two, one right after the other: their ratio is what is
    asked for, and the speed of a machine drifts."""
    self.say(f"s0 depth {depth} threads 1 and 2")

    def run_both(tool):
      one, two = (self.run_once(tool, "s0", depth, threads)["cpu_ns"]
                  for threads in (1, 2))
      return {"one": one, "two": two, "ratio": two / one}

    self.threads[depth] = alternate(self.rounds, tools, run_both, self.say)

  def run_cell(self, tools, scenario, depth, threads):
    self.say(f"{scenario} depth {depth} threads {threads}")
    taking_part = [tool for tool in tools
                   if tool.everywhere or (scenario, depth) in FEW]
    self.cells[scenario, depth, threads] = alternate(
        self.rounds, taking_part,
        lambda tool: self.run_once(tool, scenario, depth, threads), self.say)

  def run_once(self, tool, scenario, depth, threads):
    pairs = pairs_for(tool, scenario, threads, self.pairs)
    command = [self.program, scenario, str(depth), str(pairs), str(threads)]
    result = {}
    done = self.meter.run_under(
        tool, command, None,
        lambda place, _: result.update(
            self.sizes.of(tool, place, (scenario, depth, threads))))
    try:
      result.update(json.loads(done["output"].splitlines()[-1]))
    except (IndexError, ValueError) as error:
      raise Failed(f"no figures: {' '.join(map(str, command))}") from error
    return result

  def value(self, tool, key, scenario, depth, threads=1):
    cell = self.cells.get((scenario, depth, threads), {})
    return cell.get(tool, {}).get(key)

  def of_threads(self, tool, key, depth):
    return self.threads.get(depth, {}).get(tool, {}).get(key)

  def cell_of(self, tool, scenario, depth, threads=1):
    return self.cells.get((scenario, depth, threads), {}).get(tool)

  def own(self, tool, scenario, depth, key="wall_ns"):
    """With the tool minus plain: what the tool itself costs a pair."""
    return compared(lambda measured, plain: measured - plain, key,
                    self.cell_of(tool, scenario, depth),
                    self.cell_of("plain", scenario, depth))

  def times_lower(self, tool, other, scenario, depth):
    """The other's own cost by the tool's."""
    def times(measured, others, plain):
      # Less than a nanosecond is noise, not a division's business.
      return (others - plain) / max(measured - plain, 1.0)

    return compared(times, "wall_ns", self.cell_of(tool, scenario, depth),
                    self.cell_of(other, scenario, depth),
                    self.cell_of("plain", scenario, depth))

  def own_to_plain(self, tool, scenario, depth):
    return compared(lambda measured, plain: (measured - plain) / plain,
                    "wall_ns", self.cell_of(tool, scenario, depth),
                    self.cell_of("plain", scenario, depth))


class Sizes:
  """Bytes an event.  They hardly differ from round to round and take a replay
  and a compression to find, so only the first round of each cell pays."""

  def __init__(self):
    self.seen = set()

  def of(self, tool, place, cell):
    """{bytes, packed, events}, or nothing from a tool that counts no events."""
    if not hasattr(tool, "events") or (tool.name, cell) in self.seen:
      return {}
    self.seen.add((tool.name, cell))
    counted = tool.events(place)
    if not counted or not counted[0]:
      return {}
    events, size = counted
    sizes = {"bytes": size / events, "events": events}
    packed = tool.packed_bytes(place) if tool.packs else None
    if packed is not None:
      sizes["packed"] = packed / events
    return sizes


# -------------------------------------------------------------- instructions

class Instructions:
  """Instructions a pair, {(tool, depth): count}: the slope between two
  lengths under callgrind, which start-up does not change."""

  def __init__(self, meter, program, pairs, say):
    self.meter = meter
    self.program = program
    self.pairs = pairs
    self.say = say
    self.slopes = {}

  def run(self, tools):
    if not shutil.which("valgrind"):
      return
    for depth in DEPTHS:
      for tool in tools:
        self.say(f"instructions of {tool.name} at depth {depth}")
        try:
          few = self.count(tool, depth, self.pairs)
          many = self.count(tool, depth, 3 * self.pairs)
        except Failed as error:
          self.say(str(error))
          continue
        self.slopes[tool.name, depth] = (many - few) / (2 * self.pairs)

  def count(self, tool, depth, pairs):
    command = ["valgrind", "--tool=callgrind", "--log-fd=1",
               "--callgrind-out-file=/dev/null", self.program, "s0",
               str(depth), str(pairs)]
    done = self.meter.run_under(tool, command, None)
    for line in done["output"].splitlines():
      if "Collected :" in line:
        return int(line.rsplit(":", 1)[1].split()[0])
    raise Failed("callgrind counted nothing")

  def own(self, tool, depth):
    with_tool = self.slopes.get((tool, depth))
    plain = self.slopes.get(("plain", depth))
    return with_tool - plain if with_tool and plain else None
