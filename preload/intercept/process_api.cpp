// SPDX-License-Identifier: Apache-2.0
//
// What ends a process, makes one, or changes what code is where.  And our
// constructor, for programs that do not allocate before main.
//
// dlopen is not here: see capture/module_table.h.
#include <alloca.h>
#include <unistd.h>

#include <cstdarg>
#include <cstdlib>

#include "intercept/hooks.h"
#include "intercept/probe_api.h"
#include "scope/trap_signal.h"

using sagemem::Activity;
using sagemem::ActivityScope;
using sagemem::ErrnoKeeper;
using sagemem::g_real;
using sagemem::g_recorder;
using sagemem::t_state;
using sagemem::trace::EndKind;

namespace {

void end(EndKind kind, int status) noexcept {
  if (g_real.malloc == nullptr) sagemem::resolve_real_functions();
  ErrnoKeeper keeper;
  g_recorder.on_end(kind, status);
}

void on_exit_handler(int status, void*) noexcept {
  end(EndKind::Exit, status & 0xff);
}

// What at_quick_exit() handlers are not told.
int g_quick_status = 0;
bool g_has_quick_handler = false;

void on_quick_exit_handler() noexcept {
  end(EndKind::ImmediateExit, g_quick_status);
}

// 101: as early as user code may be.  Registered this early, the exit handlers
// run after all destructors, and after the program's own ones.
__attribute__((constructor(101))) void start_with_the_program() noexcept {
  if (g_real.malloc == nullptr) sagemem::resolve_real_functions();
  if (!g_recorder.is_recording()) g_recorder.wake(true);
  const ActivityScope scope(Activity::Recording);
  on_exit(&on_exit_handler, nullptr);
  g_has_quick_handler = at_quick_exit(&on_quick_exit_handler) == 0;
  g_recorder.set_program_memory(&sagemem::g_boot_arena,
                                sizeof sagemem::g_boot_arena);
  sagemem::set_up_probes();
}

// Runs `call`, which returns only on failure.
template <typename Call>
int exec(const char* path, Call call) noexcept {
  if (g_real.malloc == nullptr) sagemem::resolve_real_functions();
  {
    ErrnoKeeper keeper;
    g_recorder.on_exec(path);
    sagemem::g_trap_signal.before_exec();
  }
  const int result = call();
  ErrnoKeeper keeper;
  sagemem::g_trap_signal.after_failed_exec();
  g_recorder.on_exec_failed();
  return result;
}

}  // namespace

SAGEMEM_EXPORT int dlclose(void* handle) noexcept {
  if (g_real.malloc == nullptr) sagemem::resolve_real_functions();
  const int result = g_real.dlclose(handle);
  if (!t_state.is_idle()) return result;
  ErrnoKeeper keeper;
  const ActivityScope scope(Activity::Recording);
  g_recorder.on_dlclose();
  return result;
}

SAGEMEM_EXPORT pid_t fork() noexcept {
  if (g_real.malloc == nullptr) sagemem::resolve_real_functions();
  const pid_t child = g_real.fork();
  if (child > 0 && t_state.is_idle()) {
    ErrnoKeeper keeper;
    const ActivityScope scope(Activity::Recording);
    g_recorder.on_fork(child);
  }
  return child;
}

SAGEMEM_EXPORT int pthread_setname_np(unsigned long thread,
                                      const char* name) noexcept {
  if (g_real.malloc == nullptr) sagemem::resolve_real_functions();
  const int result = g_real.pthread_setname_np(thread, name);
  if (!t_state.is_idle()) return result;
  ErrnoKeeper keeper;
  const ActivityScope scope(Activity::Recording);
  g_recorder.on_thread_renamed();
  return result;
}

SAGEMEM_EXPORT void _exit(int status) {
  end(EndKind::ImmediateExit, status & 0xff);
  g_real._exit(status);
  __builtin_unreachable();
}

SAGEMEM_EXPORT void _Exit(int status) noexcept {
  end(EndKind::ImmediateExit, status & 0xff);
  g_real._Exit(status);
  __builtin_unreachable();
}

SAGEMEM_EXPORT void quick_exit(int status) noexcept {
  if (g_real.malloc == nullptr) sagemem::resolve_real_functions();
  g_quick_status = status & 0xff;
  if (!g_has_quick_handler) end(EndKind::ImmediateExit, g_quick_status);
  g_real.quick_exit(status);
  __builtin_unreachable();
}

SAGEMEM_EXPORT void abort() noexcept {
  end(EndKind::Abort, 0);
  g_real.abort();
  __builtin_unreachable();
}

SAGEMEM_EXPORT int execve(const char* path, char* const* arguments,
                          char* const* environment) noexcept {
  return exec(path,
              [=] { return g_real.execve(path, arguments, environment); });
}

SAGEMEM_EXPORT int execv(const char* path, char* const* arguments) noexcept {
  return exec(path, [=] { return g_real.execv(path, arguments); });
}

SAGEMEM_EXPORT int execvp(const char* file, char* const* arguments) noexcept {
  return exec(file, [=] { return g_real.execvp(file, arguments); });
}

SAGEMEM_EXPORT int execvpe(const char* file, char* const* arguments,
                           char* const* environment) noexcept {
  return exec(file,
              [=] { return g_real.execvpe(file, arguments, environment); });
}

SAGEMEM_EXPORT int fexecve(int fd, char* const* arguments,
                           char* const* environment) noexcept {
  return exec(nullptr,
              [=] { return g_real.fexecve(fd, arguments, environment); });
}

SAGEMEM_EXPORT int execveat(int directory, const char* path,
                            char* const* arguments, char* const* environment,
                            int flags) noexcept {
  return exec(path, [=] {
    return g_real.execveat(directory, path, arguments, environment, flags);
  });
}

// The variadic forms: arguments up to a null pointer, as an array on the stack
// (execl must be callable between vfork and exec, where nothing may be
// allocated).
#define SAGEMEM_ARGUMENT_ARRAY(list, first)                                    \
  std::size_t count = 1;                                                       \
  va_start(list, first);                                                       \
  while (va_arg(list, const char*) != nullptr) ++count;                        \
  va_end(list);                                                                \
  auto** arguments = static_cast<char**>(alloca((count + 1) * sizeof(char*))); \
  arguments[0] = const_cast<char*>(first);                                     \
  va_start(list, first);                                                       \
  for (std::size_t i = 1; i <= count; ++i) arguments[i] = va_arg(list, char*)

SAGEMEM_EXPORT int execl(const char* path, const char* first, ...) noexcept {
  va_list list;
  SAGEMEM_ARGUMENT_ARRAY(list, first);
  va_end(list);
  return execv(path, arguments);
}

SAGEMEM_EXPORT int execlp(const char* file, const char* first, ...) noexcept {
  va_list list;
  SAGEMEM_ARGUMENT_ARRAY(list, first);
  va_end(list);
  return execvp(file, arguments);
}

SAGEMEM_EXPORT int execle(const char* path, const char* first, ...) noexcept {
  va_list list;
  SAGEMEM_ARGUMENT_ARRAY(list, first);
  auto** environment = va_arg(list, char**);
  va_end(list);
  return execve(path, arguments, environment);
}
