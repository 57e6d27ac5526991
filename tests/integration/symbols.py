# SPDX-License-Identifier: Apache-2.0
"""libsagemem.so exports the functions that it stands in front of and nothing
else, above all nothing of libunwind; it imports no allocator function by name
(they are looked up) and needs the C library alone."""
import re
import subprocess

from harness import PRELOAD, check, check_golden, need

need("nm", "readelf")


def output_of(*command):
  return subprocess.run(command, check=True, capture_output=True,
                        text=True).stdout


def symbols(kind):
  lines = output_of("nm", "-D", kind, PRELOAD).splitlines()
  return sorted({line.split()[-1].split("@")[0] for line in lines})


check_golden("exported_symbols.txt", symbols("--defined-only"))
check_golden("imported_symbols.txt", symbols("--undefined-only"))
needed = re.findall(r"NEEDED.*\[(.+)\]", output_of("readelf", "-d", PRELOAD))
check("needed libraries", sorted(set(needed) - {"ld-linux-x86-64.so.2"}),
      ["libc.so.6"])
