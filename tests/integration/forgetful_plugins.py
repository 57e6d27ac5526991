# SPDX-License-Identifier: Apache-2.0
"""What a library loses that a program of the distribution has loaded is told,
also what it had the program allocate: the built-in suppressions hide what the
program loses itself, and nothing else.

usage: forgetful_plugins.py bash|perl
"""
import sys

from harness import (TARGETS, as_json, check, check_that, need, record, report,
                     scratch)

PLUGIN = TARGETS / "forgetful_plugin.so"

# It ends with 6, and takes the library as its first argument.
SCRIPTS = {
    "bash": """
        if [ "$1" != none ]; then
          enable -f "$1" forget || exit 9
          forget
        fi
        trap 'echo leaving >&2' EXIT
        exit 6
        """,
    "perl": """
        require DynaLoader;
        $ARGV[0] eq "none" or DynaLoader::dl_load_file($ARGV[0])
          or die DynaLoader::dl_error();
        exit 6;
        """,
}


def run(program, plugin):
  script = scratch() / "script"
  script.write_text(SCRIPTS[program])
  ended = record(program, script, plugin, env={"SAGEMEM_LEAK_SCAN": "1"})
  check(f"exit code, {ended.stderr!r}", ended.code, 6)
  return ended.own_trace


def check_verdict(trace, rule, want):
  verdict = report("check", trace, "--check", rule, want=None)
  check(f"verdict on {rule}: {verdict.stdout}", verdict.code, want)


def own_losses(trace, program):
  return [one for one in as_json("leaks", trace)["suppressed"]["suppressions"]
          if one["name"].startswith(f"{program}: ")]


def main(program):
  need(f"/usr/bin/{program}")
  # Without the library nothing is lost, but for what is hidden.
  alone = run(program, "none")
  check_verdict(alone, "leaked.lost.blocks == 0", 0)
  check_that(own_losses(alone, program), "nothing was hidden")
  # With it, it loses some fifty blocks in each of two ways.
  trace = run(program, PLUGIN)
  check_verdict(trace, "leaked.lost.blocks == 0", 1)
  for function in ("forget_own", "forget_by_program"):
    check_verdict(trace, f"within('{function}').leaked.lost.blocks >= 40", 0)
  check_that(own_losses(trace, program), "nothing was hidden beside it")
  # And the second way does lead through the program.
  sites = as_json("leaks", trace, "--top", "0", "--full-stack")["sites"]
  stacks = [stack["frames"] for site in sites for stack in site["call_stacks"]]
  asked = [frames for frames in stacks
           if any(one["function"] == "forget_by_program" for one in frames)]
  check_that(asked, "no stack leads through the function")
  for frames in asked:
    check("who allocates", frames[0]["module"], f"/usr/bin/{program}")


main(sys.argv[1])
