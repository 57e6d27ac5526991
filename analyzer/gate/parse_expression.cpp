// SPDX-License-Identifier: Apache-2.0
#include "gate/parse_expression.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <iterator>
#include <utility>

#include "analysis/exactness.h"
#include "gate/lexer.h"
#include "gate/units_of.h"

namespace sagemem::gate {
namespace {

// Nobody writes as much; keeps recursion and time small whatever is read.
constexpr std::size_t kMaxBytes = 4096;
constexpr int kMaxDepth = 64;

struct Sign {
  std::string_view text;
  int level;  // binds the tighter the higher
  Op op;
};
constexpr int kAnd = 2;
constexpr int kComparison = 3;
constexpr int kSum = 4;
constexpr Sign kSigns[] = {
    {"or", 1, Op::Or},
    {"||", 1, Op::Or},
    {"and", kAnd, Op::And},
    {"&&", kAnd, Op::And},
    {"==", kComparison, Op::Equal},
    {"!=", kComparison, Op::NotEqual},
    {"<", kComparison, Op::Less},
    {"<=", kComparison, Op::LessEqual},
    {">", kComparison, Op::Greater},
    {">=", kComparison, Op::GreaterEqual},
    {"+", kSum, Op::Add},
    {"-", kSum, Op::Subtract},
    {"*", kSum + 1, Op::Multiply},
    {"/", kSum + 1, Op::Divide},
};

constexpr struct {
  std::string_view name;
  Aggregate aggregate;
} kAggregates[] = {
    {"sum", Aggregate::Sum},       {"max", Aggregate::Max},
    {"min", Aggregate::Min},       {"mean", Aggregate::Mean},
    {"median", Aggregate::Median},
};

Aggregate find_aggregate(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(kAggregates), std::end(kAggregates),
                   [name](const auto& one) { return one.name == name; });
  return found == std::end(kAggregates) ? Aggregate::None : found->aggregate;
}

const AboutName* find_about(std::string_view name) {
  const auto abouts = all_abouts();
  const auto found =
      std::find_if(abouts.begin(), abouts.end(), [name](const AboutName& one) {
        return !one.name.empty() && one.name == name;
      });
  return found == abouts.end() ? nullptr : &*found;
}

bool is_integer(std::string_view text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, number);
  return read.ec == std::errc() && read.ptr == end;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : tokens_(read_tokens(text)) {}

  Node rule() {
    Node root = operation(1);
    want_end();
    if (!is_condition(root.op))
      throw ExpressionError(root.begin,
                            "a rule is a comparison, as in leaked.bytes == 0");
    return root;
  }

  FigureUse figure() {
    const Node node = primary();
    want_end();
    if (node.op != Op::Figure || node.use.is_of_baseline)
      throw ExpressionError(node.begin, "a figure is expected");
    return node.use;
  }

 private:
  [[nodiscard]] const Token& here() const { return tokens_[at_]; }
  [[nodiscard]] bool is_next(std::string_view sign) const {
    return at_ + 1 < tokens_.size() && tokens_[at_ + 1].is_sign(sign);
  }
  const Token& take() { return tokens_[at_++]; }
  bool accept(std::string_view sign) {
    if (!here().is_sign(sign)) return false;
    ++at_;
    return true;
  }
  void expect(std::string_view sign) {
    if (!accept(sign)) fail(fmt::format("'{}' is expected", sign));
  }
  [[noreturn]] void fail(const std::string& problem) const {
    throw ExpressionError(here().offset, problem);
  }
  void want_end() const {
    if (here().kind != Token::Kind::End) fail("nothing more is expected here");
  }

  [[nodiscard]] const Sign* sign_here() const {
    if (here().kind != Token::Kind::Sign && here().kind != Token::Kind::Name)
      return nullptr;
    const auto* const found = std::find_if(
        std::begin(kSigns), std::end(kSigns),
        [this](const Sign& one) { return one.text == here().text; });
    return found == std::end(kSigns) ? nullptr : found;
  }

