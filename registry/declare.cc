// Table rows as declarations, and their text.
#include <algorithm>
#include <string_view>

#include "names.h"
#include "tables.h"

namespace tflower {
namespace {

std::string Text(const char* text) { return text == nullptr ? std::string() : std::string(text); }

// Names separated by exactly one space, so that declarations compare by value.
std::string Normal(const char* names) {
  std::string out;
  std::string_view rest = names == nullptr ? "" : names;
  while (!rest.empty()) {
    const size_t end = std::min(rest.find(' '), rest.size());
    if (end > 0) out += (out.empty() ? "" : " ") + std::string(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return out;
}

std::string Emits(const std::string& names) { return names.empty() ? "" : ", emits " + names; }

std::string Sets(const uint64_t* sets, size_t size) {
  while (size > 0 && sets[size - 1] == 0) --size;
  if (size == 0) return "(any)";
  std::string out;
  for (size_t i = 0; i < size; ++i) out += (i == 0 ? "(" : ", ") + DtypeSetName(sets[i]);
  return out + ")";
}

}  // namespace

std::string_view RuleKindName(RuleKind kind) {
  switch (kind) {
    case RuleKind::kPattern: return "pattern";
    case RuleKind::kComposite: return "composite";
    case RuleKind::kLoop: return "loop";
  }
  return "rule";
}

LoweringDecl Declare(const tflower_lowering& row) {
  const bool refused = row.role == TFLOWER_ROLE_REFUSED && TFLOWER_HAS(&row, tflower_lowering, refused);
  return {.op = row.op, .emits = Normal(row.emits), .priority = row.priority, .refused = refused ? Text(row.refused) : ""};
}

RuleDecl Declare(const tflower_rule& row) {
  const RuleKind kind = row.kind == TFLOWER_RULE_COMPOSITE ? RuleKind::kComposite : row.kind == TFLOWER_RULE_LOOP ? RuleKind::kLoop : RuleKind::kPattern;
  return {.id = row.id,
          .kind = kind,
          .implements = kind == RuleKind::kComposite ? Text(row.implements) : std::string(),
          .emits = Normal(row.emits),
          .benefit = row.benefit};
}

KernelDecl Declare(const tflower_kernel& row) {
  constexpr uint32_t kKnown = TFLOWER_KERNEL_VIEW | TFLOWER_KERNEL_IMPURE | TFLOWER_KERNEL_IN_PLACE | TFLOWER_KERNEL_REFERENCE;
  KernelDecl decl{.code = row.code,
                  .custom_code = row.code == kCustomOperator ? Text(row.custom_code) : std::string(),
                  .min_version = row.min_version,
                  .max_version = row.max_version,
                  .priority = row.priority,
                  .flags = row.flags & kKnown};
  std::copy(std::begin(row.input_dtypes), std::end(row.input_dtypes), decl.inputs.begin());
  std::copy(std::begin(row.output_dtypes), std::end(row.output_dtypes), decl.outputs.begin());
  return decl;
}

Provides Declare(const PluginTables& tables) {
  Provides out;
  for (const auto* row : tables.lowerings) out.lowerings.push_back(Declare(*row));
  for (const auto* row : tables.rules) out.rules.push_back(Declare(*row));
  for (const auto* row : tables.kernels) out.kernels.push_back(Declare(*row));
  return out;
}

std::string Describe(const LoweringDecl& row) {
  if (!row.refused.empty()) return "refusal of '" + row.op + "' (" + row.refused + ")";
  return "lowering '" + row.op + "' (priority " + std::to_string(row.priority) + Emits(row.emits) + ")";
}

std::string Describe(const RuleDecl& row) {
  return "rule '" + row.id + "' (" + (row.composite() ? "composite '" + row.implements + "'" : std::string(RuleKindName(row.kind))) + ", benefit " +
         std::to_string(row.benefit) + Emits(row.emits) + ")";
}

std::string OperatorText(const KernelDecl& row) { return row.code == kCustomOperator ? row.custom_code : OperatorName(row.code); }

std::string DescribeSignature(const KernelDecl& row) {
  return Sets(row.inputs.data(), row.inputs.size()) + " -> " + Sets(row.outputs.data(), row.outputs.size());
}

std::string Describe(const KernelDecl& row) {
  const bool one = row.min_version == row.max_version;
  return "kernel '" + OperatorText(row) + "' (version " +
         std::to_string(row.min_version) + (one ? "" : "-" + std::to_string(row.max_version)) + ", " + DescribeSignature(row) +
         ", priority " + std::to_string(row.priority) + ((row.flags & TFLOWER_KERNEL_REFERENCE) != 0 ? ", reference" : "") + ")";
}

}  // namespace tflower
