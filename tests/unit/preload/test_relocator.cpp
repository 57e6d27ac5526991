// SPDX-License-Identifier: Apache-2.0
//
// Code is written into a page, its entry moved to another one near it, and
// called there: it does what it did.
#include <sys/mman.h>

#include <catch2/catch.hpp>
#include <cstring>
#include <vector>

#include "scope/module_scan.h"
#include "scope/relocator.h"

#if defined(__x86_64__)

using sagemem::measure_entry;
using sagemem::trace::ProbeReason;

namespace {

using Bytes = std::vector<std::uint8_t>;
using Function = long (*)(long);

constexpr std::size_t kPage = 4096;
constexpr std::uint8_t kNops[16] = {0x90, 0x90, 0x90, 0x90, 0x90, 0x90,
                                    0x90, 0x90, 0x90, 0x90, 0x90, 0x90,
                                    0x90, 0x90, 0x90, 0x90};

// One page for the function, the next but one for what is moved.
class Pages {
 public:
  Pages()
      : memory_(static_cast<std::uint8_t*>(
            mmap(nullptr, 3 * kPage, PROT_READ | PROT_WRITE | PROT_EXEC,
                 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0))) {
    REQUIRE(memory_ != MAP_FAILED);
  }
  ~Pages() { munmap(memory_, 3 * kPage); }
  std::uint8_t* code() { return memory_; }
  std::uint8_t* moved() { return memory_ + 2 * kPage; }

 private:
  std::uint8_t* memory_;
};

std::uint64_t at(const std::uint8_t* code) {
  return reinterpret_cast<std::uint64_t>(code);
}

// The results of the function in place, and of its moved entry with the place
// of the entry made useless.
void check_moved(const Bytes& code, std::size_t want_bytes) {
  Pages pages;
  std::memcpy(pages.code(), code.data(), code.size());
  std::memcpy(pages.code() + code.size(), kNops, sizeof kNops);
  const auto displaced =
      measure_entry(pages.code(), code.size(), code.size() + sizeof kNops, 5);
  CHECK(displaced.reason == ProbeReason::None);
  REQUIRE(displaced.bytes == want_bytes);
  std::vector<long> before;
  for (long i = -3; i < 4; ++i) {
    before.push_back(reinterpret_cast<Function>(pages.code())(i));
  }
  REQUIRE(sagemem::move_code(pages.code(), displaced.bytes, at(pages.code()),
                             at(pages.moved()), pages.moved()) > 0);
  std::memset(pages.code(), 0xcc, displaced.bytes);
  std::vector<long> after;
  for (long i = -3; i < 4; ++i) {
    after.push_back(reinterpret_cast<Function>(pages.moved())(i));
  }
  CHECK(before == after);
}

ProbeReason reason_of(const Bytes& code) {
  return measure_entry(code.data(), code.size(), code.size(), 5).reason;
}

bool is_moved(const Bytes& code) {
  std::uint8_t out[sagemem::kMaxMoved];
  return sagemem::move_code(code.data(), code.size(), 0x400000, 0x500000, out) >
         0;
}

}  // namespace

TEST_CASE("entries that do the same elsewhere") {
  // lea 1(%rdi), %rax; add $2, %rax; ret
  check_moved({0x48, 0x8d, 0x47, 0x01, 0x48, 0x83, 0xc0, 0x02, 0xc3}, 8);
  // mov %rdi, %rax; ret; and what fills the space behind it
  check_moved({0x48, 0x89, 0xf8, 0xc3}, 5);
  // mov 4(%rip), %rax; add %rdi, %rax; ret; 8 bytes of data
  check_moved({0x48, 0x8b, 0x05, 0x04, 0, 0, 0, 0x48, 0x01, 0xf8, 0xc3, 7, 0, 0,
               0, 0, 0, 0, 0},
              7);
  // xor %eax, %eax; test %rdi, %rdi; jle +4; lea 5(%rdi), %rax; ret
  check_moved(
      {0x31, 0xc0, 0x48, 0x85, 0xff, 0x7e, 0x04, 0x48, 0x8d, 0x47, 0x05, 0xc3},
      5);
  // test %rdi, %rdi; jle +4 ... : the short jump is displaced
  check_moved({0x48, 0x85, 0xff, 0x7e, 0x05, 0x48, 0x8d, 0x47, 0x05, 0xc3, 0x31,
               0xc0, 0xc3},
              5);
  // mov %rdi, %rcx; jrcxz +4; lea 5(%rcx), %rax; ret; xor %eax, %eax; ret
  check_moved({0x48, 0x89, 0xf9, 0xe3, 0x05, 0x48, 0x8d, 0x41, 0x05, 0xc3, 0x31,
               0xc0, 0xc3},
              5);
  // jmp +2; ud2; lea 5(%rdi), %rax; ret
  check_moved({0xe9, 0x02, 0, 0, 0, 0x0f, 0x0b, 0x48, 0x8d, 0x47, 0x05, 0xc3},
              5);
}