  // Operator precedence, of this level and above; all are left-associative.
  Node operation(int level) {
    const Deeper deeper(*this);
    Node left = prefixed(level);
    while (const Sign* const sign = sign_here()) {
      if (sign->level < level) break;
      const std::size_t offset = take().offset;
      left =
          make(sign->op, std::move(left), operation(sign->level + 1), offset);
    }
    return left;
  }

  static Node make(Op op, Node left, Node right, std::size_t offset) {
    if (is_comparison(op))
      return make_comparison(op, std::move(left), std::move(right), offset);
    if (is_condition(op))
      return make_condition(op, std::move(left), std::move(right), offset);
    return make_sum(op, std::move(left), std::move(right), offset);
  }

  // "not" takes a whole comparison, as in Python.
  Node prefixed(int level) {
    const std::size_t offset = here().offset;
    if (here().is_name("not") || here().is_sign("!")) {
      take();
      return negation(Op::Not, operation(std::max(level, kComparison)), offset);
    }
    if (accept("-")) {
      const Deeper deeper(*this);
      return negation(Op::Negate, prefixed(level), offset);
    }
    return primary();
  }

  Node negation(Op op, Node inner, std::size_t offset) {
    if (is_condition(inner.op) != (op == Op::Not))
      throw ExpressionError(inner.begin, op == Op::Not
                                             ? "'not' belongs to a comparison"
                                             : "a condition is no number");
    Node node;
    node.op = op;
    node.unit = inner.unit;
    node.begin = offset;
    node.end = inner.end;
    node.inner.push_back(std::move(inner));
    return node;
  }

  Node primary() {
    if (here().kind == Token::Kind::Number) return literal();
    const std::size_t begin = here().offset;
    if (accept("(")) {
      Node node = operation(1);
      expect(")");
      node.begin = begin;
      node.end = tokens_[at_ - 1].end;
      return node;
    }
    if (here().kind != Token::Kind::Name || sign_here() != nullptr)
      fail("a figure or a number is expected");
    const bool is_of_baseline = here().is_name("baseline") && is_next(".");
    if (is_of_baseline) at_ += 2;
    if (here().kind != Token::Kind::Name) fail("a figure is expected");
    Node node = is_next("(") && find_aggregate(here().text) != Aggregate::None
                    ? aggregated(is_of_baseline)
                    : figure_node(is_of_baseline);
    node.begin = begin;
    node.end = tokens_[at_ - 1].end;
    return node;
  }

  Node literal() {
    const Token& number = take();
    Node node;
    node.number = number.number;
    node.begin = number.offset;
    node.end = number.end;
    if (here().kind != Token::Kind::Name && !here().is_sign("%")) return node;
    if (sign_here() != nullptr) return node;  // 1 and ..
    const UnitName* const unit = find_unit(here().text);
    if (unit == nullptr) fail(fmt::format("'{}' is no unit", here().text));
    node.unit = unit->unit;
    node.number *= unit->factor;
    node.end = take().end;
    return node;
  }

  // max(scope("forest").peak), or max(1 MiB, peak.bytes)
  Node aggregated(bool is_of_baseline) {
    const Token& name = take();
    const Aggregate aggregate = find_aggregate(name.text);
    expect("(");
    Node node = operation(kSum);
    if (accept(")")) {
      if (node.op != Op::Figure || node.use.aggregate == Aggregate::None ||
          node.use.has_own_aggregate)
        throw ExpressionError(
            node.begin,
            fmt::format("'{}' is of a figure that each scope has", name.text));
      node.use.aggregate = aggregate;
      node.use.has_own_aggregate = true;
      if (is_of_baseline) node.use.is_of_baseline = true;
      return node;
    }
    if ((aggregate != Aggregate::Max && aggregate != Aggregate::Min) ||
        is_of_baseline)
      fail("')' is expected");
    const Op op = aggregate == Aggregate::Max ? Op::Greatest : Op::Least;
    do {
      expect(",");
      node = make_sum(op, std::move(node), operation(kSum), name.offset);
    } while (!accept(")"));
    return node;
  }

