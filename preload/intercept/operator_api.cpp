// SPDX-License-Identifier: Apache-2.0
//
// The exported C++ operators, under their mangled names: this library has no
// C++ runtime, and must not bring one into a C program.
//
// In nearly every program the next operator new is libstdc++'s, which calls
// malloc and so reaches our hook anyway.  Then these are jumps, without a frame
// of their own.  An allocator library may define operators that do not call
// malloc; then the block is recorded here.  A nested malloc is not suppressed
// by the activity flag, as it is for C functions, because operator new may
// leave by an exception (from a new-handler) and the flag would stay set:
// instead, if the last record is about the very block, it is not recorded
// again.
#include <atomic>
#include <cstddef>

#include "intercept/hooks.h"

namespace sagemem {

namespace {

// One operator: where the next definition is, found at the first call.  A plain
// C program may load its C++ runtime at any time.
class NextOperator {
 public:
  constexpr NextOperator(const char* symbol, bool is_array) noexcept
      : symbol_(symbol), is_array_(is_array) {}

  // nullptr: the process has no C++ runtime that we can find.
  void* find() noexcept {
    // Acquire: pairs with the release below, malloc_based_ is set before.
    void* found = function_.load(std::memory_order_acquire);
    if (found != nullptr) [[likely]]
      return found;
    if (g_real.malloc == nullptr) resolve_real_functions();
    found = find_next(symbol_);
    if (found == nullptr) return nullptr;
    malloc_based_ = sagemem::is_malloc_based(found);
    function_.store(found, std::memory_order_release);
    return found;
  }
  [[nodiscard]] bool is_malloc_based() const noexcept { return malloc_based_; }
  [[nodiscard]] bool is_array() const noexcept { return is_array_; }

 private:
  const char* symbol_;
  std::atomic<void*> function_{nullptr};
  bool malloc_based_ = false;
  bool is_array_;
};

void record_new(const NextOperator& next, std::size_t size, void* block,
                std::size_t alignment, const CallPoint& point,
                const void* before) noexcept {
  if (block == nullptr || Recorder::has_recorded(address_of(block), before)) {
    return;
  }
  if (!enter(true, point.pc)) {
    if (Recorder::is_late() && !Recorder::was_counted_late(address_of(block))) {
      g_recorder.on_late_block(trace::Kind::Alloc, size, address_of(block));
    }
    return;
  }
  const ActivityScope scope(Activity::Recording);
  record_block(
      next.is_array() ? trace::Api::OperatorNewArray : trace::Api::OperatorNew,
      size, block, alignment, point);
}

// Not noexcept: the real operator throws std::bad_alloc through this frame.
template <typename GetCallPoint, typename... Arguments>
[[gnu::always_inline]] inline void* call_new(NextOperator& next,
                                             std::size_t alignment,
                                             GetCallPoint call_point,
                                             std::size_t size,
                                             Arguments... arguments) {
  using Function = void* (*)(std::size_t, Arguments...);
  const auto real = reinterpret_cast<Function>(next.find());
  if (real == nullptr) return malloc(size);
  if (next.is_malloc_based()) return real(size, arguments...);
  const void* before = Recorder::position();
  Recorder::forget_late();
  void* block = real(size, arguments...);
  record_new(next, size, block, alignment, call_point(), before);
  return block;
}

template <typename GetCallPoint, typename... Arguments>
[[gnu::always_inline]] inline void call_delete(
    NextOperator& next, GetCallPoint call_point, void* block,
    Arguments... arguments) noexcept {
  using Function = void (*)(void*, Arguments...);
  const auto real = reinterpret_cast<Function>(next.find());
  if (real == nullptr) return free(block);
  if (next.is_malloc_based()) return real(block, arguments...);
  release(next.is_array() ? trace::Api::OperatorDeleteArray
                          : trace::Api::OperatorDelete,
          block, call_point, [=] { real(block, arguments...); });
}

}  // namespace

}  // namespace sagemem

using Size = std::size_t;
using Tag = const void*;  // const std::nothrow_t&: passed on, never looked at

// SYMBOL is what the Itanium C++ ABI makes of the operator's type; `m` is
// size_t, `St11align_val_t` the alignment, `RKSt9nothrow_t` the tag.
#define SAGEMEM_NEW(symbol, is_array, alignment, parameters, ...)   \
  SAGEMEM_EXPORT void* symbol parameters {                          \
    static constinit sagemem::NextOperator next(#symbol, is_array); \
    return sagemem::call_new(next, alignment, SAGEMEM_CALL_POINT,   \
                             __VA_ARGS__);                          \
  }
#define SAGEMEM_DELETE(symbol, is_array, parameters, ...)           \
  SAGEMEM_EXPORT void symbol parameters noexcept {                  \
    static constinit sagemem::NextOperator next(#symbol, is_array); \
    sagemem::call_delete(next, SAGEMEM_CALL_POINT, __VA_ARGS__);    \
  }

SAGEMEM_NEW(_Znwm, false, 0, (Size size), size)
SAGEMEM_NEW(_Znam, true, 0, (Size size), size)
SAGEMEM_NEW(_ZnwmRKSt9nothrow_t, false, 0, (Size size, Tag tag), size, tag)
SAGEMEM_NEW(_ZnamRKSt9nothrow_t, true, 0, (Size size, Tag tag), size, tag)
SAGEMEM_NEW(_ZnwmSt11align_val_t, false, align, (Size size, Size align), size,
            align)
SAGEMEM_NEW(_ZnamSt11align_val_t, true, align, (Size size, Size align), size,
            align)
SAGEMEM_NEW(_ZnwmSt11align_val_tRKSt9nothrow_t, false, align,
            (Size size, Size align, Tag tag), size, align, tag)
SAGEMEM_NEW(_ZnamSt11align_val_tRKSt9nothrow_t, true, align,
            (Size size, Size align, Tag tag), size, align, tag)

SAGEMEM_DELETE(_ZdlPv, false, (void* block), block)
SAGEMEM_DELETE(_ZdaPv, true, (void* block), block)
SAGEMEM_DELETE(_ZdlPvm, false, (void* block, Size size), block, size)
SAGEMEM_DELETE(_ZdaPvm, true, (void* block, Size size), block, size)
SAGEMEM_DELETE(_ZdlPvRKSt9nothrow_t, false, (void* block, Tag tag), block, tag)
SAGEMEM_DELETE(_ZdaPvRKSt9nothrow_t, true, (void* block, Tag tag), block, tag)
SAGEMEM_DELETE(_ZdlPvSt11align_val_t, false, (void* block, Size align), block,
               align)
SAGEMEM_DELETE(_ZdaPvSt11align_val_t, true, (void* block, Size align), block,
               align)
SAGEMEM_DELETE(_ZdlPvmSt11align_val_t, false,
               (void* block, Size size, Size align), block, size, align)
SAGEMEM_DELETE(_ZdaPvmSt11align_val_t, true,
               (void* block, Size size, Size align), block, size, align)
SAGEMEM_DELETE(_ZdlPvSt11align_val_tRKSt9nothrow_t, false,
               (void* block, Size align, Tag tag), block, align, tag)
SAGEMEM_DELETE(_ZdaPvSt11align_val_tRKSt9nothrow_t, true,
               (void* block, Size align, Tag tag), block, align, tag)
