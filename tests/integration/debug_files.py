# SPDX-License-Identifier: Apache-2.0
"""Lines are found in separate debug files, by each way that there is, and in
none that is not the right one; and nobody is asked over the network who was not
named."""
import http.server
import os
import shutil
import subprocess
import threading
from pathlib import Path

from harness import (REPORT, as_json, check, check_that, need, plain, record,
                     scratch)

need("gcc", "objcopy", "strip", "readelf")
SOURCE = """#include <stdlib.h>
void *kept[3];
__attribute__((noinline)) void keep(int i) {
  kept[i] = malloc(1000);
}
int main(void) {
  for (int i = 0; i < 3; ++i) keep(i);
  return 0;
}
"""
PLACE = ("keep", "keeper.c", 4)
place = scratch()


def run(*command, **options):
  subprocess.run([str(word) for word in command], check=True, **options)


def build(name, *options):
  """A stripped program, and its debug file, both in a directory of `name`."""
  home = place / name
  home.mkdir()
  (home / "keeper.c").write_text(SOURCE)
  run("gcc", "-g", "-O1", *options, "keeper.c", "-o", "full", cwd=home)
  run("objcopy", "--only-keep-debug", "full", "keeper.debug", cwd=home)
  run("strip", "-o", "keeper", "full", cwd=home)
  run("objcopy", "--add-gnu-debuglink=keeper.debug", "keeper", cwd=home)
  (home / "full").unlink()
  (home / "keeper.c").unlink()
  return home


def build_id(program):
  notes = subprocess.run(["readelf", "-n", program], capture_output=True,
                         text=True, check=True).stdout
  return notes.split("Build ID: ")[1].split()[0]


def places(trace, *options, env=None):
  result = plain(REPORT, "sites", "--json", trace, *options, env=env)
  check(f"exit code, with {result.stderr!r}", result.code, 0)
  import json
  return {(site["function"], Path(site["file"] or "-").name, site["line"])
          for site in json.loads(result.stdout)["sites"]
          if site["bytes_allocated"] == 3000}


def found(what, trace, *options, env=None):
  check(what, places(trace, *options, env=env), {PLACE})


def lost(what, trace, *options, env=None):
  got = places(trace, *options, env=env)
  check_that(PLACE not in got and len(got) == 1, f"{what}: {got}")


def take(file, target):
  """Moves a file, making directories for it."""
  target.parent.mkdir(parents=True, exist_ok=True)
  return Path(shutil.move(file, target))


home = build("named", "-Wl,--build-id=sha1")
trace = record(home / "keeper", directory=home).trace
debug = home / "keeper.debug"
found("beside the program", trace)
debug = take(debug, home / ".debug/keeper.debug")
found("in .debug", trace)
debug = take(debug, place / "away.debug")
lost("nowhere", trace)

# -------------------------------------------------------------------- sysroot

root = place / "root"
inside = root / "usr/lib/debug"
identity = build_id(home / "keeper")
by_id = inside / ".build-id" / identity[:2] / (identity[2:] + ".debug")
debug = take(debug, by_id)
lost("not without the option", trace)
found("by build id", trace, "--sysroot", root)
debug = take(debug, Path(f"{inside}{home}/keeper.debug"))
found("by path", trace, "--sysroot", root)
program = take(home / "keeper", Path(f"{root}{home}/keeper"))
lost("a program that has gone", trace)
found("the program there, too", trace, "--sysroot", f"{root}/")
debug = take(debug, by_id)
kept = take(program, place / "kept")
found("the debug file alone", trace, "--sysroot", root)
info = as_json("info", trace, "--sysroot", root)
check("info", [module["symbols"] for module in info["modules"]
               if module["path"].endswith("/keeper")], ["lines"])
take(kept, home / "keeper")

# ----------------------------------------------------------- another's files

other = build("other", "-Wl,--build-id=0x1234567890")
take(other / "keeper.debug", home / "keeper.debug")
lost("of another build", trace)
(home / "keeper.debug").unlink()
take(other / "keeper", Path(f"{root}{home}/keeper"))
found("another build in the sysroot, and the right one here", trace,
      "--sysroot", root)

bare = build("bare", "-Wl,--build-id=none")
bare_trace = record(bare / "keeper", directory=bare).trace
found("without a build id", bare_trace)
debug_bytes = (bare / "keeper.debug").read_bytes()
target = Path(f"{inside}{bare}/keeper.debug")
bare_debug = take(bare / "keeper.debug", target)
found("by checksum", bare_trace, "--sysroot", root)
bare_debug.write_bytes(debug_bytes + b"\0")
lost("a checksum that does not fit", bare_trace, "--sysroot", root)

# -------------------------------------------------------------------- servers

asked = []


class Server(http.server.BaseHTTPRequestHandler):
  def do_GET(self):
    asked.append(self.path)
    is_it = self.path == f"/buildid/{identity}/debuginfo"
    self.send_response(200 if is_it else 404)
    self.end_headers()
    if is_it:
      self.wfile.write(by_id.read_bytes())

  def log_message(self, *_):
    pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server)
threading.Thread(target=server.serve_forever, daemon=True).start()
caches = {"DEBUGINFOD_CACHE_PATH": str(place / "cache"), "HOME": str(place)}
lost("nobody was named", trace, env={**caches, "DEBUGINFOD_URLS": None})
check("asked", asked, [])
if any(Path(folder).glob("libdebuginfod.so.1")
       for folder in ("/usr/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib")):
  url = f"http://127.0.0.1:{server.server_port}"
  found("by a server", trace, env={**caches, "DEBUGINFOD_URLS": url})
  check_that(f"/buildid/{identity}/debuginfo" in asked, f"asked: {asked}")
server.shutdown()