  Node figure_node(bool is_of_baseline) {
    const Token& name = here();
    Node node;
    node.op = Op::Figure;
    FigureUse& use = node.use;
    use.is_of_baseline = is_of_baseline;
    if (is_next("(")) {
      const AboutName* const about = find_about(name.text);
      if (about == nullptr)
        fail(fmt::format("there is no '{}(..)'", name.text));
      ++at_;
      use.about = about->about;
      use.arguments = arguments(*about);
      expect(".");
    }
    const std::size_t offset = here().offset;
    const std::string path = dotted();
    use.figure = find_figure(use.about, path);
    if (use.figure == nullptr)
      throw ExpressionError(offset, unknown(use.about, path));
    if (is_of_baseline && use.figure->has(kByBaseline))
      throw ExpressionError(offset, "no baseline holds this");
    use.aggregate = use.figure->aggregate;
    node.unit = use.figure->unit;
    return node;
  }

  std::string dotted() {
    std::string path;
    do {
      if (here().kind != Token::Kind::Name) fail("a name is expected");
      path += (path.empty() ? "" : ".") + take().text;
    } while (accept("."));
    return path;
  }

  static std::string unknown(About about, const std::string& path) {
    const std::string what =
        about == About::Run
            ? "is no figure"
            : fmt::format("is no figure of {}(..)", about_name(about).name);
    const std::string nearest = nearest_figure(about, path);
    if (find_about(path) != nullptr && about == About::Run)
      return fmt::format("'{}' needs parentheses, with {}", path,
                         find_about(path)->arguments);
    return fmt::format("'{}' {}{}", path, what,
                       nearest.empty() ? std::string()
                                       : fmt::format("; is it '{}'?", nearest));
  }

  std::vector<std::string> arguments(const AboutName& about) {
    std::vector<std::string> result;
    expect("(");
    do {
      const std::size_t offset = here().offset;
      result.push_back(argument(result.size()));
      if (result.size() > about.most_arguments)
        throw ExpressionError(offset, "one argument too many");
      check_argument(about, result, offset);
    } while (accept(","));
    if (result.size() < about.least_arguments)
      fail(fmt::format("'{}' needs {}", about.name, about.arguments));
    expect(")");
    return result;
  }

  // A text; the number of a scope as a number too.
  std::string argument(std::size_t index) {
    const bool is_negative = index > 0 && accept("-");
    if (index > 0 && here().kind == Token::Kind::Number)
      return (is_negative ? "-" : "") + take().text;
    if (is_negative || here().kind != Token::Kind::Text)
      fail("a text in quotes is expected");
    if (here().text.empty()) fail("an empty text");
    return take().text;
  }

  static void check_argument(const AboutName& about,
                             const std::vector<std::string>& arguments,
                             std::size_t offset) {
    if (about.about == About::Scope && arguments.size() == 2 &&
        !is_integer(arguments[1]))
      throw ExpressionError(offset, "the number of a scope is expected");
    if (about.about != About::Notice) return;
    const auto known = analysis::all_reservations(model::Profile());
    if (std::none_of(known.begin(), known.end(),
                     [&](const auto& one) { return arguments[0] == one.key; }))
      throw ExpressionError(offset,
                            fmt::format("nobody counts '{}'", arguments[0]));
  }

  // Of recursion.
  class Deeper {
   public:
    explicit Deeper(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > kMaxDepth) parser_.fail("nested too deeply");
    }
    Deeper(const Deeper&) = delete;
    Deeper& operator=(const Deeper&) = delete;
    ~Deeper() { --parser_.depth_; }

   private:
    Parser& parser_;
  };

  std::vector<Token> tokens_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

void check_length(std::string_view text) {
  if (text.size() > kMaxBytes)
    throw ExpressionError(kMaxBytes, "a rule longer than 4096 bytes");
}

}  // namespace

Expression parse_expression(std::string_view text) {
  check_length(text);
  return {std::string(text), Parser(text).rule()};
}

FigureUse parse_figure(std::string_view text) {
  check_length(text);
  return Parser(text).figure();
}

}  // namespace sagemem::gate
