// SPDX-License-Identifier: Apache-2.0
#include "intercept/real.h"

#include <dlfcn.h>

#include <cstdlib>
#include <cstring>

#include "capture/loaded_object.h"
#include "session/recorder.h"

namespace sagemem {

constinit Real g_real{};

namespace {

// Without RTLD_NEXT: the runtimes that a plain C program may load later with
// dlopen, outside the scope that RTLD_NEXT searches.
constexpr const char* kRuntimes[] = {"libstdc++.so.6", "libc++abi.so.1",
                                     "libc++.so.1"};

template <typename Function>
void look_up(Function& slot, const char* name) noexcept {
  slot = reinterpret_cast<Function>(dlsym(RTLD_NEXT, name));
}

struct KeptBlocks {
  static constexpr std::uint32_t kMax = 8;
  void* blocks[kMax];
  std::uint32_t count;
};
// Initial-exec: as t_state.
constinit thread_local KeptBlocks t_kept
    __attribute__((tls_model("initial-exec"))){};

LoadedRange g_allocator{};
LoadedRange g_recorder_code{};

}  // namespace

void resolve_real_functions() noexcept {
  const ActivityScope scope(Activity::Resolving);
#define SAGEMEM_LOOK_UP(name, result, arguments) look_up(g_real.name, #name);
  SAGEMEM_REAL_FUNCTIONS(SAGEMEM_LOOK_UP)
#undef SAGEMEM_LOOK_UP
  find_loaded_range(reinterpret_cast<std::uint64_t>(g_real.malloc),
                    g_allocator);
  find_loaded_range(reinterpret_cast<std::uint64_t>(&find_next),
                    g_recorder_code);
}

bool is_allocator_code(std::uint64_t pc) noexcept {
  const auto lies_in = [pc](const LoadedRange& range) {
    return pc >= range.start && pc < range.end;
  };
  return lies_in(g_allocator) || lies_in(g_recorder_code);
}

void keep_until_resolved(void* block) noexcept {
  if (t_kept.count < KeptBlocks::kMax) t_kept.blocks[t_kept.count++] = block;
}

namespace {

void* find_by_loader(const char* symbol) noexcept {
  const ActivityScope scope(Activity::Resolving);
  void* found = dlsym(RTLD_NEXT, symbol);
  for (const char* name : kRuntimes) {
    if (found != nullptr) break;
    // NOLOAD: only if the program has loaded it.
    void* library = dlopen(name, RTLD_LAZY | RTLD_NOLOAD);
    if (library == nullptr) continue;
    found = dlsym(library, symbol);
    g_real.dlclose(library);
  }
  return found;
}

}  // namespace

void* find_next(const char* symbol) noexcept {
  void* const found = find_by_loader(symbol);
  // Through the hook, which records it.
  while (t_kept.count > 0) free(t_kept.blocks[--t_kept.count]);
  return found;
}

bool is_malloc_based(void* function) noexcept {
  Dl_info info{};
  if (dladdr(function, &info) == 0 || info.dli_fname == nullptr) return false;
  for (const char* name : {"/libstdc++.so", "/libc++abi.so", "/libc++.so"}) {
    if (std::strstr(info.dli_fname, name) != nullptr) return true;
  }
  return false;
}

}  // namespace sagemem
