# SPDX-License-Identifier: Apache-2.0
"""What real programs cost under the tools: time, CPU of all processes, resident
memory, bytes an event, and the time until the first answer is on the screen."""
import statistics

from measure import alternate, compared
from scenario_costs import Sizes


class ProgramCosts:
  """{program: {tool: medians}}; keys as the meter's, and bytes, packed,
  events, answer_s."""

  def __init__(self, meter, rounds, say):
    self.meter = meter
    self.rounds = rounds
    self.say = say
    self.cells = {}
    self.sizes = Sizes()

  def run(self, tools, programs, few):
    """Every tool on every program; those that are slow on `few` alone."""
    for program in programs:
      self.say(program.name)
      taking_part = [tool for tool in tools
                     if tool.everywhere or program.name in few]
      self.cells[program.name] = alternate(
          self.rounds, taking_part,
          lambda tool, program=program: self.run_once(tool, program), self.say)

  def run_once(self, tool, program):
    sizes = {}

    def look(place, result):
      analyse = tool.analyse(place) if hasattr(tool, "analyse") else None
      if analyse:
        answer = self.meter.run(analyse, place)
        sizes["answer_s"] = result["all_wall_s"] + answer["all_wall_s"]
        sizes["answer_cpu_s"] = result["all_cpu_s"] + answer["all_cpu_s"]
      # Afterwards, for it reads the trace into the page cache.
      sizes.update(self.sizes.of(tool, place, program.name))

    result = self.meter.run_under(tool, program.command, program.directory,
                                  look)
    del result["output"]
    return {**result, **sizes}

  def value(self, program, tool, key):
    return self.cells.get(program, {}).get(tool, {}).get(key)

  def cell_of(self, program, tool):
    return self.cells.get(program, {}).get(tool)

  def ratio(self, program, tool, key):
    return compared(lambda measured, plain: measured / plain, key,
                    self.cell_of(program, tool), self.cell_of(program, "plain"))

  def added_to_answer(self, program, tool, other, key, of_program):
    """How many times less the tool adds to the program, recording and analysis
    together, than the other."""
    cells = [self.cell_of(program, name) for name in (tool, other, "plain")]
    if any(cell is None for cell in cells):
      return None
    # Less than a hundredth of the program is noise, not a division's business.
    figures = [(others[key] - plain[of_program]) /
               max(measured[key] - plain[of_program], plain[of_program] / 100)
               for measured, others, plain in zip(*(cell.runs
                                                    for cell in cells))
               if key in measured and key in others]
    return statistics.median(figures) if figures else None

  def own_ns(self, program, tool):
    """Added wall time an event, in nanoseconds."""
    events = self.value(program, "sagemem", "events")
    added = compared(lambda measured, plain: measured - plain, "wall_s",
                     self.cell_of(program, tool),
                     self.cell_of(program, "plain"))
    return added / events * 1e9 if events and added is not None else None

  def added_mib(self, program, tool):
    measured = self.value(program, tool, "peak_kib")
    plain = self.value(program, "plain", "peak_kib")
    return (measured - plain) / 1024 if measured and plain else None
