#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes the built-in profiles as the definition of built_in_profiles().

usage: embed_profiles.py OUTPUT PROFILE.toml...

A profile is called as its file is.  The texts are written as numbers: the
compiler need not allow string literals of their length.
"""
import sys
from pathlib import Path


def array_of(name, data):
  rows = [", ".join(str(byte) for byte in data[i:i + 16])
          for i in range(0, len(data), 16)]
  return f"constexpr char {name}[] = {{\n" + ",\n".join(rows) + "};\n"


def main():
  output = Path(sys.argv[1])
  profiles = sorted((Path(name) for name in sys.argv[2:]),
                    key=lambda path: path.stem)
  text = "// Made by embed_profiles.py\n"
  text += '#include "rules/built_in.h"\n\n'
  text += "namespace sagemem::rules {\nnamespace {\n"
  entries = []
  for i, path in enumerate(profiles):
    data = path.read_bytes()
    if any(byte > 126 for byte in data):
      sys.exit(f"{path}: not ASCII")
    text += array_of(f"kText{i}", data)
    entries.append(f'{{"{path.stem}", {{kText{i}, sizeof(kText{i})}}}}')
  text += ("constexpr BuiltInProfile kProfiles[] = {\n"
           + ",\n".join(entries) + "};\n")
  text += ("}  // namespace\n"
           "std::span<const BuiltInProfile> built_in_profiles() {\n"
           "  return kProfiles;\n}\n"
           "}  // namespace sagemem::rules\n")
  output.write_text(text)


if __name__ == "__main__":
  main()