TEST_CASE("a displaced call returns to where it always did") {
  // push %rdi; call +5; pop %rdi; add %rdi, %rax; ret; mov (%rsp), %rax; ret
  check_moved({0x57, 0xe8, 0x05, 0, 0, 0, 0x5f, 0x48, 0x01, 0xf8, 0xc3, 0x48,
               0x8b, 0x04, 0x24, 0xc3},
              6);
  // push %rdi; lea 8(%rip), %rax, which is 7 bytes; call *%rax is behind them
  check_moved({0x57, 0x48, 0x8d, 0x05, 0x07, 0,    0,    0,    0xff, 0xd0,
               0x5f, 0x48, 0x01, 0xf8, 0xc3, 0x48, 0x8b, 0x04, 0x24, 0xc3},
              8);
}

TEST_CASE("entries that are left alone") {
  CHECK(reason_of({0xc3}) == ProbeReason::TooShort);
  CHECK(reason_of({0x31, 0xc0, 0xc3}) == ProbeReason::TooShort);
  // ret, and another function right behind it
  CHECK(reason_of({0xc3, 0x48, 0x89, 0xf8, 0xc3, 0xc3}) ==
        ProbeReason::TooShort);
  CHECK(reason_of({0xcc, 0x90, 0x90, 0x90, 0x90, 0x90}) ==
        ProbeReason::NotRelocatable);
  // A branch into what is displaced.
  CHECK_FALSE(is_moved({0x90, 0x90, 0x90, 0xeb, 0xfd}));
  // A call through the stack, and one in the middle.
  CHECK_FALSE(is_moved({0x90, 0xff, 0x54, 0x24, 0x08}));
  CHECK_FALSE(is_moved({0xff, 0xd0, 0x90, 0x90, 0x90}));
  CHECK(is_moved({0x90, 0x90, 0x90, 0xff, 0xd0}));
}

TEST_CASE("a short jump reaches 127 bytes on and 128 back") {
  std::uint8_t out[2];
  CHECK(sagemem::make_short_jump(1000, 1129, out));
  CHECK(out[0] == 0xeb);
  CHECK(out[1] == 127);
  CHECK_FALSE(sagemem::make_short_jump(1000, 1130, out));
  CHECK(sagemem::make_short_jump(1000, 874, out));
  CHECK(out[1] == 0x80);
  CHECK_FALSE(sagemem::make_short_jump(1000, 873, out));
}

TEST_CASE("what fills the space between functions") {
  // cs nopw; int3; zeros; nop; and a ret
  const Bytes code = {0x66, 0x2e, 0x0f, 0x1f, 0x84, 0, 0,    0,   0,
                      0,    0xcc, 0xcc, 0,    0,    0, 0x90, 0xc3};
  CHECK(sagemem::count_padding(code.data(), code.size()) == 16);
  // Cut off in the middle of an instruction.
  CHECK(sagemem::count_padding(code.data(), 6) == 0);
  CHECK(sagemem::count_padding(code.data() + 16, 1) == 0);
}

TEST_CASE("what is out of reach is not moved there") {
  const Bytes code = {0x48, 0x8b, 0x05, 0x04, 0, 0, 0};
  std::uint8_t out[sagemem::kMaxMoved];
  CHECK(sagemem::move_code(code.data(), code.size(), 0x400000,
                           0x400000 + (std::uint64_t{3} << 30), out) == 0);
  CHECK_FALSE(sagemem::make_jump(0, std::uint64_t{3} << 30, out));
  CHECK(sagemem::make_jump(0, 5, out));
  CHECK(out[0] == 0xe9);
}

#endif
