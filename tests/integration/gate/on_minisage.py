# SPDX-License-Identifier: Apache-2.0
"""The gate on the example: a sound run passes, a planted defect fails with the
line that it comes from, and what is not the record of a whole run never
passes."""
import json
import os
import signal
import sys
from pathlib import Path

from example import command
from gate import (BROKEN, HOLDS, NO_ESCAPE, NO_LEAK, UNDECIDED, WRONG, checked,
                  minisage, rule, says, work_place)
from harness import check, check_that, plain, record, report, REPORT

ROOT = Path(os.environ["TEST_CI"]).parent.parent
RULES = (rule("nothing is leaked", NO_LEAK, "hint = 'free it'")
         + rule("no forest leaves blocks behind", NO_ESCAPE)
         + rule("the floor stays", 'floor("forest").drift <= 1 KiB',
                """when = 'scope("forest").count >= 20'""")
         + rule("the table has room", 'limit("blocks of mymalloc").share < 80 %'
                " or limit(\"mymalloc blocks\").share < 80 %"
                " or wrapper(\"mymalloc\").live_blocks < 1024",
                "severity = 'warning'"))


def sound(place):
  trace = minisage(place)
  (place / "sagemem.toml").write_text(RULES)
  says(checked(place, trace, want=HOLDS), "complete", "all rules hold",
       "exit code 0")
  says(checked(place, trace, "--check", "peak.bytes > 1 GiB", want=BROKEN),
       "peak.bytes > 1 GiB", "more than 1.0 GiB")


def leak(place):
  """Forests 3 and 7 return early from sage_per_forest."""
  trace = minisage(place, "--leak", "3,7")
  (place / "sagemem.toml").write_text(RULES)
  text = checked(place, trace, "--source-root", ROOT, want=BROKEN)
  says(text, "BROKEN     nothing is leaked", "leaked.blocks == 0",
       "sage_per_forest.c:42", "forest.halo_gal = mymalloc(", "hint: free it",
       "BROKEN     no forest leaves blocks behind", "exit code 1")
  escaped = text[text.index("no forest leaves"):]
  says(escaped, "forest 3 (4), 7 (4)", "in 2 blocks  sage_per_forest")
  says(checked(place, trace, "--check", 'site("*load_forest*").leaked == 0',
               want=BROKEN), "load_forest.c:")
  # A warning is shown, and passes.
  (place / "mild.toml").write_text(
      rule("no leak", NO_LEAK, "severity = 'warning'"))
  says(checked(place, trace, "--rules", "mild.toml", want=HOLDS),
       "warning    no leak", "exit code 0")


def peak(place):
  """A forest that reserves far too much, beside the baseline of sound runs."""
  sound_traces = [minisage(place) for _ in range(3)]
  huge = minisage(place, "--huge", "7,50")
  leaky = minisage(place, "--leak", "3")
  report("baseline", "write", *sound_traces, "-o", place / "baseline.toml")
  (place / "sagemem.toml").write_text(
      "baseline = 'baseline.toml'\n"
      + rule("the peak", "peak.bytes <= baseline.peak.bytes + 5 %")
      + rule("new leaks", "leaked.new_sites == 0"))
  checked(place, *sound_traces, want=HOLDS)
  text = checked(place, huge, want=BROKEN)
  says(text, "peak.bytes <= baseline.peak.bytes + 5 %", "more by",
       "sage_per_forest.c:4")
  says(checked(place, leaky, want=BROKEN), "BROKEN     new leaks", "new, ",
       "load_forest")
  baseline = (place / "baseline.toml").read_text()
  (place / "other.toml").write_text(
      baseline.replace('program = "minisage"', 'program = "sage"'))
  run = plain(REPORT, "check", huge, "--baseline", "other.toml",
              directory=place)
  check("exit code with another's baseline", run.code, BROKEN)
  says(run.stderr, "other.toml is a baseline of sage, this is minisage")
  run = plain(REPORT, "check", huge, "--follow", directory=place)
  check("exit code of following", run.code, WRONG)
  again = report("baseline", "write", *reversed(sound_traces)).stdout
  check_that(again == baseline, f"not stable:\n{baseline}\n{again}")
  parts = []
  for number, trace in enumerate(sound_traces):
    parts.append(place / f"part.{number}.toml")
    report("baseline", "write", trace, "-o", parts[-1])
  merged = report("baseline", "merge", *parts).stdout
  check_that(merged == baseline, f"not mergeable:\n{baseline}\n{merged}")
  check_that(len(baseline) < 16384, f"{len(baseline)} bytes are not small")


