# SPDX-License-Identifier: Apache-2.0
"""One run of a command under a tool, and medians of runs that alternate.

Tools take turns within each round, so that a machine which slows down for a
while slows them all; medians over the rounds then forget it.  What compares two
tools compares them within each round, and is the median of that: a machine that
is twice as slow in one round as in the next would else compare the slow runs of
one with the fast ones of the other.
"""
import json
import os
import shutil
import signal
import statistics
import subprocess
import tempfile
from pathlib import Path

# Against hangs alone.
LIMIT_SECONDS = 600


class Failed(Exception):
  """A command did not do what it should have."""


class Meter:
  def __init__(self, program, scratch):
    self.program = Path(program).resolve()
    self.scratch = Path(scratch)

  def fresh_place(self):
    return Path(tempfile.mkdtemp(dir=self.scratch))

  def run(self, command, directory):
    """{wall_s, all_wall_s, cpu_s, all_cpu_s, peak_kib, output}"""
    handle, name = tempfile.mkstemp(dir=self.scratch)
    os.close(handle)
    words = [str(word) for word in [self.program, name, *command]]
    # A session of its own: a hang must not leave the children behind.
    with subprocess.Popen(words, cwd=directory, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          start_new_session=True) as process:
      try:
        output, _ = process.communicate(timeout=LIMIT_SECONDS)
      except subprocess.TimeoutExpired as error:
        os.killpg(process.pid, signal.SIGKILL)
        raise Failed(f"hangs: {' '.join(words[2:])}") from error
      except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        raise
    if process.returncode != 0:
      raise Failed(f"exit code {process.returncode}: {' '.join(words[2:])}")
    result = json.loads(Path(name).read_text())
    os.unlink(name)
    result["output"] = output.decode("utf-8", "replace")
    return result

  def run_under(self, tool, command, directory, look=None):
    """As run(); look(place, result) sees what the tool wrote before it goes."""
    place = self.fresh_place()
    try:
      result = self.run(tool.wrap(command, place), directory or place)
      if look:
        look(place, result)
      return result
    finally:
      shutil.rmtree(place, ignore_errors=True)


class Medians(dict):
  """{key: median} over runs, which are kept; what is no number is left out."""

  def __init__(self, runs):
    super().__init__(median_of(runs))
    self.runs = runs


def compared(compare, key, *medians):
  """The median over the rounds of compare() of each one's `key` in the round;
  None where there is nothing to compare."""
  if not medians or any(one is None for one in medians):
    return None
  rounds = zip(*(one.runs for one in medians))
  figures = [compare(*(run[key] for run in runs)) for runs in rounds
             if all(key in run for run in runs)]
  return statistics.median(figures) if figures else None


def median_of(results):
  numbers = {}
  for result in results:
    for key, value in result.items():
      if isinstance(value, (int, float)):
        numbers.setdefault(key, []).append(value)
  return {key: statistics.median(values) for key, values in numbers.items()}


def alternate(rounds, tools, run_once, say):
  """{tool name: Medians of run_once(tool)}; a tool that fails drops out."""
  results = {tool.name: [] for tool in tools}
  broken = set()
  for number in range(rounds):
    # Every other round backwards: nobody always runs after the same one.
    for tool in tools if number % 2 == 0 else reversed(tools):
      if tool.name in broken or (number > 0 and not tool.everywhere):
        continue
      try:
        results[tool.name].append(run_once(tool))
      except Failed as error:
        say(f"{tool.name} failed, {error}")
        broken.add(tool.name)
  return {name: Medians(runs) for name, runs in results.items()
          if runs and name not in broken}
