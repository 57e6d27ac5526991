# SPDX-License-Identifier: Apache-2.0
"""Forests of which the program's functions say nothing: a variable and the
allocation that comes with each of its values tell which, from where and until
when; also the first of a file."""
from harness import as_json, check, check_that, report, target, unharmed

RULE = ("forest = load_tree .. free_tree (number=arg1);"
        "forest = each my_malloc (number=TreeID:i32, file=FileNum:i32,"
        " nhalos=*TreeNHalos[TreeID]:i32)")


def halos_of(file, tree):
  return 100 * (file + 1) + 10 * tree


for files, trees in ((1, 40), (3, 5), (2, 3)):
  run = unharmed(target("each_forest"), files, trees,
                 env={"SAGEMEM_SCOPES": RULE})
  found = as_json("scopes", "--top", "0", "--sort", "begin", run.trace)
  forests = [scope for scope in found["scopes"] if scope["name"] == "forest"]
  wanted = [(file, tree) for file in range(files) for tree in range(trees)]
  check("numbers", [scope["number"] for scope in forests],
        [tree for _, tree in wanted])
  captured = [{one["name"]: one["value"] for one in scope["captured"]}
              if isinstance(scope["captured"], list) else scope["captured"]
              for scope in forests]
  check("files", [one["file"] for one in captured],
        [file for file, _ in wanted])
  check("halos", [one["nhalos"] for one in captured],
        [halos_of(*one) for one in wanted])
  # The realloc has both its blocks for a moment, but not in the trace.
  check("peaks", [scope["peak_bytes"] for scope in forests],
        [halos_of(*one) * 120 + 48 for one in wanted])
  check("escaped", [scope["escaped_blocks"] for scope in forests],
        [0] * len(wanted))
  check("endings", {scope["ending"] for scope in forests}, {"closed"})
  text = report("scopes", run.trace).stdout
  check_that("entry-only at my_malloc, one for each new number" in
             " ".join(text.split()), text)