def incomplete(place):
  """Killed, cut short, stopped at a limit, damaged: never green."""
  aborted = minisage(place, "--abort-at", "5")
  says(checked(place, aborted, "--check", "peak.bytes < 1 TiB", want=UNDECIDED),
       "INCOMPLETE", "did not come to its end", "exit code 3")
  says(checked(place, aborted, "--check", "exit.code == 0", want=BROKEN),
       "134", "exit code 1")
  says(checked(place, aborted, "--check", "lost.events == 0", want=UNDECIDED),
       "1 incomplete recording")
  (place / "when.toml").write_text(
      rule("only of good runs", "peak.bytes < 1 TiB",
           "when = 'exit.code == 0'"))
  says(checked(place, aborted, "--rules", "when.toml", want=UNDECIDED),
       "skipped")
  checked(place, aborted, "--check", "exit.code == 134", want=HOLDS)
  limited = place / "limited"
  limited.mkdir()
  run = record(sys.executable, "-c",
               "x = [[i] for i in range(300000)]", directory=limited,
               env={"SAGEMEM_MAX_BYTES": "262144", "PYTHONMALLOC": "malloc"})
  says(checked(place, run.own_trace, "--check", "peak.bytes < 1 TiB",
               want=UNDECIDED), "recording stopped", "SAGEMEM_MAX_BYTES")
  whole = minisage(place)
  damaged = bytearray(whole.read_bytes())
  for at in range(65536 + 200, 65536 + 300):
    damaged[at] ^= 0x55
  (place / "damaged.smt").write_bytes(damaged)
  checked(place, "damaged.smt", "--check", "peak.bytes < 1 TiB",
          want=UNDECIDED)
  (place / "none.smt").write_bytes(b"no trace at all")
  text = checked(place, "none.smt", whole, "--check", NO_LEAK, want=UNDECIDED)
  says(text, "Unreadable", "ok         " + NO_LEAK)
  checked(place, "missing.smt", "--check", NO_LEAK, want=UNDECIDED)
  run = plain(REPORT, "baseline", "write", aborted, directory=place)
  check_that(run.code == UNDECIDED and "no baseline" in run.stderr,
             f"{run.code} {run.stderr}")
  check_that(run.stdout == "", "a baseline of an aborted run")
  checked(place, whole, want=WRONG)  # there is no sagemem.toml
  running = plain("sh", "-c", "kill -KILL $$")
  check_that(running.code == -signal.SIGKILL, "no signal")


def closed(place):
  """A reader that has gone does not make a broken rule one that holds."""
  trace = minisage(place, "--leak", "3")
  reading, writing = os.pipe()
  os.close(reading)
  run = plain(REPORT, "check", trace, "--check", NO_LEAK, "--junit", "v.xml",
              "--sarif", "v.sarif", directory=place, stdout=writing)
  check("exit code without a reader", (run.code, run.stderr), (BROKEN, ""))
  says((place / "v.xml").read_text(), "<failure ")
  says((place / "v.sarif").read_text(), '"ruleId"')
  run = plain(REPORT, "check", trace, "--check", "exit.code == 0",
              directory=place, stdout=writing)
  check("exit code of one that holds", run.code, HOLDS)
  run = plain(os.environ["TEST_RUN"], "--quiet", "--no-report", "--check",
              NO_LEAK, "--", *command("--leak", "3"), directory=place,
              stderr=writing)
  check("exit code in one step", run.code, BROKEN)
  os.close(writing)


def suppressed(place):
  """What is hidden is told, and what hides nothing."""
  place.joinpath("own.supp").write_text("leak:load_forest\nleak:nobody\n")
  trace = minisage(place, "--leak", "3")
  all_of_it = "leaked.blocks == 4"
  text = checked(place, trace, "--check", all_of_it, "--suppressions",
                 "own.supp", "--check", "leaked.unsuppressed.blocks < 4",
                 "--check", "leaked.suppressed.blocks > 0", want=HOLDS)
  says(text, "suppressed ", "load_forest  (own.supp:1)",
       "unused     nobody  (own.supp:2)")
  run = plain(REPORT, "check", trace, "--json", "--check", all_of_it,
              "--suppressions", "own.supp", directory=place)
  used, unused = json.loads(run.stdout)["traces"][0]["suppressions"]
  check_that(used["blocks"] > 0 and used["line"] == 1, used)
  check("unused", (unused["blocks"], unused["stacks"]), (0, 0))


def classes(place):
  """What the blocks of single forests are, with a leak scan."""
  record(*command("--leak", "3,7"), directory=place,
         env={"SAGEMEM_LEAK_SCAN": "1"})
  (trace,) = place.glob("*.smt")
  checks = ['scope("forest").leaked.unsuppressed.blocks == 8',
            'scope("forest", 5).leaked.unsuppressed == 0',
            'scope("forest").leaked.lost.blocks + '
            'scope("forest").leaked.reachable.blocks == 8']
  checks += [f'scope("forest", {number}).leaked.lost.blocks + '
             f'scope("forest", {number}).leaked.reachable.blocks == 4'
             for number in (3, 7)]
  checked(place, trace, *(word for one in checks for word in ("--check", one)),
          want=HOLDS)
  text = checked(place, trace, "--check",
                 'scope("forest", 7).leaked.unsuppressed == 0', want=BROKEN)
  says(text, "sage_per_forest.c:42")
  text = checked(place, minisage(place), "--check",
                 'scope("forest").leaked.lost == 0', want=UNDECIDED)
  says(text, "recorded without SAGEMEM_LEAK_SCAN=1")


def several(place):
  """Ranks of one job: one that leaks fails all, and is named."""
  traces = [minisage(place), minisage(place, "--leak", "3"), minisage(place)]
  text = checked(place, *traces, "--check", NO_LEAK, want=BROKEN)
  says(text, *(trace.name for trace in traces), "2 of 3 rules hold, 1 broken")


PARTS = {function.__name__: function
         for function in (sound, leak, peak, incomplete, closed, suppressed,
                          classes, several)}
PARTS[sys.argv[1]](work_place())
