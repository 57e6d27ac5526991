# SPDX-License-Identifier: Apache-2.0
"""The real programs that are measured, and the input that is made for them.

At full length each takes a second or so plain: start-up, the recorder's
included, is then a small part, as it is in what people profile.
"""
import argparse
import shlex
import shutil
import subprocess
import sys

PYTHON_SCRIPT = """
for turn in range({count}):
  table = {{str(i): [i, str(turn)] for i in range(20000)}}
  other = {{key: dict(a=value) for key, value in table.items()}}
"""

PERL_SCRIPT = """
for my $turn (1 .. {count}) {{
  my %table; my @list;
  for my $i (1 .. 20000) {{
    $table{{"key$i"}} = "value " . ($i * $turn);
    push @list, [$i, "x" x ($i % 50)];
  }}
  my $text = join ",", map {{ $_->[1] . $table{{"key$_->[0]"}} }} @list;
  my @parts = sort split /,/, $text;
}}
"""

SQL_SCRIPT = """
create table t(id integer primary key, name text, size integer);
with recursive n(i) as (select 1 union all select i + 1 from n
  where i < {count} * 10000)
insert into t select i, 'name ' || (i * 7919 % 100003), i % 1000 from n;
create index by_name on t(name);
select count(*), sum(size) from t where name like 'name 1%';
select size, group_concat(name) from t group by size order by size limit 50;
"""

CPP_HEAD = """
#include <algorithm>
#include <functional>
#include <map>
#include <regex>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>
template <int N> struct Node {
  std::map<int, std::tuple<std::string, std::vector<Node<N - 1>>>> next;
  int sum() const {
    int all = N;
    for (const auto& [key, value] : next)
      for (const auto& node : std::get<1>(value)) all += key + node.sum();
    return all;
  }
};
template <> struct Node<0> { int sum() const { return 1; } };
"""

CPP_UNIT = """
int use_{n}(std::unordered_map<std::string, Node<{n}>>& m) {{
  std::vector<std::pair<int, std::string>> order;
  for (auto& [key, node] : m) order.emplace_back(node.sum() + {n}, key);
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {{
    return a.first * {n} < b.first;
  }});
  std::function<int(int)> f = [&](int i) {{ return order[i].first; }};
  return f(0);
}}
"""


class Program:
  """`command` may begin with VARIABLE=VALUE words, as in the shell."""

  def __init__(self, name, command, directory=None):
    self.name = name
    self.command = command
    # None: a fresh one for each run.
    self.directory = directory


def python(length):
  # Not what PATH finds first: that may be a script that starts it.
  return Program("python3", ["PYTHONMALLOC=malloc", sys.executable, "-c",
                             PYTHON_SCRIPT.format(count=length * 4)])


def perl(length):
  return Program("perl", ["perl", "-e", PERL_SCRIPT.format(count=length * 4)])


def sqlite(length):
  return Program("sqlite3",
                 ["sqlite3", ":memory:", SQL_SCRIPT.format(count=length * 12)])


def compiler(length, scratch):
  """cc1plus as g++ calls it: profilers do not follow the driver's exec."""
  source = scratch / "heavy.cpp"
  units = "".join(CPP_UNIT.format(n=n) for n in range(1, length * 2 + 1))
  source.write_text(CPP_HEAD + units)
  # -### prints what would run; a g++ that is another compiler has no cc1plus.
  dry = subprocess.run(["g++", "-###", "-S", "-O2", "-std=c++17", source, "-o",
                        scratch / "heavy.s"], capture_output=True, check=False)
  for line in dry.stderr.decode().splitlines():
    if "cc1plus" in line.split(" -")[0] and line.startswith(" "):
      return Program("cc1plus", shlex.split(line), scratch)
  return None


def minisage(length, examples, parameters, scratch):
  subprocess.run([examples / "make_trees", "--out", scratch / "trees",
                  "--forests", str(length * 400), "--files", "2"],
                 check=True, capture_output=True)
  (scratch / "galaxies").mkdir(exist_ok=True)
  return Program("minisage", [examples / "minisage", parameters], scratch)


def named(text):
  """NAME=COMMAND, run in the directory that the benchmark runs in."""
  name, _, command = text.partition("=")
  if not name or not command:
    raise argparse.ArgumentTypeError(f"not NAME=COMMAND: {text}")
  return Program(name, shlex.split(command), ".")


def all_programs(length, build, source, scratch, extra):
  programs = [python(length)]
  if shutil.which("perl"):
    programs.append(perl(length))
  if shutil.which("g++"):
    programs.append(compiler(length, scratch))
  if shutil.which("sqlite3"):
    programs.append(sqlite(length))
  programs.append(minisage(length, build / "examples",
                           source / "examples/minisage.par", scratch))
  return [program for program in programs if program] + extra
