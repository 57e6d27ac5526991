/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Says in the program what its memory is for, for sagemem to record:
 *
 *   sagemem_scope_begin("forest", forestnr);
 *   ...                              blocks born here belong to forest 812
 *   sagemem_note("nhalos", nhalos);  a value of the innermost open scope
 *   ...
 *   sagemem_scope_end();
 *   sagemem_snapshot("after forest 812");
 *
 * C11 and C++11; sagemem.f90 beside this file is for Fortran.  Nothing has to
 * be linked, and a program that does not run under the recorder loads a pointer
 * and compares it with null.  Scopes nest and belong to the calling thread.  A
 * name is copied, cut after 63 bytes; a program has up to 256 of them.
 *
 * Where the source is not to be changed, SAGEMEM_SCOPES names functions
 * instead: see sagemem(7).
 *
 * The recorder is found with dlsym and not through weak symbols: of a program
 * that is not position-independent, the linker makes null for good out of a
 * weak symbol that nobody defines.
 */
#ifndef SAGEMEM_H
#define SAGEMEM_H

#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

/* In libdl with a glibc before 2.34, which a program need not be linked with;
   then there are no markers. */
#pragma weak dlsym

/* Private: the address of `name` in the recorder, null without one. */
static inline void* sagemem_find(void** known, const char* name) {
  static char none;
  /* Relaxed: whoever looks it up finds the same. */
  void* found = __atomic_load_n(known, __ATOMIC_RELAXED);
  if (found == 0) {
    found = dlsym != 0 ? dlsym(0 /* RTLD_DEFAULT */, name) : 0;
    if (found == 0) found = &none;
    __atomic_store_n(known, found, __ATOMIC_RELAXED);
  }
  return found == &none ? 0 : found;
}

/* From here on blocks of this thread belong to scope `number` of `name`. */
static inline void sagemem_scope_begin(const char* name, int64_t number) {
  static void* known;
  void* const found = sagemem_find(&known, "sagemem_scope_begin");
  void (*begin)(const char*, int64_t);
  if (found == 0) return;
  memcpy(&begin, &found, sizeof begin); /* ISO C has no cast for it */
  begin(name, number);
}

/* Ends the innermost scope that this thread has begun so. */
static inline void sagemem_scope_end(void) {
  static void* known;
  void* const found = sagemem_find(&known, "sagemem_scope_end");
  void (*end)(void);
  if (found == 0) return;
  memcpy(&end, &found, sizeof end);
  end();
}

/* Attaches a value to the innermost scope that this thread has open. */
static inline void sagemem_note(const char* key, int64_t value) {
  static void* known;
  void* const found = sagemem_find(&known, "sagemem_note");
  void (*note)(const char*, int64_t);
  if (found == 0) return;
  memcpy(&note, &found, sizeof note);
  note(key, value);
}

/* Marks this moment in the trace. */
static inline void sagemem_snapshot(const char* label) {
  static void* known;
  void* const found = sagemem_find(&known, "sagemem_snapshot");
  void (*snapshot)(const char*);
  if (found == 0) return;
  memcpy(&snapshot, &found, sizeof snapshot);
  snapshot(label);
}

#ifdef __cplusplus
namespace sagemem {

/* A scope that ends with its block, by an exception as well. */
class ScopeGuard {
 public:
  ScopeGuard(const char* name, int64_t number) noexcept {
    sagemem_scope_begin(name, number);
  }
  ~ScopeGuard() { sagemem_scope_end(); }
  ScopeGuard(const ScopeGuard&) = delete;
  ScopeGuard& operator=(const ScopeGuard&) = delete;
};

} /* namespace sagemem */
#endif

#endif
