#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Questions to a run that `sagemem-report export sqlite` has put into a
database.  With pandas each is one line, pandas.read_sql(question, run).

usage: query_heap.py RUN.DB
"""
import sqlite3
import sys

QUESTIONS = {
    "Who held the peak":
        "SELECT function, line, peak_bytes, round(percent, 1) AS percent "
        "FROM peak_sites LIMIT 5",
    "Forests that took most for each of their halos":
        "SELECT name, number, value_nhalos AS halos, peak_bytes, "
        "peak_bytes / value_nhalos AS bytes_a_halo FROM scopes_with_values "
        "WHERE halos > 0 ORDER BY bytes_a_halo DESC LIMIT 5",
    "Functions that allocate most, with all that they call":
        "SELECT function, allocations, bytes_allocated FROM functions "
        "ORDER BY bytes_allocated DESC, function LIMIT 5",
    "Stacks whose blocks were never released":
        "SELECT functions, leaked_bytes FROM call_stacks "
        "WHERE leaked_bytes > 0 ORDER BY leaked_bytes DESC LIMIT 5",
}


def show(title, run, question):
  print(f"{title}:")
  try:
    answer = run.execute(question)
  except sqlite3.OperationalError as error:  # no scopes, or none with halos
    print(f"  nothing: {error}")
    return
  print("  " + "  ".join(column[0] for column in answer.description))
  for row in answer:
    print("  " + "  ".join(str(cell) for cell in row))


def main():
  run = sqlite3.connect(f"file:{sys.argv[1]}?mode=ro", uri=True)
  for title, question in QUESTIONS.items():
    show(title, run, question)


if __name__ == "__main__":
  main()
