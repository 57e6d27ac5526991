# SPDX-License-Identifier: Apache-2.0
"""The programs that compat.py runs: for each, what it needs, its inputs, its
command line and the files that it writes."""
import base64
import os
import random
import shutil
import subprocess
import textwrap

from harness import need, target

SORT_MEGABYTES = int(os.environ.get("TEST_SORT_MEGABYTES", "20"))
SQL_ROWS = int(os.environ.get("TEST_SQL_ROWS", "200000"))


class Case:
  """One program.  Subclasses say what differs from these defaults."""

  programs = ()        # that must be installed
  environment = {}
  artifacts = ()       # files in the working directory, compared by bytes
  code = 0
  processes = 1        # traces, at the least
  numbers_vary = False  # the output is full of measured times
  suppressions = ()    # files, of what is lost on purpose

  def require(self):
    need(*self.programs)

  def make_inputs(self, inputs):
    pass

  def prepare(self, inputs, work):
    raise NotImplementedError


def write(path, text):
  path.write_text(textwrap.dedent(text).lstrip())
  return path


def call(*command, **options):
  subprocess.run(command, check=True, stdout=subprocess.DEVNULL, **options)


# ------------------------------------------------------------- files and text

class Ls(Case):
  programs = ("ls",)

  def prepare(self, inputs, work):
    return ["ls", "-lR", "/usr/include"]


class Find(Case):
  programs = ("find",)

  def prepare(self, inputs, work):
    return ["find", "/usr/include", "-type", "f", "-printf", "%p %s %m\n"]


class Tar(Case):
  programs = ("tar",)
  artifacts = ("archive.tar",)

  def prepare(self, inputs, work):
    return ["tar", "-cvf", "archive.tar", "-C", "/usr/include", "linux"]


