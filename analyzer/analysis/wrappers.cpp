// SPDX-License-Identifier: Apache-2.0
#include "analysis/wrappers.h"

#include <fnmatch.h>

#include <utility>

#include "symbolize/names.h"

namespace sagemem::analysis {
namespace {

constexpr const char* kBuiltIn[] = {
    // The C library.
    "malloc",
    "calloc",
    "realloc",
    "reallocarray",
    "memalign",
    "valloc",
    "pvalloc",
    "posix_memalign",
    "aligned_alloc",
    "cfree",
    "free",
    "__libc_malloc",
    "__libc_calloc",
    "__libc_realloc",
    "__libc_memalign",
    "__libc_reallocarray",
    // Its functions whose result the caller has to free.
    "strdup",
    "__strdup",
    "strndup",
    "__strndup",
    "wcsdup",
    "asprintf",
    "__asprintf",
    "___asprintf",
    "__asprintf_chk",
    "vasprintf",
    "__vasprintf_chk",
    "__vasprintf_internal",
    "getline",
    "__getline",
    "getdelim",
    "__getdelim",
    "_IO_getdelim",
    "realpath",
    "__realpath",
    "realpath_stk",
    "getcwd",
    "__getcwd",
    "fopen",
    "fopen64",
    "_IO_fopen*",
    "__fopen_internal",
    "_IO_new_fopen",
    "fdopen",
    "_IO_fdopen",
    "_IO_new_fdopen",
    "opendir",
    "__opendir",
    "__opendirat",
    "opendir_tail",
    "fdopendir",
    "__fdopendir",
    "__alloc_dir",
    // C++: the allocator and everything of the standard library above it; what
    // a container allocates belongs to the line that fills the container.
    "operator new*",
    "*::operator new*",
    "std::*",
    "__gnu_cxx::*",
    "__cxxabiv1::*",
    "__cxa_allocate_exception",
    "boost::container::*",
    "boost::unordered::*",
    "tsl::*",
    "absl::container_internal::*",
    // Written again in each project.
    "xmalloc",
    "xcalloc",
    "xrealloc",
    "xstrdup",
    "xstrndup",
    "xmemdup",
    "xmallocz",
    "xmemdupz",
    "xzalloc",
    "xmallocarray",
    "xreallocarray",
    "do_xmalloc",
    "safe_malloc",
    "safe_calloc",
    "safe_realloc",
    "emalloc",
    "ecalloc",
    "erealloc",
    "estrdup",
    "zmalloc",
    "zcalloc",
    "zrealloc",
    "checked_malloc",
    "checked_calloc",
    "checked_realloc",
    "malloc_or_die",
    "my_malloc",
    "my_calloc",
    "my_realloc",
    // SAGE and its relatives.
    "mymalloc",
    "mymalloc_*",
    "mycalloc",
    "mycalloc_*",
    "myrealloc",
    "myrealloc_*",
    "myfree",
    "myfree_*",
    // GLib.
    "g_malloc*",
    "g_try_malloc*",
    "g_realloc*",
    "g_try_realloc*",
    "g_aligned_alloc*",
    "g_slice_alloc*",
    "g_slice_copy",
    "g_strdup*",
    "g_strndup",
    "g_strdup_*printf",
    "g_memdup*",
    // HDF5, MPI, OpenMP and Fortran runtimes.
    "H5MM_*",
    "H5FL_*",
    "H5FL__*",
    "H5allocate_memory",
    "H5resize_memory",
    "opal_malloc",
    "opal_calloc",
    "opal_realloc",
    "pmix_malloc",
    "pmix_calloc",
    "pmix_realloc",
    "MPL_malloc",
    "MPL_calloc",
    "gomp_malloc*",
    "gomp_realloc",
    "gomp_aligned_alloc",
    "_gfortrani_xmalloc*",
    "_gfortrani_xcalloc",
    "_gfortrani_xrealloc*",
    "kmp_malloc",
    "kmp_calloc",
    // Python.
    "PyMem_*",
    "_PyMem_*",
    "PyObject_Malloc",
    "PyObject_Calloc",
    "PyObject_Realloc",
    "_PyObject_Malloc",
    "_PyObject_Calloc",
    "_PyObject_Realloc",
    "pymalloc_*",
    // Other interpreters and libraries.
    "CRYPTO_malloc*",
    "CRYPTO_zalloc",
    "CRYPTO_realloc*",
    "CRYPTO_*dup",
    "CRYPTO_secure_malloc",
    "CRYPTO_secure_zalloc",
    "Perl_safesys*alloc",
    "Perl_savepv*",
    "sqlite3MemMalloc",
    "sqlite3MemRealloc",
    "sqlite3_malloc*",
    "sqlite3_realloc*",
    "sqlite3Malloc*",
    "sqlite3Realloc*",
    "sqlite3DbMalloc*",
    "sqlite3DbRealloc*",
    "sqlite3DbStr*Dup",
    "mallocWith*",
    "yaml_malloc",
    "yaml_realloc",
    "yaml_strdup",
    "lzma_alloc*",
    "xmlStrdup*",
    "xmlStrndup",
    "ggc_internal_*alloc*",
    "ggc_alloc*",
    "_obstack_begin*",
    "_obstack_newchunk",
    "_obstack_allocated_p",
    "__rust_alloc*",
    "__rust_realloc",
    "__rdl_alloc*",
    "__rdl_realloc",
    "alloc::*",
    "je_malloc",
    "je_calloc",
    "mi_malloc*",
    "mi_calloc*",
    "mi_realloc*",
    "mi_new*",
    "tc_malloc*",
    "tc_new*",
    "tc_calloc",
};

}  // namespace

WrapperList::WrapperList() {
  for (const char* pattern : kBuiltIn) add(pattern);
}

void WrapperList::add(std::string pattern) {
  if (pattern.find_first_of("*?[\\") == std::string::npos) {
    names_.insert(std::move(pattern));
  } else {
    patterns_.push_back(std::move(pattern));
  }
}

bool WrapperList::matches(std::string_view function) const {
  const std::string name = symbolize::plain_name(function);
  if (names_.contains(name)) return true;
  for (const std::string& pattern : patterns_)
    if (fnmatch(pattern.c_str(), name.c_str(), 0) == 0) return true;
  return false;
}

}  // namespace sagemem::analysis
