# SPDX-License-Identifier: Apache-2.0
"""What every integration test needs: run a target plain or recorded, read its
trace through sagemem-report, compare, and say what differs.

A test is a script of some 25 lines.  It passes by running to its end, fails by
check() or fail(), and is skipped (exit 77) by skip().  Each run of a program
gets a fresh directory as its working directory, removed at the end unless
TEST_KEEP is set.  meson.build passes in where things are: TEST_PRELOAD,
TEST_CHECKED, TEST_REPORT, TEST_RUN, TEST_TARGETS, TEST_MINISAGE,
TEST_MAKE_TREES, TEST_PARAMETERS.

Hazard: nothing here may depend on how fast a machine is.  Timeouts are against
hangs alone.
"""
import atexit
import collections
import difflib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

PRELOAD = os.environ["TEST_PRELOAD"]
CHECKED = os.environ.get("TEST_CHECKED")  # the recorder that checks its stacks
REPORT = os.environ["TEST_REPORT"]
TARGETS = Path(os.environ["TEST_TARGETS"])
HANG_SECONDS = 280

# The first line that the recorder writes, and the only one.
OUR_LINE = re.compile(r"^sagemem: .*\n", re.MULTILINE)


# ------------------------------------------------------------------- verdicts

def fail(message):
  print(f"FAILED: {message}", file=sys.stderr)
  sys.exit(1)


def skip(reason):
  print(f"skipped: {reason}")
  sys.exit(77)


def check(what, got, want):
  if got != want:
    fail(f"{what}:\n  got  {got!r}\n  want {want!r}")


def check_that(condition, message):
  if not condition:
    fail(message)


def need(*programs):
  """Skips the test when one of the programs is not installed."""
  for program in programs:
    if shutil.which(program) is None:
      skip(f"{program} is not installed")


# ------------------------------------------------------------------- programs

def target(name):
  return str(TARGETS / f"target_{name}")


def scratch():
  """A fresh directory, removed when the test ends."""
  path = tempfile.mkdtemp(prefix="sagemem-test-")
  if not os.environ.get("TEST_KEEP"):
    atexit.register(shutil.rmtree, path, ignore_errors=True)
  return Path(path)


class Run:
  """What a finished program left behind."""

  def __init__(self, process, directory, stdout, stderr):
    self.pid = process.pid
    self.code = process.returncode  # minus the signal when one ended it
    self.directory = directory
    self.stdout = stdout.decode("utf-8", "surrogateescape")
    self.stderr = stderr.decode("utf-8", "surrogateescape")

  @property
  def traces(self):
    return sorted(self.directory.glob("**/*.smt"))

  @property
  def trace(self):
    traces = self.traces
    check_that(len(traces) == 1,
               f"one trace expected, there are {[t.name for t in traces]}; "
               f"stderr: {self.stderr!r}")
    return traces[0]

  @property
  def own_trace(self):
    """The trace of the process that was started, not of its children."""
    traces = [t for t in self.traces if f".{self.pid}." in t.name]
    check_that(len(traces) == 1, f"one trace of {self.pid} in {self.traces}")
    return traces[0]

  @property
  def claims(self):
    """The key=value pairs that a target says about itself."""
    pairs = re.findall(r"([a-z_]+)=(-?\d+)", self.stdout)
    return {key: int(value) for key, value in pairs}


def environment(changes=None):
  """Ours without what would change the outcome, plus `changes`; a variable
  that is set to None is left out."""
  env = {key: value for key, value in os.environ.items()
         if not key.startswith(("SAGEMEM_", "TEST_", "MALLOC_", "LD_"))}
  env["LC_ALL"] = "C"
  for key, value in (changes or {}).items():
    if value is None:
      env.pop(key, None)
    else:
      env[key] = str(value)
  return env


def plain(*command, env=None, directory=None, seconds=HANG_SECONDS, **options):
  """Runs a program in a session of its own, so that all that it started can
  be ended when it hangs.  `options` go to Popen."""
  directory = Path(directory) if directory else scratch()
  options.setdefault("stdin", subprocess.DEVNULL)
  options.setdefault("stdout", subprocess.PIPE)
  options.setdefault("stderr", subprocess.PIPE)
  process = subprocess.Popen([str(word) for word in command], cwd=directory,
                             env=environment(env), start_new_session=True,
                             **options)
  try:
    stdout, stderr = process.communicate(timeout=seconds)
  except subprocess.TimeoutExpired:
    where = stacks_of_group(process.pid)
    os.killpg(process.pid, signal.SIGKILL)
    fail(f"{command} hangs\n{where}")
  return Run(process, directory, stdout or b"", stderr or b"")


