// SPDX-License-Identifier: Apache-2.0
//
// Beginnings and ends of recording: start, fork, exec, exit, a full disk.
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <new>

#include "capture/stack_check.h"
#include "platform/pages.h"
#include "platform/raw_log.h"
#include "sagemem/trace/scan.h"
#include "session/follow.h"
#include "session/output_name.h"
#include "session/recorder.h"

namespace sagemem {

namespace {

constexpr std::uint32_t kMaxStartCounter = 10'000;

// What the user reads of an errno value.  strerror is locale work.
const char* describe(int error) noexcept {
  switch (error) {
    case ENOSPC:
      return "no space left";
    case EDQUOT:
      return "quota exceeded";
    case EFBIG:
      return "file size limit reached";
    case EACCES:
    case EPERM:
      return "permission denied";
    case ENOENT:
      return "no such directory";
    case EROFS:
      return "read-only file system";
    case ENAMETOOLONG:
      return "name too long";
    case EMFILE:
    case ENFILE:
      return "too many open files";
    case ENODEV:
      return "no shared mapping of a file is possible";
    case ENOMEM:
      return "no memory";
    default:
      return "it failed";
  }
}

void add_error(LogLine& line, int error) noexcept {
  line.add(": ").add(describe(error)).add(" (errno ").add_number(error);
  line.add(')');
}

}  // namespace

bool Recorder::wake(bool is_allocation) noexcept {
  if (g_gate.state() != RecorderState::Fresh) return is_recording();
  // The first hook runs while the process has one thread, and so does the
  // first one of a fork child.  If another thread comes here all the same it
  // passes by.
  if (starting_ || find_environment() == nullptr) {
    ++(is_allocation ? early_allocs_ : early_releases_);
    return false;
  }
  starting_ = true;
  {
    ActivityScope scope(Activity::Recording);
    const bool forked = started_;
    if (forked) reset_in_child();
    if (!start(forked)) g_gate.set(RecorderState::Off);
  }
  starting_ = false;
  return is_recording();
}

bool Recorder::start(bool forked) noexcept {
  started_ = true;
  if (!g_gate.prepare()) return false;
  // Set-user-id and the like: an environment of someone else's making must
  // not create files.
  if (getauxval(AT_SECURE) != 0) return false;
  const char* const* environment = find_environment();
  options_ = read_options(environment);
  if (options_.off || (forked && !options_.follow)) return false;
  if (!options_.follow) remove_from_preload(environment);
  clock_.choose();
  if (!forked && !modules_.prepare()) return false;
  if (!open_output(environment, forked)) return false;
  modules_.set_listener(log_.listener());
  if (forked) {
    modules_.inherit();
  } else {
    modules_.announce_all();
  }
  for (std::uint32_t i = 0; i < marker_names_.count(); ++i) announce_marker(i);
  if (clock_.kind() != trace::ClockKind::TimeStampCounter) {
    count(trace::Notice::ClockNotInvariant);
  }
  if (output_.spooled()) count(trace::Notice::SpoolUsed);
  packer_.prepare(options_, output_.spooled());
  if (options_.leak_scan) {
    output_.header()->version_minor =
        std::max(trace::kVersionMinor, trace::kScanVersionMinor);
    log_.info(trace::kInfoScan, "on", 2);
  }
  output_.header()
      ->losses[static_cast<std::uint32_t>(trace::Loss::EarlyAlloc)] =
      early_allocs_;
  output_.header()
      ->losses[static_cast<std::uint32_t>(trace::Loss::EarlyRelease)] =
      early_releases_;
  g_gate.set(RecorderState::Recording);
  if (announcer_ != nullptr) announcer_();
  return true;
}

bool Recorder::open_output(const char* const* environment,
                           bool forked) noexcept {
  // Static: large, and only one thread is ever here.
  static ProcessFacts facts;
  static PathText path;
  facts = {};
  read_process_facts(environment, facts);
  pid_ = facts.pid;
  const NameParts parts{facts.program.c_str(), facts.host.c_str(), facts.pid,
                        facts.rank};
  int error = EEXIST;
  std::uint32_t counter = 0;
  for (; error == EEXIST && counter < kMaxStartCounter; ++counter) {
    path.clear();
    // Absolute: the target may change its directory.
    if (options_.output[0] != '/') {
      char directory[PATH_MAX];
      const long length = system_call(SYS_getcwd, directory, sizeof directory);
      if (!is_error(length)) path.add(directory).add('/');
    }
    error = ENAMETOOLONG;
    if (expand_output_name(options_.output, parts, counter, path)) {
      output_.limit(options_.max_bytes);
      error = output_.open(path, options_.spool);
    }
  }
  if (error != 0) {
    LogLine line;
    line.add("not recording: can not write ").add(path.c_str());
    add_error(line, error);
    // The parent has said it for its children.
    raw_log(options_.quiet || forked, line);
    return false;
  }
  const std::uint32_t flags = (options_.mmap ? trace::kFlagMmap : 0) |
                              (forked ? trace::kFlagForked : 0);
  fill_header(facts, clock_, counter - 1, flags, *output_.header());
  log_.begin(output_, clock_);
  write_process_info(facts, environment, log_);
  return true;
}

// The child has copies of our structures and shares the mapped segments with
// its parent: those must not be written to again.
void Recorder::reset_in_child() noexcept {
  inherited_scopes_.clear();
  if (t_state.writer != nullptr) inherited_scopes_ = t_state.writer->scopes;
  t_state.writer = nullptr;
  check_in_child(writers_.count() <= 1);
  writers_.abandon();
  output_.abandon();
  // Locks of the loader may have been held as well.
  avoid_loader_lock();
  // Locks may have been held by threads that do not exist here.
  new (&writers_) WriterPool;
  new (&output_) TraceOutput;
  new (&log_) SessionLog;
  new (&packer_) PackerStart;
  marker_names_.reset_lock();
  last_sample_ticks_ = 0;
  has_scanned_ = false;
  early_allocs_ = 0;
  early_releases_ = 0;
}

void Recorder::stop(const TakeError& error) noexcept {
  if (!g_gate.stop()) return;  // another thread was first, and said so
  trace::FileHeader& header = *output_.header();
  header.stop_ticks = clock_.ticks();
  header.stop_errno = error.error;
  std::atomic_ref(header.stop_reason)
      .store(static_cast<std::uint32_t>(error.reason),
             std::memory_order_release);
  LogLine line;
  line.add("recording stopped, the program goes on: ");
  if (error.reason == trace::StopReason::SizeLimit) {
    line.add("the trace is as long as SAGEMEM_MAX_BYTES allows");
  } else {
    line.add("the trace can not grow");
    add_error(line, error.error);
  }
  raw_log(options_.quiet, line);
}

// A vfork child runs in our memory under another pid, until it execs or exits.
bool Recorder::is_own_process() const noexcept {
  const RecorderState state = g_gate.state();
  return (state == RecorderState::Recording ||
          state == RecorderState::Stopped) &&
         system_call(SYS_getpid) == pid_;
}

void Recorder::on_end(trace::EndKind kind, int status) noexcept {
  if (!is_own_process()) return;
  const bool was_idle = t_state.is_idle();
  ActivityScope scope(Activity::Recording);
  trace::FileHeader& header = *output_.header();
  header.end_realtime_ns = read_clock_ns(CLOCK_REALTIME);
  header.end_monotonic_ns = read_clock_ns(CLOCK_MONOTONIC);
  header.end_ticks = clock_.ticks();
  header.end_status = status;
  header.flags |= trace::kFlagClosed;
  std::atomic_ref(header.end_kind)
      .store(static_cast<std::uint32_t>(kind), std::memory_order_release);
  header.peak_resident_bytes = read_peak_resident();
  // A signal handler may end the process while this very thread is half-way
  // through a record, or holds a lock: then the header has to do.
  if (was_idle) {
    const bool has_left =
        kind == trace::EndKind::Exit || kind == trace::EndKind::ImmediateExit;
    if (is_recording() && t_state.writer != nullptr) {
      write_resident(*t_state.writer);
    }
    const bool scans = options_.leak_scan && has_left && is_recording();
    if (!scans || !scan_memory()) output_.close();
  }
}

void Recorder::on_exec(const char* path) noexcept {
  if (!is_own_process()) return;
  if (is_recording() && t_state.is_idle()) {
    log_.exec(path == nullptr ? "" : path);
  }
  on_end(trace::EndKind::Exec, 0);
}

void Recorder::on_exec_failed() noexcept {
  if (!is_own_process()) return;
  trace::FileHeader& header = *output_.header();
  header.flags &= ~trace::kFlagClosed;
  header.end_ticks = 0;
  header.end_kind = static_cast<std::uint32_t>(trace::EndKind::Unknown);
}

void Recorder::on_fork(std::int32_t child) noexcept {
  if (is_recording()) log_.forked(child);
}

void Recorder::on_dlclose() noexcept {
  if (is_recording()) revalidate(ModuleTable::Thoroughness::Files);
}

}  // namespace sagemem
