#include "import/known_ops.h"

#include <algorithm>

namespace tflower::tf {
namespace {

constexpr std::string_view kText =
#include "tf_ops.inc"
    ;

KnownOp ParseLine(std::string_view line) {
  const size_t space = std::min(line.find(' '), line.size());
  KnownOp op{line.substr(0, space), line.substr(std::min(space + 1, line.size())), false};
  if (op.name.ends_with('!')) {
    op.stateful = true;
    op.name.remove_suffix(1);
  }
  return op;
}

// A word of KnownOp::results as an output argument.
ArgDef ParseResult(std::string_view word) {
  ArgDef arg;
  if (const size_t colon = word.find(':'); colon != std::string_view::npos) {
    arg.name = word.substr(0, colon);
    word.remove_prefix(colon + 1);
  }
  if (word.ends_with("[]")) {
    arg.type_list_attr = word.substr(0, word.size() - 2);
    return arg;
  }
  if (const size_t star = word.find('*'); star != std::string_view::npos) {
    arg.number_attr = word.substr(0, star);
    word.remove_prefix(star + 1);
  }
  for (int i = 1; i <= static_cast<int>(DataType::kUint2); ++i)
    if (DataTypeName(static_cast<DataType>(i)) == word) arg.dtype = static_cast<DataType>(i);
  if (arg.dtype == DataType::kInvalid) arg.type_attr = word;
  return arg;
}

}  // namespace

const std::vector<KnownOp>& KnownOps() {
  static const std::vector<KnownOp> ops = [] {
    std::vector<KnownOp> out;
    for (std::string_view rest = kText; !rest.empty();) {
      const size_t end = std::min(rest.find('\n'), rest.size());
      if (end != 0) out.push_back(ParseLine(rest.substr(0, end)));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    std::ranges::sort(out, {}, &KnownOp::name);
    return out;
  }();
  return ops;
}

const KnownOp* FindKnownOp(std::string_view name) {
  const std::vector<KnownOp>& ops = KnownOps();
  const auto at = std::ranges::lower_bound(ops, name, {}, &KnownOp::name);
  return at != ops.end() && at->name == name ? &*at : nullptr;
}

std::vector<ArgDef> ResultsOf(const KnownOp& op) {
  std::vector<ArgDef> out;
  for (std::string_view rest = op.results; !rest.empty();) {
    const size_t end = std::min(rest.find(' '), rest.size());
    out.push_back(ParseResult(rest.substr(0, end)));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

}  // namespace tflower::tf