def stacks_of_group(leader):
  """Where the threads of all processes of the session stand."""
  if shutil.which("gdb") is None:
    return "(no gdb to show where)"
  shown = []
  for entry in Path("/proc").glob("[0-9]*"):
    pid = int(entry.name)
    try:
      if os.getsid(pid) != leader:
        continue
    except ProcessLookupError:
      continue
    text = subprocess.run(
        ["gdb", "-batch", "-p", str(pid), "-ex", "thread apply all bt 25"],
        capture_output=True, text=True, timeout=60, check=False).stdout
    shown += [f"--- process {pid}", *re.findall(r"^(?:#|Thread).*", text,
                                                re.MULTILINE)]
  return "\n".join(shown)


def record(*command, env=None, front=(), behind=(), recorder=PRELOAD,
           **options):
  """The same under the recorder; other preloaded libraries may stand in front
  of it or behind it."""
  libraries = [*front, recorder, *behind]
  changes = {"LD_PRELOAD": ":".join(map(str, libraries)), **(env or {})}
  return plain(*command, env=changes, **options)


def unharmed(*command, line=None, env=None, mask=lambda text: text,
             recorder=PRELOAD, **options):
  """Runs a program plain and recorded and demands the same stdout, stderr and
  exit code.  `line`: a pattern for the one line that the recorder is to write;
  None: it must write nothing."""
  without = {key: value for key, value in (env or {}).items()
             if not key.startswith("SAGEMEM_")}
  before = plain(*command, env=without, **options)
  after = record(*command, env=env, recorder=recorder, **options)
  lines = OUR_LINE.findall(after.stderr)
  rest = OUR_LINE.sub("", after.stderr)
  if line is None:
    check(f"lines of the recorder ({command})", lines, [])
  else:
    check(f"number of lines of the recorder {lines}", len(lines), 1)
    check_that(re.search(line, lines[0]), f"{lines[0]!r} does not say {line!r}")
  check(f"exit code of {command}", after.code, before.code)
  check(f"stdout of {command}", mask(after.stdout), mask(before.stdout))
  check(f"stderr of {command}", mask(rest), mask(before.stderr))
  return after


# --------------------------------------------------------------------- traces

def report(*arguments, want=0):
  """Runs sagemem-report; want=None accepts every exit code."""
  result = plain(REPORT, *arguments)
  if want is not None:
    check(f"exit code of sagemem-report {arguments}, which says "
          f"{result.stderr!r}", result.code, want)
  return result


def as_json(*arguments):
  return json.loads(report(*arguments, "--json").stdout)


def summary(trace):
  return as_json("summary", trace)


def events(trace):
  """The events in order, as dump tells them."""
  return as_json("dump", trace)["events"]


def site_counts(trace, *options):
  """How often each function allocated, by its bare name: a destructor is
  "~Cleanup", whatever it is a member of."""
  counts = collections.Counter()
  for site in as_json("sites", trace, "--top", "0", *options)["sites"]:
    name = re.sub(r"\(anonymous namespace\)::|\(.*", "", site["function"])
    counts[name.split("::")[-1]] += site["allocations"]
  return counts


def check_totals(trace, claims, threads=0):
  """The totals are what the target says of itself, and they are exact.  For
  each of its threads the loader allocates one block at the most, a vector for
  thread-local storage; it may keep it for the next thread."""
  result = summary(trace)
  totals = result["totals"]
  extra = totals["allocations"] - claims["allocations"]
  check_that(0 <= extra <= threads, f"{extra} allocations too many")
  freed = totals["frees"] - claims["releases"]
  check_that(0 <= freed <= extra, f"{freed} frees too many")
  bytes_each = (totals["bytes_allocated"] - claims["bytes"]) / max(extra, 1)
  check_that(bytes_each.is_integer() and bytes_each * extra < 1024 * threads + 1
             and (extra > 0 or bytes_each == 0),
             f"{bytes_each} bytes for each of {extra} additional blocks")
  check("leaked blocks", result["leaked"]["blocks"],
        totals["allocations"] - totals["frees"])
  check_exact(result)
  return result


def check_exact(result):
  check_that(result["exact"], f"not exact: {json.dumps(result)[:2000]}")
  check("lost events", result["lost"]["events"], 0)
  check_consistent(result)


def check_consistent(result):
  anomalies = result["anomalies"]
  for name in ("unknown_releases", "duplicate_blocks", "torn_segments"):
    check(name, anomalies[name], 0)


# -------------------------------------------------------------------- goldens

def check_golden(name, lines):
  """Compares with golden/NAME; TEST_APPROVE=1 writes it instead."""
  path = Path(__file__).parent / "golden" / name
  text = "".join(f"{line}\n" for line in lines)
  if os.environ.get("TEST_APPROVE"):
    path.write_text(text)
  difference = difflib.unified_diff(path.read_text().splitlines(),
                                    text.splitlines(), "golden", "now",
                                    lineterm="")
  difference = "\n".join(difference)
  check_that(not difference, f"{name} changed; if that is meant, run this test "
             f"with TEST_APPROVE=1\n{difference}")
