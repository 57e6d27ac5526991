# SPDX-License-Identifier: Apache-2.0
"""The same from C++, where an exception ends a scope, and from Fortran."""
from pathlib import Path

from harness import as_json, check, skip, target, unharmed


def scopes(name):
  found = as_json("scopes", unharmed(target(name)).trace)["scopes"]
  return sorted(found, key=lambda scope: scope["number"])


guarded = scopes("markers_guard")
check("guarded", [scope["number"] for scope in guarded], [0, 1, 2, 3])
check("escaped", [scope["escaped_blocks"] for scope in guarded[:2]], [0, 0])

if not Path(target("markers_fortran")).exists():
  skip("no Fortran compiler")
forests = scopes("markers_fortran")
check("forests", [scope["number"] for scope in forests], [1, 2, 3])
check("halos", [scope["captured"]["nhalos"] for scope in forests],
      [1000, 2000, 3000])
check("peaks", [scope["peak_bytes"] for scope in forests],
      [4000, 8000, 12000])
