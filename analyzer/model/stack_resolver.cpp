// SPDX-License-Identifier: Apache-2.0
#include "model/stack_resolver.h"

namespace sagemem::model {

StackResolver::StackResolver(StackTree& tree, const ModuleTable& modules)
    : tree_(tree), modules_(modules) {
  forget();
}

// An address may belong to another module now, or the cache is to grow.
void StackResolver::forget() {
  generation_ = modules_.generation();
  // No stack has an outer frame with this id: StackTree refuses to make it.
  constexpr Entry none{0, ~StackId{0}, kRootStack};
  cache_.assign(std::size_t{1} << bits_, {none, none});
}

StackId StackResolver::fill(StackId outer, std::uint64_t pc) {
  if (tree_.size() > 2 * cache_.size() && bits_ < kLastBits) {
    ++bits_;
    forget();
  }
  const Frame frame = modules_.resolve(pc);
  const StackId stack =
      modules_.is_recorder(frame) ? outer : tree_.push(outer, frame);
  Set& set = cache_[slot(outer, pc)];
  set[1] = set[0];
  set[0] = {pc, outer, stack};
  return stack;
}

}  // namespace sagemem::model
