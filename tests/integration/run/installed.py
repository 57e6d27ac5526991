# SPDX-License-Identifier: Apache-2.0
"""`meson install` puts everything where it belongs, and sagemem-run finds the
rest from there, wherever the installation was moved.

usage: installed.py MESON BUILD_ROOT PREFIX LIBDIR
"""
import sys

from harness import check, check_that, plain, scratch

meson, build_root, prefix, libdir = sys.argv[1:]
place = scratch()
plain(meson, "install", "-C", build_root, "--no-rebuild", "--quiet",
      "--destdir", place)
top = place / prefix.lstrip("/")
moved = scratch() / "moved"
top.rename(moved)

there = {str(path.relative_to(moved)) for path in moved.rglob("*")
         if path.is_file()}
wanted = {
    "bin/sagemem-run", "bin/sagemem-report", f"{libdir}/libsagemem.so",
    "include/sagemem/trace/format.h", "include/sagemem/trace/events.h",
    "include/sagemem/trace/wire.h", "share/man/man1/sagemem-run.1",
    "share/man/man1/sagemem-report.1", "share/man/man5/sagemem-trace.5",
    "share/man/man7/sagemem.7",
}
check_that(wanted <= there, f"missing: {sorted(wanted - there)}")
check("pkg-config files", [name for name in there if name.endswith(".pc")],
      [f"{libdir}/pkgconfig/sagemem.pc"])
check_that(any(name.endswith(".schema.json") for name in there),
           f"no schema in {sorted(there)}")

run = plain(moved / "bin/sagemem-run", "sh", "-c", "exit 3")
check(f"exit code, {run.stderr!r}", run.code, 3)
check_that(len(run.traces) == 1 and "heap" in run.stderr.lower(), run.stderr)

pc = {"PKG_CONFIG_PATH": str(moved / libdir / "pkgconfig")}
flags = plain("pkg-config", "--cflags", "sagemem", env=pc)
check("include flags", flags.stdout.strip(), f"-I{prefix}/include")
preload = plain("pkg-config", "--variable=preload", "sagemem", env=pc)
check("library", preload.stdout.strip(), f"{prefix}/{libdir}/libsagemem.so")
