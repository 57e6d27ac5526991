// SPDX-License-Identifier: Apache-2.0
#include "analysis/moments.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "model/block_observer.h"
#include "rules/rule_text.h"

namespace sagemem::analysis {
namespace {

using Kind = Moment::Kind;

void subtract(Amount& amount, std::uint64_t size) {
  --amount.blocks;
  amount.bytes -= size;
}

Amount& of(StackAmounts& stacks, model::StackId stack) {
  if (stack >= stacks.size()) stacks.resize(stack + std::size_t{1});
  return stacks[stack];
}

// Sees one moment come.
class MomentWatch {
 public:
  MomentWatch(const Moment& moment, const model::Profile& profile)
      : moment_(moment), peak_bytes_(profile.peak.bytes) {
    const model::ScopeProfile& scopes = profile.scopes;
    for (std::size_t i = 0; i < scopes.scopes.size(); ++i) {
      const model::Scope& scope = scopes.scopes[i];
      if (scope.number != moment.scope.number ||
          scopes.rules[scope.rule].name != moment.scope.rule) {
        continue;
      }
      scope_ = static_cast<model::ScopeId>(i);
      break;
    }
  }

  // Each says whether this is it; none does twice.
  bool advance(std::int64_t time_ns) {
    return come(moment_.kind == Kind::Time && time_ns > moment_.time_ns);
  }
  bool birth(std::uint64_t live_bytes) {
    return come(moment_.kind == Kind::Peak && peak_bytes_ > 0 &&
                live_bytes == peak_bytes_);
  }
  bool begin_scope(model::ScopeId scope) {
    return come(moment_.kind == Kind::ScopeBegin && scope == scope_);
  }
  bool end_scope(model::ScopeId scope) {
    return come(moment_.kind == Kind::ScopeEnd && scope == scope_);
  }
  bool finish() {
    return come(moment_.kind == Kind::Time || moment_.kind == Kind::End);
  }
  [[nodiscard]] bool has_come() const { return has_come_; }

 private:
  bool come(bool is_it) {
    if (has_come_ || !is_it) return false;
    return has_come_ = true;
  }

  const Moment moment_;
  const std::uint64_t peak_bytes_;
  model::ScopeId scope_ = model::kNoScope;
  bool has_come_ = false;
};

// An observer that is told of moments too, and of what is live then.
class MomentObserver : public model::BlockObserver {
 public:
  MomentObserver(std::vector<MomentWatch> watches)
      : watches_(std::move(watches)) {}

  void advance(std::int64_t time_ns) override {
    each([=](MomentWatch& watch) { return watch.advance(time_ns); });
    time_ns_ = time_ns;
  }
  void birth(const model::Life& life, std::uint64_t) override {
    total_.add(life.size);
    of(stacks_, life.stack).add(life.size);
    born(life);
    each([this](MomentWatch& watch) { return watch.birth(total_.bytes); });
  }
  void death(const model::Life& life, const model::Death&,
             std::uint64_t) override {
    subtract(total_, life.size);
    subtract(of(stacks_, life.stack), life.size);
    gone(life);
  }
  void begin_scope(model::ScopeId scope) override {
    each([=](MomentWatch& watch) { return watch.begin_scope(scope); });
  }
  void end_scope(model::ScopeId scope) override {
    each([=](MomentWatch& watch) { return watch.end_scope(scope); });
  }
  void finish(std::uint64_t) override {
    each([](MomentWatch& watch) { return watch.finish(); });
  }

 protected:
  // The moment of this index has come.
  virtual void come(std::size_t index) = 0;
  virtual void born(const model::Life&) {}
  virtual void gone(const model::Life&) {}

  [[nodiscard]] const Amount& total() const { return total_; }
  [[nodiscard]] const StackAmounts& stacks() const { return stacks_; }
  [[nodiscard]] LiveAt live() const { return {true, time_ns_, total_, {}}; }

 private:
  template <typename Look>
  void each(const Look& look) {
    for (std::size_t i = 0; i < watches_.size(); ++i)
      if (look(watches_[i])) come(i);
  }

  std::vector<MomentWatch> watches_;
  Amount total_;
  StackAmounts stacks_;  // live now
  std::int64_t time_ns_ = 0;
};

class LiveObserver : public MomentObserver {
 public:
  explicit LiveObserver(MomentWatch watch)
      : MomentObserver({std::move(watch)}) {}
  [[nodiscard]] LiveAt take() { return std::move(found_); }

