# SPDX-License-Identifier: Apache-2.0
"""So many runs of one program have one verdict under --reproducible, byte for
byte: each in another place of memory, as another process."""
import sys

from gate import BROKEN, NO_ESCAPE, NO_LEAK, minisage, rule, work_place
from harness import check, check_that, plain, REPORT

place = work_place()
(place / "sagemem.toml").write_text(
    rule("leaks", NO_LEAK) + rule("escapes", NO_ESCAPE)
    + rule("peak", "peak.bytes < 1 KiB") + rule("time", "run.time < 1 ns")
    + rule("resident", "resident.peak > 1 B")
    + rule("floor", 'floor("forest").slope < 0 B')
    + rule("category", 'category("Galaxies").peak < 1 MiB')
    + rule("bound", "1 KiB > trace.bytes")
    + rule("both", "peak.time > run.time")
    + rule("least", "leaked.bytes > peak.least")
    + rule("scopes", 'scope("forest").peak < 1 KiB'))
verdicts = set()
for _ in range(int(sys.argv[1])):
  trace = minisage(place, "--leak", "3,7")
  texts = []
  for form in ([], ["--json"]):
    run = plain(REPORT, "check", "--reproducible", *form, trace,
                directory=place)
    check("exit code", run.code, BROKEN)
    texts.append(run.stdout)
  verdicts.add(tuple(texts))
  trace.unlink()
check_that(len(verdicts) == 1,
           f"{len(verdicts)} verdicts:\n" + "\n".join(
               text for texts in sorted(verdicts)[:2] for text in texts))
