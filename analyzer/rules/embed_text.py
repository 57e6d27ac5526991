#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Writes a text file as the definition of the function that returns it.

usage: embed_text.py OUTPUT INPUT HEADER FUNCTION

The text is written as numbers: the compiler need not allow string literals of
its length.
"""
import sys
from pathlib import Path


def main():
  output, source, header, function = sys.argv[1:]
  data = Path(source).read_bytes()
  if any(byte > 126 for byte in data):
    sys.exit(f"{source}: not ASCII")
  rows = [", ".join(str(byte) for byte in data[i:i + 16])
          for i in range(0, len(data), 16)]
  Path(output).write_text(
      "// Made by embed_text.py\n"
      f'#include "{header}"\n\n'
      "namespace sagemem::rules {\nnamespace {\n"
      "constexpr char kText[] = {\n" + ",\n".join(rows) + "};\n"
      "}  // namespace\n"
      f"std::string_view {function}() {{\n"
      "  return {kText, sizeof(kText)};\n}\n"
      "}  // namespace sagemem::rules\n")


if __name__ == "__main__":
  main()
