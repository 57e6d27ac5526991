# SPDX-License-Identifier: Apache-2.0
"""Rules and baselines that are malformed in two hundred ways: exit code 2,
with file, line and column, and no verdict.  The ways are made from files that
are all right: a character less, another one, a line less, lines in another
place.  What is all right still after that does not count."""
import random
import re

from gate import HOLDS, WRONG, minisage, work_place
from harness import check, check_that, plain, report, REPORT

WAYS = 200
RULES = """baseline = "baseline.toml"

[[rule]]
name = "one"
check = 'leaked.blocks == 0 and (peak.bytes <= 1 GiB or not 1 == 2)'

[[rule]]
name = "two"
check = ["peak.bytes <= baseline.peak.bytes + 5 %",
         "max(scope(\\"forest\\").peak) < 512 MiB"]
when = 'scope("forest", 3).count >= 0'
severity = "warning"
hint = "free it"
"""
# Refused, or taken with the same meaning or another: never anything else.
PLACE = re.compile(r"^sagemem-report: (\S+\.toml):([1-9]\d*):([1-9]\d*): \S")
NOISE = "\"'[](){}=.,#\\\n\t x0%<>!+-*/\x00\x80\u00e9"


def changed(text, rng):
  at = rng.randrange(len(text))
  way = rng.randrange(6)
  if way == 0:
    return text[:at] + text[at + 1:]
  if way == 1:
    return text[:at] + rng.choice(NOISE) + text[at + 1:]
  if way == 2:
    return text[:at] + rng.choice(NOISE) + text[at:]
  if way == 3:
    return text[:at]
  lines = text.split("\n")
  line = rng.randrange(len(lines))
  if way == 4:
    del lines[line]
  else:
    lines.insert(rng.randrange(len(lines)), lines[line])
  return "\n".join(lines)


def verdict(place):
  return plain(REPORT, "check", "--rules", "rules.toml", "--rules-only",
               directory=place)


def count_refused(place, name, text, wanted, rng):
  refused = 0
  for _ in range(20 * wanted):
    if refused == wanted:
      return
    mangled = changed(text, rng)
    (place / name).write_text(mangled, encoding="utf-8")
    run = verdict(place)
    if run.code == HOLDS:
      continue
    check(f"exit code for {mangled!r}, which says {run.stderr!r}", run.code,
          WRONG)
    check("output", run.stdout, "")
    place_of = PLACE.match(run.stderr)
    check_that(place_of, f"no place in {run.stderr!r} for {mangled!r}")
    line, lines = int(place_of.group(2)), mangled.count("\n") + 1
    check_that(line <= lines, f"line {line} of {lines}: {run.stderr!r}")
    refused += 1
  check_that(False, f"only {refused} of {name} were refused")


place = work_place()
trace = minisage(place)
baseline = report("baseline", "write", trace).stdout
rng = random.Random(5)
(place / "baseline.toml").write_text(baseline)
(place / "rules.toml").write_text(RULES)
check(f"as they are: {verdict(place).stderr}", verdict(place).code, HOLDS)
count_refused(place, "rules.toml", RULES, WAYS // 2, rng)
(place / "rules.toml").write_text(RULES)
count_refused(place, "baseline.toml", baseline, WAYS // 2, rng)

# Where the mistake is, to the character.
TABLE = [
    ("'leaked.blocks ==", "'leaked.block ==", "5:10"),
    ("check = 'leaked", "chekc = 'leaked", "5:1"),
    ("[[rule]]\nname = \"one\"", "[[rules]]\nname = \"one\"", "3:3"),
    ('name = "two"', 'name = "one"', "8:8"),
    ('"warning"', '"wrong"', "12:12"),
    ("baseline.peak.bytes + 5 %", "baseline.peak.bytes + 5 s", "9:45"),
    ("baseline.peak.bytes", "baseline.peek.bytes", "9:34"),
    ("512 MiB", "512 MeB", "10:45"),
    ("512 MiB", "512 ns", "10:39"),
    ('forest\\").peak', 'forest\\").peek', "10:33"),
    ("count >= 0", "count >= $", "11:37"),
    ('baseline = "', 'baseline = 5 #', "1:12"),
    ('hint = "free it"', 'hint = "free it', "13:"),
]
for old, new, where in TABLE:
  for ends in ("\n", "\r\n"):
    check_that(RULES.count(old) >= 1, old)
    text = RULES.replace(old, new, 1).replace("\n", ends)
    (place / "rules.toml").write_bytes(text.encode())
    run = verdict(place)
    check(f"exit code of {new!r}, which says {run.stderr!r}", run.code, WRONG)
    check_that(run.stderr.startswith(
        f"sagemem-report: rules.toml:{where}"), f"not {where}: {run.stderr!r}")
(place / "rules.toml").write_text(RULES)

# By hand: what is not there, is a directory, is no text.
for name, content in {"none.toml": None, "folder.toml": 0,
                      "bytes.toml": bytes(range(256)),
                      "long.toml": b"#" * (2 << 20)}.items():
  if content == 0:
    (place / name).mkdir()
  elif content is not None:
    (place / name).write_bytes(content)
  run = plain(REPORT, "check", "--rules", name, trace, directory=place)
  check(f"exit code of {name}, {run.stderr!r}", run.code, WRONG)
  check_that(name in run.stderr, run.stderr)
(place / "baseline.toml").write_text(baseline)
(place / "odd.toml").write_text(RULES.replace('"baseline.toml"',
                                              '"baseline.toml"\nprofile = "x"'))
run = plain(REPORT, "check", "--rules", "odd.toml", "--rules-only",
            directory=place)
check("place of a profile that is not there", run.stderr.split(": ")[1],
      "odd.toml:2:11")
run = plain(REPORT, "check", "--check", "peek.bytes == 0", trace,
            directory=place)
check("exit code of a rule of the command line", run.code, WRONG)
check("its place", run.stderr.split(": ")[1], "--check:1:1")
