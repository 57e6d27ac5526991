# SPDX-License-Identifier: Apache-2.0
"""The pieces of examples/ci do what they say: pass a sound program, fail one
that leaks.  Of the workflows, the steps that call sagemem are run as they are
written."""
import os
import shutil
import subprocess
import sys
from pathlib import Path

from gate import BROKEN, HOLDS, UNDECIDED, minisage, says, work_place
from example import MINISAGE
from harness import REPORT, check, check_that, need, plain, scratch, skip

CI = Path(os.environ["TEST_CI"])
RUN = os.environ["TEST_RUN"]

LIBRARY = r"""
#include <stdlib.h>
#include <string.h>
int run_sage(const char* parameters) {
  char* halos = malloc(4096);
  memset(halos, 1, 4096);
  if (strcmp(parameters, "leak") != 0) free(halos);
  return 0;
}
"""
PROGRAM = r"""
#include <stdlib.h>
int run_sage(const char* parameters);
int main(int argc, char** argv) { return argc > 1 ? run_sage(argv[1]) : 9; }
"""


def path_with_tools():
  """A directory with sagemem-run and sagemem-report, in front of PATH."""
  tools = scratch()
  for program in (RUN, REPORT):
    # A script, not a link: they look for the rest beside themselves.
    tool = tools / Path(program).name
    tool.write_text(f'#!/bin/sh\nexec "{program}" "$@"\n')
    tool.chmod(0o755)
  return f"{tools}:{os.environ['PATH']}"


def run(*words, directory, want, **env):
  result = plain(*words, directory=directory, env={"PATH": PATH, **env})
  check(f"exit code of {words}\n{result.stdout}\n{result.stderr}", result.code,
        want)
  return result.stdout + result.stderr


def cmake():
  need("cmake", "ctest", "cc")
  place = scratch()
  shutil.copy(CI / "sagemem.cmake", place)
  (place / "sage.c").write_text(LIBRARY + PROGRAM)
  (place / "rules.toml").write_text(
      "[[rule]]\nname = 'leaks'\ncheck = 'leaked.blocks == 0'\n")
  (place / "CMakeLists.txt").write_text("""
cmake_minimum_required(VERSION 3.18)
project(sage C)
enable_testing()
include(sagemem.cmake)
add_executable(sage sage.c)
sagemem_add_test(NAME sound COMMAND sage small
                 RULES ${CMAKE_SOURCE_DIR}/rules.toml
                 CHECK "peak.bytes < 1 MiB" "exit.code == 0")
sagemem_add_test(NAME leaky COMMAND sage leak
                 RULES ${CMAKE_SOURCE_DIR}/rules.toml)
""")
  run("cmake", "-S", ".", "-B", "build", directory=place, want=0)
  run("cmake", "--build", "build", directory=place, want=0)
  ctest = ["ctest", "--test-dir", "build", "--output-on-failure", "-R"]
  run(*ctest, "sound", directory=place, want=0)
  says(run(*ctest, "leaky", directory=place, want=8), "BROKEN", "run_sage")
  # Without sagemem the tests are skipped, and said to be.
  away = {"CMAKE_IGNORE_PATH": PATH.split(":", maxsplit=1)[0]}
  run("cmake", "-S", ".", "-B", "bare",
      f"-DCMAKE_IGNORE_PATH={away['CMAKE_IGNORE_PATH']}", directory=place,
      want=0)
  run("cmake", "--build", "bare", directory=place, want=0)
  says(run("ctest", "--test-dir", "bare", directory=place, want=0), "Skipped")


def meson():
  need("meson", "ninja", "cc")
  place = scratch()
  (place / "sage.c").write_text(LIBRARY + PROGRAM)
  (place / "sagemem.toml").write_text(
      "[[rule]]\nname = 'leaks'\ncheck = 'leaked.blocks == 0'\n")
  # The second argument is the path of a file, so the program never leaks; one
  # that does is made by another comparison.
  for name, want in (("sound", 0), ("leaky", 1)):
    folder = place / name
    folder.mkdir()
    source = (place / "sage.c").read_text()
    if name == "leaky":
      source = source.replace("!= 0) free", "== 0) free")
    (folder / "sage.c").write_text(source)
    shutil.copy(place / "sagemem.toml", folder)
    (folder / "small.par").write_text("\n")
    (folder / "meson.build").write_text(
        "project('sage', 'c')\nsage = executable('sage', 'sage.c')\n"
        + (CI / "sagemem.meson").read_text())
    run("meson", "setup", "build", directory=folder, want=0)
    run("ninja", "-C", "build", directory=folder, want=0)
    run("meson", "test", "-C", "build", "--no-rebuild", directory=folder,
        want=want)


