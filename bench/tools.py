# SPDX-License-Identifier: Apache-2.0
"""The profilers that are compared: whether one is installed, how a command runs
under it, what it left behind.

Each tool wraps a command so that the process which the meter starts becomes the
profiled program itself: its peak of resident memory is then its own.  heaptrack
is therefore started as its shell script does it, interpreter and compressor
behind a pipe, but without the script, which would add a quarter of a second.
"""
import json
import shutil
import subprocess
from pathlib import Path

LIBRARY_PLACES = [Path(place) for place in (
    "/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64",
    "/usr/lib", "/usr/local/lib")]
HEAPTRACK = Path("/usr/lib/heaptrack")

# $1 preload library, $2 interpreter, $3 output; the rest is the command.  The
# subshell leaves no child to the command, which might wait for any.
HEAPTRACK_SCRIPT = """
preload=$1 interpreter=$2 output=$3
shift 3
mkfifo "$output.fifo" || exit 126
( { "$interpreter" < "$output.fifo" | zstd -qc > "$output"; } 2> /dev/null & )
exec env LD_PRELOAD="$preload" DUMP_HEAPTRACK_OUTPUT="$output.fifo" "$@"
"""


def find_library(name):
  for place in LIBRARY_PLACES:
    if (place / name).exists():
      return place / name
  return None


class Plain:
  name = "plain"
  # How many times the usual number of pairs a scenario runs: as many as take
  # a like time under every tool.
  scale = 4
  # Runs everything; or, too slow for that, a few things and those once.
  everywhere = True

  def wrap(self, command, _place):
    return ["env", *command]


class Sagemem:
  scale = 4
  everywhere = True

  def __init__(self, name, preload, report):
    self.name = name
    self.preload = Path(preload).resolve()
    self.report = Path(report).resolve()
    # A baseline's report may be from before there was one.
    usage = subprocess.run([self.report, "--help"], check=False,
                           capture_output=True, text=True).stdout
    self.packs = "\n  pack " in usage

  def environment(self, place):
    return [f"SAGEMEM_OUTPUT={place}/%e.%p.smt", "SAGEMEM_PACK=off",
            "SAGEMEM_QUIET=1"]

  def wrap(self, command, place):
    return ["env", f"LD_PRELOAD={self.preload}", *self.environment(place),
            *command]

  def traces(self, place):
    return sorted(place.glob("*.smt"), key=lambda path: path.stat().st_size)

  def analyse(self, place):
    traces = self.traces(place)
    return [self.report, "summary", traces[-1]] if traces else None

  def events(self, place):
    """(events, bytes) of the largest trace."""
    traces = self.traces(place)
    if not traces:
      return None
    found = subprocess.run([self.report, "summary", "--json", traces[-1]],
                           capture_output=True, check=False)
    if found.returncode != 0:
      return None
    count = json.loads(found.stdout)["recording"]["events"]
    return count, traces[-1].stat().st_size

  def packed_bytes(self, place):
    packed = place / "packed.out"
    done = subprocess.run(
        [self.report, "pack", self.traces(place)[-1], "-o", packed],
        capture_output=True, check=False)
    return packed.stat().st_size if done.returncode == 0 else None


class Heaptrack:
  name = "heaptrack"
  scale = 1
  everywhere = True

  def __init__(self):
    self.preload = find_library("heaptrack/libheaptrack_preload.so")
    root = self.preload.parent if self.preload else HEAPTRACK
    self.interpreter = root / "libexec/heaptrack_interpret"

  def installed(self):
    return (self.preload and self.interpreter.exists()
            and shutil.which("heaptrack_print") and shutil.which("zstd"))

  def wrap(self, command, place):
    return ["sh", "-c", HEAPTRACK_SCRIPT, "heaptrack", self.preload,
            self.interpreter, place / "heaptrack.zst", *command]

  def analyse(self, place):
    return ["heaptrack_print", place / "heaptrack.zst"]


class Gperftools:
  name = "gperftools"
  scale = 0.25
  everywhere = False

  def __init__(self):
    self.preload = (find_library("libtcmalloc.so.4") or
                    find_library("libtcmalloc_and_profiler.so.4"))

  def installed(self):
    return self.preload

  def wrap(self, command, place):
    return ["env", f"LD_PRELOAD={self.preload}", f"HEAPPROFILE={place}/heap",
            *command]


class Jemalloc:
  """Its profiler, told to sample every allocation: the others do."""
  name = "jemalloc"
  scale = 0.25
  everywhere = False

  def __init__(self):
    self.preload = find_library("libjemalloc.so.2")

  def installed(self):
    if not self.preload:
      return False
    # A library that was built without the profiler says so.
    done = subprocess.run(
        ["env", f"LD_PRELOAD={self.preload}", "MALLOC_CONF=prof:true", "true"],
        capture_output=True, check=False)
    return done.returncode == 0 and not done.stderr

  def wrap(self, command, place):
    options = ("prof:true,lg_prof_sample:0,prof_final:true,"
               f"prof_prefix:{place}/j")
    return ["env", f"LD_PRELOAD={self.preload}", f"MALLOC_CONF={options}",
            *command]


class Massif:
  name = "massif"
  scale = 0.02
  everywhere = False

  def installed(self):
    return shutil.which("valgrind")

  def wrap(self, command, place):
    words = [index for index, word in enumerate(command)
             if "=" not in str(word)]
    return ["env", *command[:words[0]], "valgrind", "-q", "--tool=massif",
            f"--massif-out-file={place}/massif.out", *command[words[0]:]]


def others():
  """The installed profilers of other projects, and the names of the rest."""
  tools = [Heaptrack(), Gperftools(), Jemalloc(), Massif()]
  found = [tool for tool in tools if tool.installed()]
  return found, [tool.name for tool in tools if tool not in found]