 private:
  void come(std::size_t) override {
    found_ = live();
    found_.stacks = stacks();
  }

  LiveAt found_;
};

class BetweenObserver : public MomentObserver {
 public:
  BetweenObserver(MomentWatch from, MomentWatch to)
      : MomentObserver({std::move(from), std::move(to)}) {}
  [[nodiscard]] Between take() { return std::move(found_); }

 private:
  [[nodiscard]] bool is_between() const {
    return found_.from.is_there && !found_.to.is_there;
  }
  void come(std::size_t index) override {
    LiveAt& moment = index == 0 ? found_.from : found_.to;
    if (index == 0 && found_.to.is_there)
      found_.is_reversed = changes_ != changes_at_second_;
    if (index == 1) changes_at_second_ = changes_;
    moment = live();
    if (index == 0) first_ = born_;
  }
  void born(const model::Life& life) override {
    ++born_;
    ++changes_;
    if (!is_between()) return;
    found_.kept_total.add(life.size);
    of(found_.kept, life.stack).add(life.size);
  }
  void gone(const model::Life& life) override {
    ++changes_;
    if (!is_between()) return;
    const bool was_there = life.number < first_;
    (was_there ? found_.released_total : found_.passed_total).add(life.size);
    of(was_there ? found_.released : found_.passed, life.stack).add(life.size);
    if (was_there) return;
    subtract(found_.kept_total, life.size);
    subtract(of(found_.kept, life.stack), life.size);
  }

  Between found_;
  std::uint64_t changes_ = 0;  // births and deaths so far
  std::uint64_t changes_at_second_ = 0;
  std::uint64_t born_ = 0;
  std::uint64_t first_ = 0;  // number of the first block born after A
};

void run(model::BlockObserver& observer, const ReplayAgain& replay) {
  model::ReplayOptions options;
  options.observer = &observer;
  static_cast<void>(replay(options));
}

}  // namespace

std::optional<Moment> parse_moment(const std::string& text) {
  constexpr std::string_view kScope = "scope:";
  constexpr std::string_view kBegin = ":begin";
  Moment moment;
  if (text == "end") return moment;
  if (text == "peak") {
    moment.kind = Kind::Peak;
    return moment;
  }
  if (!text.starts_with(kScope)) {
    const auto time_ns = rules::parse_duration(text);
    if (!time_ns) return std::nullopt;
    moment.kind = Kind::Time;
    moment.time_ns = *time_ns;
    return moment;
  }
  std::string_view name = std::string_view(text).substr(kScope.size());
  moment.kind = name.ends_with(kBegin) ? Kind::ScopeBegin : Kind::ScopeEnd;
  if (moment.kind == Kind::ScopeBegin) name.remove_suffix(kBegin.size());
  const std::size_t equals = name.rfind('=');
  if (equals == std::string_view::npos) return std::nullopt;
  moment.scope.rule = name.substr(0, equals);
  const char* const end = name.data() + name.size();
  const auto read =
      std::from_chars(name.data() + equals + 1, end, moment.scope.number);
  if (read.ec != std::errc{} || read.ptr != end) return std::nullopt;
  return moment;
}

LiveAt find_live_at(const Moment& moment, const model::Profile& profile,
                    const ReplayAgain& replay) {
  LiveObserver observer(MomentWatch(moment, profile));
  run(observer, replay);
  return observer.take();
}

Between find_between(const Moment& from, const Moment& to,
                     const model::Profile& profile, const ReplayAgain& replay) {
  BetweenObserver observer(MomentWatch(from, profile),
                           MomentWatch(to, profile));
  run(observer, replay);
  return observer.take();
}

model::Profile with_live(const model::Profile& profile,
                         const StackAmounts& stacks, const Amount& total) {
  model::Profile result = profile;
  for (std::size_t i = 0; i < result.uses.size(); ++i) {
    const Amount amount = i < stacks.size() ? stacks[i] : Amount{};
    result.uses[i].live_bytes = amount.bytes;
    result.uses[i].live_blocks = amount.blocks;
  }
  result.leaked_bytes = total.bytes;
  result.leaked_blocks = total.blocks;
  return result;
}

}  // namespace sagemem::analysis
