# SPDX-License-Identifier: Apache-2.0
"""Defects that heap profilers have had, put into this one: for each the change
of the source that makes it, and a test that must then fail.

A text that is replaced stands in its file once.  When the code has moved on,
run_mutants.py says so: change the entry with it.
"""
from typing import NamedTuple


class Mutant(NamedTuple):
  name: str
  defect: str
  file: str
  old: str
  new: str
  test: str


MUTANTS = [
    Mutant("realloc_late",
           "realloc recorded after the call: another thread has the address",
           "preload/intercept/hooks.cpp",
           """\
    g_recorder.on_release(Kind::ReallocBegin, api, address_of(block), point);
  }
  void* moved = g_real.realloc(block, size);
""",
           """\
  }
  void* moved = g_real.realloc(block, size);
  g_recorder.on_release(Kind::ReallocBegin, api, address_of(block), point);
""", "realloc_order"),
    Mutant("failed_realloc_frees", "a failed realloc counts as a release",
           "preload/intercept/hooks.cpp",
           "on_block(Kind::ReallocEnd, api, size,",
           "on_block(Kind::ReallocEnd, api, moved == nullptr ? 0 : size,",
           "failed_realloc"),
    Mutant("no_memalign", "memalign is not hooked", "preload/sagemem.map",
           "aligned_alloc; memalign;", "aligned_alloc;", "every_function"),
    Mutant("no_pvalloc", "pvalloc is not hooked", "preload/sagemem.map",
           "valloc; pvalloc;", "valloc;", "every_function"),
    Mutant("no_valloc", "valloc is not hooked", "preload/sagemem.map",
           "memalign; valloc;", "memalign;", "every_function"),
    Mutant("no_reallocarray", "reallocarray is not hooked",
           "preload/sagemem.map", "realloc; reallocarray;", "realloc;",
           "every_function"),
    Mutant("no_free_sized", "C23's free_sized is not offered",
           "preload/sagemem.map", "free_sized; free_aligned_sized;", "",
           "every_function"),
    Mutant("no_operators", "an allocator's own operators are not hooked",
           "preload/sagemem.map", "_Znwm; _Znam; _ZnwmRKSt9nothrow_t;",
           "_Znam;", "every_function_mimalloc"),
    Mutant("fork_dropped", "fork without exec is not recorded",
           "preload/session/recorder_life.cpp",
           "options_.off || (forked && !options_.follow)",
           "options_.off || forked", "one_child"),
    Mutant("exec_dropped", "programs that are executed lose the preload",
           "preload/session/recorder_life.cpp",
           "if (!options_.follow) remove_from_preload",
           "remove_from_preload", "spawned_by_fork"),
    Mutant("loader_lock", "a fork child asks the loader, whose lock is held",
           "preload/session/recorder_life.cpp", "    modules_.inherit();",
           "    modules_.prepare(), modules_.announce_all();", "no_deadlock"),
    Mutant("named_when_gone", "a segment that is unmapped still has its name",
           "preload/transport/trace_output.cpp",
           """\
  std::atomic_ref(segment.header).store(nullptr, std::memory_order_release);
""", "", "fork_storm"),
    Mutant("symbols_leak", "libunwind's symbols are visible to the target",
           "preload/meson.build",
           """\
  '-Wl,--version-script=' + meson.current_source_dir() / 'sagemem.map',
  '-Wl,--exclude-libs,ALL',""", "", "symbols"),
    Mutant("no_reservation", "space is not reserved: SIGBUS on a full disk",
           "preload/transport/disk_space.cpp",
           """system_call(SYS_fallocate, fd, 0, static_cast<long>(from),
                    static_cast<long>(to - from));""",
           "system_call(SYS_ftruncate, fd, static_cast<long>(to));",
           "full_disk"),
    Mutant("no_size_limit", "SIGXFSZ at the limit of the file size",
           "preload/transport/disk_space.cpp",
           "if (exceeds_file_size_limit(to)) return EFBIG;", "",
           "file_size_limit"),
    Mutant("no_fallback", "a file system without fallocate ends the recording",
           "preload/transport/disk_space.cpp",
           "result == -EOPNOTSUPP || result == -ENOSYS", "result == -ENOSYS",
           "no_fallocate"),
    Mutant("no_spool", "a file system without shared mmap ends the recording",
           "preload/transport/trace_output.cpp", "if (error == ENODEV ||",
           "if (", "no_shared_mmap_here"),
    Mutant("descriptor_trusted", "a descriptor that the target closed is used",
           "preload/transport/trace_output.cpp",
           "return status.st_dev == device && status.st_ino == inode;",
           "return device + inode != 0;", "closed_files"),
    Mutant("buffered", "the last events are lost when the program is killed",
           "preload/encode/record_writer.h",
           ".store(static_cast<std::uint32_t>(end - segment_.records),",
           """.store(static_cast<std::uint32_t>(end - segment_.records) &
                 ~0xfffu,""", "killed"),
    Mutant("calls_as_leaks", "calls of a leaking site are told as its leaks",
           "analyzer/report/json_parts.cpp",
           'json["leaked_blocks"] = use.live_blocks;',
           'json["leaked_blocks"] = use.allocations;', "leaked_blocks"),
    Mutant("errno_lost", "free changes errno", "preload/intercept/hooks.h",
           "      real_call();\n      go_outside(pass);",
           "      real_call();\n      errno = 4;\n      go_outside(pass);",
           "errno_kept"),
    Mutant("wrapper_is_site", "the site is mymalloc, not who called it",
           "analyzer/analysis/wrappers.cpp", '    "mymalloc",\n', "",
           "wrapper_sites"),
    Mutant("no_module_paths", "elsewhere nothing tells which module it was",
           "preload/session/session_log.cpp",
           "payload.bytes(object.path, std::strlen(object.path));", "",
           "trace_elsewhere"),
    Mutant("coarse_time", "times are known to some ten milliseconds",
           "preload/platform/clock.h",
           "      return __rdtscp(&processor);",
           "      return __rdtscp(&processor) & ~0x3ffffffull;",
           "event_times"),
    Mutant("unload_missed", "a library at the address of one that is gone",
           "preload/intercept/process_api.cpp", "  g_recorder.on_dlclose();\n",
           "", "plugins_in_turn"),
    Mutant("no_verify", "a kept stack is taken for the same without a look",
           "preload/capture/verified_unwinder.cpp",
           "if (changed == kNoFrame) [[likely]]",
           "if (changed != kNoFrame + 1)",
           "preload_general_way"),
    Mutant("no_verify_again", "the last stack is taken for this one",
           "preload/capture/verified_unwinder.h",
           "first_changed_before(last_.words) == last_.floor;", "true;",
           "preload"),
    Mutant("no_verify_inner", "the quick way does not look at outer frames",
           "preload/capture/inner_walk.h",
           "if (changed == last_.floor) return nullptr;\n"
           "    return at - (at - changed) + 1;",
           "return changed == nullptr ? at : nullptr;", "preload"),
    Mutant("no_fp_inner", "the quick way meets frames that need their fp",
           "preload/capture/inner_walk.h", "return links_[i].needs_fp == 0 &&",
           "return", "preload"),
    Mutant("no_fp_at_top", "the last stack has another frame pointer",
           "preload/capture/verified_unwinder.h",
           "((last_.fp ^ point.fp) & last_.fp_mask) == 0 &&", "", "preload"),
    Mutant("no_fp_in_junction", "frames meet with another frame pointer",
           "preload/capture/verified_unwinder.cpp",
           "return link.needs_fp == 0 ||", "return link.needs_fp < 2 ||",
           "preload_general_way"),
    Mutant("no_saved_fp_words", "a changed saved frame pointer is not seen",
           "preload/capture/verified_unwinder.cpp",
           "if (rule.fp_saved != FpSaved::Not && outer_needs_fp) {",
           "if (rule.fp_saved != FpSaved::Not && outer_needs_fp && i == 0) {",
           "preload_general_way"),
    Mutant("stale_rules", "rules outlive the library that they are of",
           "preload/capture/verified_unwinder.cpp", "  rules_.clear();\n", "",
           "true_plugins"),
    Mutant("unseen_unload", "what the C library unloads itself is not noticed",
           "preload/capture/verified_unwinder.cpp",
           "    modules.expect_change();\n", "    generation_ += 0;\n",
           "true_unseen"),
    Mutant("signal_rows", "an interrupted frame is unwound as after a call",
           "preload/capture/verified_unwinder.cpp",
           "find_rule(modules, state.pc, FrameKind::Interrupted)",
           "find_rule(modules, state.pc, FrameKind::WaitsForReturn)",
           "true_stepped"),
    Mutant("guess_is_exact", "stacks through generated code count as exact",
           "preload/session/recorder.cpp", "count(Notice::StackGuessed);",
           "return;",
           "true_generated"),
]
