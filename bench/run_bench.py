#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Measures sagemem beside other heap profilers; README.md says how to read it.

usage: run_bench.py [--build DIRECTORY] [--quick] [--runs N] ...
"""
import argparse
import os
import sys
import tempfile
from pathlib import Path

import bars
import programs
import report
import tools
from measure import Meter
from program_costs import ProgramCosts
from scenario_costs import Instructions, ScenarioCosts

SOURCE = Path(__file__).resolve().parent.parent
HEADER = """<!-- SPDX-License-Identifier: Apache-2.0 -->
# Results

The last run of `bench/run_bench.py`; `README.md` says how to read it. Medians
of runs that alternate.
"""


class Lengths:
  """How long everything is: for figures, for a look, for a smoke test."""

  def __init__(self, pairs, program_length, instruction_pairs, rounds):
    self.pairs = pairs
    self.program_length = program_length
    self.instruction_pairs = instruction_pairs
    self.rounds = rounds


FULL = Lengths(1_000_000, 5, 20_000, 5)
QUICK = Lengths(100_000, 1, 5_000, 3)
TINY = Lengths(1_000, 1, 200, 1)


def arguments():
  parser = argparse.ArgumentParser(
      description="Measures sagemem beside other heap profilers.")
  parser.add_argument("--build", type=Path, default=SOURCE / "build",
                      metavar="DIRECTORY", help="the build to measure")
  length = parser.add_mutually_exclusive_group()
  length.add_argument("--quick", action="store_true",
                      help="a look in a minute or two; no figures to quote")
  length.add_argument("--tiny", action="store_true",
                      help="only to see that every part works")
  parser.add_argument("--runs", type=int, metavar="N",
                      help="rounds that the medians are taken over")
  parser.add_argument("--results", type=Path, metavar="FILE",
                      help="write the tables to FILE too")
  parser.add_argument("--baseline", type=Path, metavar="LIBRARY",
                      help="measure an older libsagemem.so too")
  parser.add_argument("--baseline-report", type=Path, metavar="PROGRAM",
                      help="the sagemem-report that reads its traces")
  parser.add_argument("--sage", action="append", default=[],
                      type=programs.named, metavar="NAME=COMMAND",
                      help="measure this program too; mimic and sage have bars")
  parser.add_argument("--only", choices=("scenarios", "programs"),
                      help="one half")
  parser.add_argument("--without-others", action="store_true",
                      help="leave the profilers of other projects out")
  options = parser.parse_args()
  if options.runs is not None and options.runs < 1:
    parser.error("--runs: at least 1")
  return options


def say(text):
  print(text, file=sys.stderr, flush=True)


def chosen_tools(options):
  build = options.build
  analyzer = build / "analyzer/cli/sagemem-report"
  chosen = [tools.Plain(),
            tools.Sagemem("sagemem", build / "preload/libsagemem.so",
                          analyzer)]
  if options.baseline:
    chosen.append(tools.Sagemem("baseline", options.baseline,
                                options.baseline_report or analyzer))
  if options.without_others:
    return chosen
  found, missing = tools.others()
  if missing:
    say(f"not installed: {', '.join(missing)}")
  return chosen + found


def measure_all(options, lengths, scratch):
  """The three parts, run or left empty."""
  build = options.build.resolve()
  rounds = options.runs or lengths.rounds
  meter = Meter(build / "bench/meter", scratch)
  program = build / "bench/scenarios"
  scenarios = ScenarioCosts(meter, program, lengths.pairs, rounds, say)
  instructions = Instructions(meter, program, lengths.instruction_pairs, say)
  real = ProgramCosts(meter, rounds, say)
  measured = chosen_tools(options)
  if options.only != "programs":
    scenarios.run(measured)
    instructions.run([tool for tool in measured
                      if tool.name in ("plain", "sagemem", "baseline")])
  if options.only != "scenarios":
    real.run(measured,
             programs.all_programs(lengths.program_length, build, SOURCE,
                                   scratch, options.sage), few=("sqlite3",))
  return scenarios, instructions, real, [tool.name for tool in measured]


def written(parts, settings, load):
  scenarios, instructions, real, names = parts
  own = names[1:]
  everywhere = [name for name in names
                if scenarios.of_threads(name, "ratio", 20) is not None]
  recorders = [name for name in own if name in ("sagemem", "baseline")]
  tables = [report.bar_table(bars.all_bars(scenarios, instructions, real)),
            report.scenario_table(scenarios, own),
            report.size_table(scenarios, recorders),
            report.thread_table(scenarios, everywhere),
            report.instruction_table(instructions, recorders),
            report.program_table(real), report.machine(settings, load)]
  return "\n".join([HEADER, *tables])


def main():
  options = arguments()
  lengths = TINY if options.tiny else QUICK if options.quick else FULL
  for needed in ("bench/meter", "bench/scenarios", "preload/libsagemem.so",
                 "analyzer/cli/sagemem-report"):
    if not (options.build / needed).exists():
      sys.exit(f"run_bench.py: {options.build / needed} is not built")
  load = os.getloadavg()
  with tempfile.TemporaryDirectory(prefix="sagemem-bench.") as scratch:
    parts = measure_all(options, lengths, Path(scratch))
  settings = {
      "rounds": options.runs or lengths.rounds,
      "pairs": lengths.pairs,
      "length": "tiny" if options.tiny else
                "quick" if options.quick else "full",
  }
  text = written(parts, settings, load)
  print(text, end="")
  if options.results:
    options.results.write_text(text)


if __name__ == "__main__":
  main()
