// SPDX-License-Identifier: Apache-2.0
#include "exports/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <limits>
#include <new>

namespace sagemem::exports {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib.h: add 16 for a gzip header
constexpr int kDefaultMemory = 8;
constexpr std::size_t kPiece = std::size_t{1} << 18;

class Deflater {
 public:
  Deflater() {
    if (deflateInit2(&stream_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindow,
                     kDefaultMemory, Z_DEFAULT_STRATEGY) != Z_OK) {
      throw std::bad_alloc();
    }
  }
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;
  ~Deflater() { deflateEnd(&stream_); }

  void add(std::string_view bytes, bool is_last, std::string& out) {
    // zlib reads only; its interface is older than const.
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      const std::size_t before = out.size();
      out.resize(before + kPiece);
      stream_.next_out = reinterpret_cast<Bytef*>(out.data() + before);
      stream_.avail_out = static_cast<uInt>(kPiece);
      deflate(&stream_, is_last ? Z_FINISH : Z_NO_FLUSH);
      out.resize(before + kPiece - stream_.avail_out);
    } while (stream_.avail_out == 0);
  }

 private:
  z_stream stream_{};
};

}  // namespace

std::string gzip(std::string_view bytes) {
  // zlib counts in unsigned int.
  constexpr std::size_t most = std::numeric_limits<uInt>::max() / 2;
  Deflater deflater;
  std::string out;
  std::size_t at = 0;
  do {
    const std::size_t count = std::min(most, bytes.size() - at);
    deflater.add(bytes.substr(at, count), at + count == bytes.size(), out);
    at += count;
  } while (at < bytes.size());
  return out;
}

}  // namespace sagemem::exports
