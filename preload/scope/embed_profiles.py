# SPDX-License-Identifier: Apache-2.0
"""The scopes, labels and notes of the built-in profiles, as the text that
SAGEMEM_SCOPES would hold, in a header for the recorder.

usage: embed_profiles.py HEADER PROFILE.toml...
"""
import sys
import tomllib
from pathlib import Path

HEAD = """// Made by embed_profiles.py.
#pragma once

#include "scope/profiles.h"

namespace sagemem {

inline constexpr Profile kBuiltInProfiles[] = {
"""
TAIL = """};

}  // namespace sagemem
"""


def scope_rule(scope):
  if "function" in scope:
    functions = scope["function"]
  elif "each" in scope:
    functions = "each " + ", ".join(scope["each"])
  else:
    functions = f"{scope['begin']} .. {scope['end']}"
  # The number comes first, wherever the profile has it.
  captures = sorted(scope.get("capture", {}).items(),
                    key=lambda item: item[0] != "number")
  values = ", ".join(f"{name} = {source}" for name, source in captures)
  process = " process" if scope.get("process_wide", False) else ""
  return f"scope {scope['name']} = {functions}" + \
      (f" ({values})" if values else "") + process


def rules_of(profile):
  for scope in profile.get("scope", []):
    yield scope_rule(scope)
  for note in profile.get("note", []):
    yield f"note {note['name']} = {note['function']} ({note['read']})"
  for label in profile.get("label", []):
    functions = ", ".join(label["functions"])
    yield f"label {label['name']} = {functions} ({label['read']})"


def quoted(text):
  return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def entry(profile):
  lines = "\n".join("     " + quoted(rule + "\n") for rule in rules_of(profile))
  lines = lines.replace("\n\"", "\\n\"")
  return (f"    {{{quoted(profile['name'])},\n"
          f"     {quoted(' '.join(profile['requires']))},\n{lines}}},\n")


def main():
  profiles = [tomllib.loads(Path(name).read_text()) for name in sys.argv[2:]]
  entries = [entry(profile) for profile in profiles
             if profile.get("requires") and list(rules_of(profile))]
  Path(sys.argv[1]).write_text(HEAD + "".join(entries) + TAIL)


main()