def pytest():
  if subprocess.run([sys.executable, "-c", "import pytest"], check=False,
                    capture_output=True).returncode != 0:
    skip("no python3-pytest")
  need("cc")
  place = scratch()
  shutil.copy(CI / "test_memory.py", place)
  (place / "sage.c").write_text(LIBRARY)
  run("cc", "-g", "-shared", "-fPIC", "-o", "libsage.so", "sage.c",
      directory=place, want=0)
  words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider",
           "test_memory.py"]
  says(run(*words, directory=place, want=0, SAGE_PARAMETERS="small"),
       "2 passed")
  says(run(*words, directory=place, want=1, SAGE_PARAMETERS="leak"),
       "1 failed, 1 passed", "sage.c:5")
  # By another name.
  (place / "libsage.so").rename(place / "libgalaxies.so")
  says(run(*words, directory=place, want=1, SAGE_PARAMETERS="leak",
           SAGE_LIBRARY="./libgalaxies.so"), "1 failed, 1 passed", "sage.c:5")


def slurm():
  place = work_place()
  shutil.copy(CI / "sagemem.toml", place)
  words = ["sh", CI / "slurm-epilogue.sh"]
  job = {"SLURM_JOB_ID": "42", "SLURM_NTASKS": "2", "SAGEMEM_TRACES": "."}
  says(run(*words, directory=place, want=UNDECIDED, **job),
       "no trace of rank 0 of job 42")
  minisage(place).rename(place / "run.42.0.smt")
  # What a rank has started is no other rank.
  minisage(place).rename(place / "run.42.0.1.smt")
  says(run(*words, directory=place, want=UNDECIDED, **job),
       "no trace of rank 1 of job 42")
  says(run(*words, "1", directory=place, want=HOLDS, **job), "rules hold")
  minisage(place).rename(place / "run.42.1.smt")
  says(run(*words, "3", directory=place, want=UNDECIDED, **job),
       "no trace of rank 2 of job 42")
  says(run(*words, directory=place, want=HOLDS, **job), "rules hold")
  minisage(place, "--leak", "3").rename(place / "run.42.1.smt")
  says(run(*words, directory=place, want=BROKEN, **job),
       "sage_per_forest.c:42")
  says((place / "run.42.verdict.txt").read_text(), "BROKEN")


def steps_of(workflow, scripts, sound_env):
  """Runs the scripts of a workflow on a sound program and on one that leaks."""
  for options, want in (([], HOLDS), (["--leak", "3"], BROKEN)):
    place = work_place()
    shutil.copy(CI / "sagemem.toml", place)
    env = {**sound_env,
           "COMMAND": " ".join([MINISAGE, "minisage.par", *options]),
           "GITHUB_STEP_SUMMARY": str(place / "summary.md")}
    *before, last = scripts
    for script in before:
      run("bash", "-e", "-o", "pipefail", "-c", script, directory=place,
          want=0, **env)
    text = run("bash", "-e", "-o", "pipefail", "-c", last, directory=place,
               want=want, **env)
    says(text, "Verdict")
    check_that((place / "memory.md").stat().st_size > 100,
               f"{workflow}: no summary")


def load_yaml(name):
  try:
    import yaml
  except ImportError:
    skip("no python3-yaml")
  return yaml.safe_load((CI / name).read_text())


def github():
  workflow = load_yaml("github-workflow.yml")
  steps = {step["name"]: step["run"]
           for step in workflow["jobs"]["memory"]["steps"] if "run" in step}
  check("steps", list(steps), ["install", "build", "record", "check",
                               "summary"])
  steps_of("github", [steps["record"], steps["check"]], workflow["env"])


def gitlab():
  job = load_yaml("gitlab-ci.yml")["memory"]
  steps_of("gitlab", job["script"], job["variables"])
  reports = job["artifacts"]["reports"]
  for name in reports.values():
    check_that(name in job["script"][1], f"{name} is written by nobody")


PATH = path_with_tools()
PARTS = {function.__name__: function
         for function in (cmake, meson, pytest, slurm, github, gitlab)}
PARTS[sys.argv[1]]()
