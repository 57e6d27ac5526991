# SPDX-License-Identifier: Apache-2.0
"""minisage alone: its output does not depend on the run or on the defects that
are planted, its books balance, and what it writes has the documented shape."""
import struct

from example import FORESTS, account_in, command, galaxies_in, work_place
from harness import check, check_that, plain

place = work_place()
ROW = 68


def run(*options, code=0):
  result = plain(*command(*options), directory=place)
  check(f"exit code of minisage {options}, which says {result.stderr!r}",
        result.code, code)
  return account_in(place)


sound = run()
galaxies = galaxies_in(place)
check("frees of a sound run", sound["frees"], sound["allocations"])
check("leaks of a sound run", sound["leaks"], [])
check("galaxy files", len(galaxies), 4)
for name, content in galaxies.items():
  forests, total = struct.unpack_from("<2i", content)
  check(f"forests of {name}", forests, FORESTS)
  counts = struct.unpack_from(f"<{forests}i", content, 8)
  check(f"galaxies of {name}", sum(counts), total)
  check(f"size of {name}", len(content), 4 * (2 + forests) + ROW * total)
check_that(len(galaxies["model_z0.000_0"]) > ROW * FORESTS, "galaxies missing")

for options in [[], ["--leak", "3,7"], ["--leak-every", 10], ["--growth", 50],
                ["--temporary", 5], ["--huge", "7,50"]]:
  account = run(*options)
  check_that(galaxies_in(place) == galaxies, f"{options} changes the galaxies")
  check(f"books of {options}", account["allocations"] - account["frees"],
        account["leaked_blocks"])

account = run("--leak", "3,7")
check("leaks", [(leak["forest"], leak["blocks"]) for leak in account["leaks"]],
      [(3, 4), (7, 4)])
check("bytes", sum(leak["bytes"] for leak in account["leaks"]),
      account["leaked_bytes"])
check("forests", [leak["forest"] for leak in run("--leak-every", 10)["leaks"]],
      list(range(0, FORESTS, 10)))
check_that(run("--huge", "7,50")["high_mark_bytes"] >
           10 * sound["high_mark_bytes"], "--huge is not")
check_that(run("--growth", 50)["reallocations"] >
           10 * sound["reallocations"], "--growth does not")
run("--abort-at", 5, code=-6)
run("--leak", "x", code=2)
