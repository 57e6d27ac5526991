// SPDX-License-Identifier: Apache-2.0
//
// A library with calls of every kind that symbolize/ has to name.  Each entry
// point calls back; the callback's return address lies in the function to be
// named.  The lines of the calls are exported, so that the tests name none.
#include "sample.h"

namespace shape {
namespace {

// What follows a call keeps it from becoming a jump.
void keep_frame() {
  asm volatile("" ::: "memory");
}

template <typename T>
[[gnu::always_inline]] inline void innermost(SampleCallback call, T) {
  g_sample_lines[2] = __LINE__ + 1;
  call();
  keep_frame();
}

[[gnu::always_inline]] inline void middle(SampleCallback call) {
  g_sample_lines[1] = __LINE__ + 1;
  innermost(call, 1L);
}

[[gnu::noinline]] void hidden(SampleCallback call) {
  g_sample_lines[3] = __LINE__ + 1;
  call();
  keep_frame();
}

}  // namespace

class Square {
 public:
  [[gnu::noinline]] void area(SampleCallback call) const {
    g_sample_lines[4] = __LINE__ + 1;
    call();
    keep_frame();
  }
};

}  // namespace shape

extern "C" {

int g_sample_lines[kSampleLines];

void sample_inlined(SampleCallback call) {
  g_sample_lines[0] = __LINE__ + 1;
  shape::middle(call);
}

void sample_hidden(SampleCallback call) {
  shape::hidden(call);
  shape::keep_frame();
}

void sample_member(SampleCallback call) {
  shape::Square().area(call);
  shape::keep_frame();
}

void sample_lambda(SampleCallback call) {
  const auto wrapped = [call]() __attribute__((noinline)) {
    g_sample_lines[5] = __LINE__ + 1;
    call();
    shape::keep_frame();
  };
  wrapped();
}

}  // extern "C"
