# SPDX-License-Identifier: Apache-2.0
"""The figures as Markdown: what is printed, and what RESULTS.md holds."""
import os
import platform
import subprocess
from pathlib import Path

from scenario_costs import DEPTHS, SCENARIOS


def number(value, digits=2):
  return "-" if value is None else f"{value:.{digits}f}"


def table(head, rows):
  lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
  lines += ["| " + " | ".join(row) + " |" for row in rows]
  return "\n".join(lines) + "\n"



# ---------------------------------------------------------------- scenarios

def scenario_rows(costs, names, key):
  for scenario in SCENARIOS:
    for depth in DEPTHS:
      yield [scenario, str(depth),
             number(costs.value("plain", key, scenario, depth), 1),
             *[number(costs.own(name, scenario, depth, key=key), 1)
               for name in names]]


def scenario_table(costs, names):
  head = ["", "depth", "plain", *names]
  return ("## A malloc+free pair\n\nNanoseconds by the clock: plain as it is,"
          " the tools with plain taken off (own\ncost).\n\n"
          + table(head, scenario_rows(costs, names, "wall_ns"))
          + "\nThe same of the program's CPU, without what helpers use.\n\n"
          + table(head, scenario_rows(costs, names, "cpu_ns")))


def size_table(costs, names):
  keys = [(name, key) for name in names for key in ("bytes", "packed")]
  rows = [[scenario, str(depth),
           *[number(costs.value(name, key, scenario, depth))
             for name, key in keys]]
          for scenario in SCENARIOS for depth in DEPTHS]
  head = [f"{name} {what}" for name in names for what in ("raw", "packed")]
  return ("## Bytes an event\n\n" + table(["", "depth", *head], rows))


def thread_table(costs, names):
  lines = (("1", "one", 1), ("2", "two", 1), ("2 to 1", "ratio", 2))
  rows = [[str(depth), threads,
           *[number(costs.of_threads(name, key, depth), digits)
             for name in names]]
          for depth in DEPTHS for threads, key, digits in lines]
  return ("## Threads\n\nNanoseconds of CPU a pair in s0, the program's own"
          " included. Each run of two\nthreads follows one of one, and the"
          " ratio is the median of theirs.\n\n" +
          table(["depth", "threads", *names], rows))


def instruction_table(instructions, names):
  rows = [[str(depth), number(instructions.slopes.get(("plain", depth)), 1),
           *[number(instructions.own(name, depth), 1) for name in names]]
          for depth in DEPTHS]
  return ("## Instructions a pair\n\nSlope under callgrind, s0; the tools with"
          " plain taken off.\n\n" + table(["depth", "plain", *names], rows))


# ----------------------------------------------------------------- programs

def program_row(costs, program, tool):
  return [program, tool,
          number(costs.value(program, tool, "wall_s"), 3),
          number(costs.ratio(program, tool, "wall_s")),
          number(costs.ratio(program, tool, "all_cpu_s")),
          number(costs.own_ns(program, tool), 1),
          number(costs.added_mib(program, tool), 1),
          number(costs.value(program, tool, "bytes")),
          number(costs.value(program, tool, "packed")),
          number(costs.value(program, tool, "answer_s")),
          number(costs.value(program, tool, "answer_cpu_s"))]


def program_table(costs):
  head = ["program", "tool", "wall s", "wall ratio", "CPU ratio",
          "ns an event", "MiB added", "raw B", "packed B", "answer s",
          "answer CPU s"]
  rows = [program_row(costs, program, tool)
          for program, cell in costs.cells.items() for tool in cell]
  return ("## Real programs\n\nRatios to plain; CPU of all processes, helpers"
          " included. The answer:\nrecorded and analysed.\n\n"
          + table(head, rows))


# --------------------------------------------------------------------- bars

def bar_table(bars):
  rows = [[bar.what,
           f"{'at least' if bar.at_least else 'at most'} {bar.limit:.4g}"
           f" {bar.unit}".rstrip(), number(bar.figure), bar.verdict()]
          for bar in bars]
  return "## Bars\n\n" + table(["figure", "bar", "measured", ""], rows)


# ------------------------------------------------------------------ machine

def first_line(*command):
  try:
    done = subprocess.run(command, capture_output=True, check=True)
    return done.stdout.decode().splitlines()[0]
  except (OSError, subprocess.CalledProcessError, IndexError):
    return "unknown"


def processor():
  try:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
      if line.startswith("model name"):
        return line.split(":", 1)[1].strip()
  except OSError:
    pass
  return platform.machine()


def machine(settings, load):
  facts = {
      "processor": f"{processor()}, {os.cpu_count()} of them",
      "kernel": platform.release(),
      "libc": " ".join(platform.libc_ver()),
      "compiler": first_line("c++", "--version"),
      "load average before": " ".join(f"{value:.2f}" for value in load),
      **settings,
  }
  return "## Machine and run\n\n" + table(["", ""], [
      [key, str(value)] for key, value in facts.items()])
