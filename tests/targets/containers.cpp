// SPDX-License-Identifier: Apache-2.0
//
// C++ containers: what a program does that never says new or malloc itself.
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "support.h"

namespace {

std::size_t fill_map() {
  std::map<int, std::string> names;
  for (int i = 0; i < 500; ++i) names[i] = std::string(64, 'x');
  names.erase(names.begin(), names.find(250));
  return names.size();
}

std::size_t fill_hash() {
  std::unordered_map<std::string, std::vector<int>> rows;
  for (int i = 0; i < 200; ++i) {
    rows["a key that is too long for the small buffer " + std::to_string(i)]
        .resize(static_cast<std::size_t>(i));
  }
  return rows.size();
}

std::size_t fill_lists() {
  std::list<double> list(300, 1.0);
  std::deque<long> deque(5000, 2);
  auto shared = std::make_shared<std::vector<char>>(1000);
  std::unique_ptr<int[]> array(new int[77]);
  keep(array.get());
  return list.size() + deque.size() + shared->size();
}

}  // namespace

int main() {
  say("%zu %zu %zu\n", fill_map(), fill_hash(), fill_lists());
  return 0;
}
