// SPDX-License-Identifier: Apache-2.0
//
// The functions that we stand in front of: whatever comes next in the loader's
// search order, glibc's or another allocator's.  All calls of the program are
// passed on to these unchanged.
//
// The list below is the only place that names them: real.cpp looks up each
// entry, the hooks call g_real.NAME.
#pragma once

#include <spawn.h>
#include <sys/types.h>

#include <cstddef>
#include <cstdint>

// X(name, result, arguments): looked up by its own name.
#define SAGEMEM_REAL_FUNCTIONS(X)                                       \
  X(malloc, void*, (std::size_t))                                       \
  X(calloc, void*, (std::size_t, std::size_t))                          \
  X(realloc, void*, (void*, std::size_t))                               \
  X(reallocarray, void*, (void*, std::size_t, std::size_t))             \
  X(free, void, (void*))                                                \
  X(posix_memalign, int, (void**, std::size_t, std::size_t))            \
  X(aligned_alloc, void*, (std::size_t, std::size_t))                   \
  X(memalign, void*, (std::size_t, std::size_t))                        \
  X(valloc, void*, (std::size_t))                                       \
  X(pvalloc, void*, (std::size_t))                                      \
  X(free_sized, void, (void*, std::size_t))                             \
  X(free_aligned_sized, void, (void*, std::size_t, std::size_t))        \
  X(mmap, void*, (void*, std::size_t, int, int, int, off_t))            \
  X(mmap64, void*, (void*, std::size_t, int, int, int, off64_t))        \
  X(munmap, int, (void*, std::size_t))                                  \
  X(mremap, void*, (void*, std::size_t, std::size_t, int, ...))         \
  X(brk, int, (void*))                                                  \
  X(sbrk, void*, (std::intptr_t))                                       \
  X(dlclose, int, (void*))                                              \
  X(fork, pid_t, ())                                                    \
  X(pthread_setname_np, int, (unsigned long, const char*))              \
  X(sigaction, int, (int, const void*, void*))                          \
  X(signal, void*, (int, void*))                                        \
  X(sigprocmask, int, (int, const void*, void*))                        \
  X(pthread_sigmask, int, (int, const void*, void*))                    \
  X(sigsuspend, int, (const void*))                                     \
  X(longjmp, void, (void*, int))                                        \
  X(_longjmp, void, (void*, int))                                       \
  X(siglongjmp, void, (void*, int))                                     \
  X(__longjmp_chk, void, (void*, int))                                  \
  X(execve, int, (const char*, char* const*, char* const*))             \
  X(execv, int, (const char*, char* const*))                            \
  X(execvp, int, (const char*, char* const*))                           \
  X(execvpe, int, (const char*, char* const*, char* const*))            \
  X(fexecve, int, (int, char* const*, char* const*))                    \
  X(execveat, int, (int, const char*, char* const*, char* const*, int)) \
  X(_exit, void, (int))                                                 \
  X(_Exit, void, (int))                                                 \
  X(quick_exit, void, (int))                                            \
  X(abort, void, ())

namespace sagemem {

struct Real {
#define SAGEMEM_MEMBER(name, result, arguments) result(*name) arguments;
  SAGEMEM_REAL_FUNCTIONS(SAGEMEM_MEMBER)
#undef SAGEMEM_MEMBER
};

extern Real g_real;

// Fills g_real; done once, at the first hook call.  An allocation that the
// loader makes meanwhile is served from the boot arena.
void resolve_real_functions() noexcept;

// `pc` lies in the module that the real malloc comes from, or in our own: a
// real operator delete may go on to free by a jump, so that our hook for the
// one seems to call our hook for the other.
bool is_allocator_code(std::uint64_t pc) noexcept;

// The next definition of a symbol, or nullptr.  For operator new and delete,
// which come with a C++ library that may be loaded after us.
void* find_next(const char* symbol) noexcept;

// What the loader releases while it works for find_next(): blocks of the
// program's, whose release is to be recorded.  That is done when it has come
// back; a block that there is no room for is never released.
void keep_until_resolved(void* block) noexcept;

// `function` is part of a C++ runtime whose operator new calls malloc and whose
// operator delete calls free, through symbols that we see.
bool is_malloc_based(void* function) noexcept;

}  // namespace sagemem