class Sort(Case):
  programs = ("sort",)
  artifacts = ("sorted",)

  def make_inputs(self, inputs):
    generator = random.Random(1)
    with open(inputs / "lines", "wb") as file:
      for _ in range(SORT_MEGABYTES):
        file.write(base64.encodebytes(generator.randbytes(1000000 * 57 // 77)))

  def prepare(self, inputs, work):
    return ["sort", "-S", "32M", "-o", "sorted", inputs / "lines"]


class Coreutils(Case):
  """Small programs that forget some of what they allocate."""

  programs = ("date", "expr", "shuf", "split", "stat", "tail", "tr")
  processes = 9

  def prepare(self, inputs, work):
    write(work / "script", """
        seq 1 200 > numbers
        date -u -d @0 +%s
        expr 1 + 1
        stat -c %s numbers
        tail -n 3 numbers
        shuf --random-source=numbers numbers
        split -l 50 numbers part. && cat part.a?
        sort -rn numbers | tr 0-9 a-j
        """)
    return ["sh", "script"]


class Xz(Case):
  programs = ("xz",)
  artifacts = ("data.xz",)

  def make_inputs(self, inputs):
    generator = random.Random(2)
    words = [generator.randbytes(5).hex() for _ in range(3000)]
    text = " ".join(generator.choice(words) for _ in range(600000))
    (inputs / "data").write_text(text)

  def prepare(self, inputs, work):
    shutil.copy(inputs / "data", work / "data")
    # Not -v: what it prints depends on how long it took.
    return ["xz", "-k", "-2", "-T2", "--block-size=1MiB", "data"]


class Git(Case):
  programs = ("git",)
  environment = {"GIT_CONFIG_NOSYSTEM": "1", "HOME": "/nonexistent",
                 "GIT_PAGER": "cat"}

  def make_inputs(self, inputs):
    lines = []
    for i in range(200):
      lines.append(f"commit refs/heads/main\ncommitter A <a@b> {i * 3600} +0000"
                   f"\ndata 6\nno {i:03}\nM 644 inline file{i % 7}\n"
                   f"data {2 * i}\n" + "x\n" * i)
    call("git", "init", "-q", "-b", "main", inputs / "repository",
         env={**os.environ, **self.environment})
    call("git", "-C", inputs / "repository", "fast-import", "--quiet",
         input="\n".join(lines).encode())

  def prepare(self, inputs, work):
    return ["git", "-C", inputs / "repository", "log", "-p", "--stat", "main"]


class GitChanges(Case):
  """A commit, and who made it."""

  programs = ("git",)
  environment = {**Git.environment, "GIT_AUTHOR_NAME": "A",
                 "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "A",
                 "GIT_COMMITTER_EMAIL": "a@b",
                 "GIT_AUTHOR_DATE": "1000000000 +0000",
                 "GIT_COMMITTER_DATE": "1000000000 +0000"}
  processes = 6

  def prepare(self, inputs, work):
    write(work / "script", """
        set -e
        seq 1 200 > numbers
        git init -q -b main .
        git add numbers
        git commit -q -m first
        echo 201 >> numbers
        git commit -q -a -m second
        git blame numbers
        git gc -q
        """)
    return ["sh", "script"]


# ------------------------------------------------------------------ languages

class Python(Case):
  programs = ("/usr/bin/python3",)
  environment = {"PYTHONHASHSEED": "0"}
  processes = 4

  def prepare(self, inputs, work):
    write(work / "script.py", """
        import collections, json, os, re, subprocess, sys, threading
        def count():
          words = collections.Counter(re.findall("[a-z]+", __doc__ or "a b a"))
          rows = [{"n": i, "text": str(i) * 10} for i in range(20000)]
          return len(json.dumps(rows)) + len(words)
        results = []
        threads = [threading.Thread(target=lambda: results.append(count()))
                   for _ in range(4)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        print(results, flush=True)
        pid = os.fork()
        if pid == 0:
          print("child", count(), flush=True)
          sys.exit(3)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
        print(subprocess.run([sys.executable, "-c", "print(sum(range(99)))"],
                             capture_output=True, text=True, check=True).stdout)
        print(subprocess.getoutput("echo from a shell | tr a-z A-Z"))
        sys.stderr.write("to stderr\\n")
        sys.exit(0)
        """)
    return ["/usr/bin/python3", "script.py"]


class PythonMalloc(Python):
  environment = {**Python.environment, "PYTHONMALLOC": "malloc"}


class Perl(Case):
  programs = ("perl",)
  environment = {"PERL_HASH_SEED": "0"}

  def prepare(self, inputs, work):
    write(work / "script.pl", r"""
        use strict; use warnings;
        my (%count, @list);
        for my $i (1 .. 60000) {
          $count{substr("key" . $i * $i, 0, 6)} .= $i;
          push @list, { n => $i, s => "x" x ($i % 50) } if $i % 3 == 0;
        }
        my $text = join ",", map { "$_=" . length $count{$_} } sort keys %count;
        $text =~ s/(\d)(\d)/$2$1/g;
        print length($text), " ", scalar(@list), " ", substr($text, 0, 60);
        print "\n";
        print `echo from a shell`;
        warn "a warning\n";
        exit 4;
        """)
    return ["perl", "script.pl"]

  code = 4
  processes = 2


class Node(Case):
  programs = ("node",)

  def prepare(self, inputs, work):
    write(work / "script.js", """
        const { Worker, isMainThread, parentPort } = require('worker_threads');
        const work = () => {
          const map = new Map();
          for (let i = 0; i < 50000; ++i) map.set('k' + i, [i, String(i)]);
          return JSON.stringify([...map]).length + Buffer.alloc(1 << 20).length;
        };
        if (!isMainThread) {
          parentPort.postMessage(work());
        } else {
          console.log(work());
          const run = () => new Promise((resolve) =>
            new Worker(__filename).on('message', resolve));
          Promise.all([run(), run()]).then((results) => {
            console.log(results);
            console.log(require('child_process')
              .execSync('echo from a shell').toString().trim());
            console.error('to stderr');
            process.exitCode = 5;
          });
        }
        """)
    return ["node", "script.js"]

  code = 5


class Shell(Case):
  processes = 10

  def __init__(self, shell):
    self.programs = (shell,)
    self.shell = shell

  def prepare(self, inputs, work):
    write(work / "script", """
        count() {
          n=0
          while read -r word; do n=$((n + ${#word})); done
          echo $n
        }
        for i in 1 2 3 4 5; do
          seq 1 2000 | sed "s/$/ $i/" | count
        done
        text=$(cat <<END
        a here document $(echo nested)
        END
        )
        echo "$text"
        (exit 3) || echo "subshell: $?"
        sleep 0.1 & wait $!
        trap 'echo leaving >&2' EXIT
        exit 6
        """)
    return [self.shell, "script"]

  code = 6


# ---------------------------------------------------------------- build tools

class Compiler(Case):
  programs = ("g++",)
  artifacts = ("heavy.o",)
  processes = 2

  def prepare(self, inputs, work):
    write(work / "heavy.cpp", """
        #include <algorithm>
        #include <functional>
        #include <map>
        #include <ranges>
        #include <regex>
        #include <string>
        #include <unordered_map>
        #include <vector>
        template <int N> struct Table : Table<N - 1> {
          std::map<int, std::vector<std::string>> rows;
          auto sum() const {
            auto sizes = rows | std::views::values |
                std::views::transform([](auto& v) { return v.size() + N; })
                | std::views::filter([](auto n) { return n % (N + 2) != 0; });
            return std::ranges::count_if(sizes, [](auto n) { return n > N; });
          }
        };
        template <> struct Table<0> {};
        long use(const Table<16>& t, const std::string& s) {
          std::smatch match;
          std::regex_search(s, match, std::regex("(a|b)+c[0-9]*"));
          std::unordered_map<std::string, std::function<long()>> calls;
          calls["sum"] = [&] { return t.sum() + t.Table<8>::sum(); };
          return calls["sum"]() + static_cast<long>(match.size());
        }
        """)
    return ["g++", "-std=c++20", "-O1", "-Wall", "-Wconversion",
            "-fno-diagnostics-color", "-c", "heavy.cpp", "-o", "heavy.o"]


class Linker(Case):
  """The compiler again, at link time, with all that it calls on the way."""

  programs = ("g++",)
  processes = 6

  def prepare(self, inputs, work):
    write(work / "one.cpp", "int two(int); int main() { return two(7); }\n")
    write(work / "two.cpp", "int two(int n) { return n - 7; }\n")
    return ["g++", "-O1", "-flto", "one.cpp", "two.cpp", "-o", "program"]


class Cmake(Case):
  programs = ("cmake", "make", "cc")
  processes = 3

  def prepare(self, inputs, work):
    write(work / "CMakeLists.txt", """
        cmake_minimum_required(VERSION 3.13)
        project(small C)
        include(CheckIncludeFile)
        check_include_file(malloc.h HAVE_MALLOC_H)
        add_executable(small main.c)
        message(STATUS "found: ${HAVE_MALLOC_H}")
        """)
    write(work / "main.c", "int main(void) { return 0; }\n")
    return ["cmake", "-S", ".", "-B", "out", "-G", "Unix Makefiles"]


class Ninja(Case):
  programs = ("ninja",)
  artifacts = ("out/all",)
  processes = 40

  def prepare(self, inputs, work):
    lines = ["rule make", "  command = echo $name > $out",
             "rule join", "  command = cat $in > $out"]
    outputs = []
    for i in range(40):
      outputs.append(f"out/file{i}")
      lines += [f"build out/file{i}: make", f"  name = number {i}"]
    lines.append(f"build out/all: join {' '.join(outputs)}")
    (work / "build.ninja").write_text("\n".join(lines) + "\n")
    return ["ninja", "-j1", "-v"]


class Gdb(Case):
  """The debugger and the program that it runs are both recorded."""

  programs = ("gdb",)
  processes = 2
  suppressions = ("compat.supp",)

  def prepare(self, inputs, work):
    return ["gdb", "-nx", "-batch", "-iex", "set debuginfod enabled off",
            "-iex", "set startup-with-shell off",
            # The stack starts lower when the environment is longer.
            "-iex", "set print address off",
            "-ex", "break make_row if tally->allocations == 100", "-ex", "run",
            "-ex", "bt", "-ex", "info locals", "-ex", "finish",
            "-ex", "delete", "-ex", "continue", target("leak_rows")]


# ---------------------------------------------------------------- computation

class Sqlite(Case):
  programs = ("sqlite3",)

  def prepare(self, inputs, work):
    write(work / "script.sql", f"""
        CREATE TABLE rows (id INTEGER PRIMARY KEY, name TEXT, size INTEGER);
        WITH RECURSIVE n(i) AS
          (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {SQL_ROWS})
        INSERT INTO rows
          SELECT i, 'name ' || (i * 7919 % 10007), i % 977 FROM n;
        CREATE INDEX by_name ON rows (name, size);
        SELECT count(*), sum(size), count(DISTINCT name) FROM rows;
        SELECT name, group_concat(size) FROM rows WHERE size < 3 GROUP BY name
          ORDER BY sum(size) DESC, name LIMIT 5;
        DELETE FROM rows WHERE id % 3 = 0;
        SELECT max(length(name)) FROM rows NATURAL JOIN rows AS other;
        SELECT nonsense FROM rows;
        """)
    return ["sqlite3", "file.db", ".read script.sql"]

  code = 1


class Openssl(Case):
  programs = ("openssl",)
  numbers_vary = True

  def prepare(self, inputs, work):
    return ["openssl", "speed", "-seconds", "1", "-bytes", "1024", "sha256"]


class Openmp(Case):
  programs = ("cc",)
  environment = {"OMP_NUM_THREADS": "4"}

  def make_inputs(self, inputs):
    source = write(inputs / "openmp.c", """
        #include <stdio.h>
        #include <stdlib.h>
        int main(void) {
          double sum = 0;
        #pragma omp parallel for reduction(+ : sum) schedule(dynamic)
          for (int i = 1; i <= 2000; ++i) {
            double* row = malloc(sizeof(double) * (size_t)i);
            for (int k = 0; k < i; ++k) row[k] = k;
            sum += row[i - 1];
            free(row);
          }
          printf("%.0f\\n", sum);
          return 0;
        }
        """)
    call("cc", "-fopenmp", "-O1", "-o", inputs / "openmp", source)

  def prepare(self, inputs, work):
    return [inputs / "openmp"]


class Mpi(Case):
  programs = ("mpicc", "mpirun")
  # Shared memory alone: no network interface is asked for.
  environment = {"OMPI_MCA_btl": "self,vader", "OMPI_MCA_plm_rsh_agent": "",
                 "OMPI_MCA_rmaps_base_oversubscribe": "1"}
  processes = 3

  def make_inputs(self, inputs):
    source = write(inputs / "ranks.c", """
        #include <mpi.h>
        #include <stdio.h>
        #include <stdlib.h>
        int main(int argc, char** argv) {
          int rank = 0, ranks = 0;
          MPI_Init(&argc, &argv);
          MPI_Comm_rank(MPI_COMM_WORLD, &rank);
          MPI_Comm_size(MPI_COMM_WORLD, &ranks);
          int* block = malloc(1 << 20);
          for (int i = 0; i < 1 << 18; ++i) block[i] = rank + 1;
          int* sum = malloc(1 << 20);
          MPI_Reduce(block, sum, 1 << 18, MPI_INT, MPI_SUM, 0, MPI_COMM_WORLD);
          if (rank == 0) printf("%d ranks, sum %d\\n", ranks, sum[77]);
          free(block);
          free(sum);
          MPI_Finalize();
          return 0;
        }
        """)
    call("mpicc", "-O1", "-o", inputs / "ranks", source)

  def prepare(self, inputs, work):
    return ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", "2",
            inputs / "ranks"]


CASES = {
    "ls": Ls(), "find": Find(), "tar": Tar(), "sort": Sort(),
    "coreutils": Coreutils(), "xz": Xz(), "git": Git(),
    "git-changes": GitChanges(), "python": Python(),
    "python-malloc": PythonMalloc(), "perl": Perl(), "node": Node(),
    "bash": Shell("bash"), "dash": Shell("dash"), "g++": Compiler(),
    "linker": Linker(), "cmake": Cmake(), "ninja": Ninja(), "gdb": Gdb(),
    "sqlite": Sqlite(), "openssl": Openssl(), "openmp": Openmp(), "mpi": Mpi(),
}
