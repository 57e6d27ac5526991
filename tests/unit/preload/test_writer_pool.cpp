// SPDX-License-Identifier: Apache-2.0
#include <sys/syscall.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <thread>

#include "session/thread_writer.h"

namespace {

std::int32_t thread_id() {
  return static_cast<std::int32_t>(syscall(SYS_gettid));
}

}  // namespace

TEST_CASE("the writer of an ended thread is used again", "[writer_pool]") {
  sagemem::WriterPool pool;
  const auto pid = static_cast<std::int32_t>(getpid());
  bool recycled = false;
  REQUIRE(pool.attach(pid, thread_id(), recycled) != nullptr);
  CHECK_FALSE(recycled);
  for (int i = 0; i < 2000; ++i) {
    std::thread([&] {
      REQUIRE(pool.attach(pid, thread_id(), recycled) != nullptr);
    }).join();
  }
  // The kernel may take a moment to forget a joined thread's number.
  CHECK(pool.count() < 20);
  pool.abandon();
}

TEST_CASE("live threads keep theirs", "[writer_pool]") {
  sagemem::WriterPool pool;
  const auto pid = static_cast<std::int32_t>(getpid());
  bool recycled = false;
  const auto* mine = pool.attach(pid, thread_id(), recycled);
  const sagemem::ThreadWriter* other = nullptr;
  std::thread([&] { other = pool.attach(pid, thread_id(), recycled); }).join();
  CHECK(other != nullptr);
  CHECK(other != mine);
  CHECK(pool.count() == 2);
  pool.abandon();
}
