// Every row of the kernels against the contract of its operator: versions that it has, types that it takes.
#include <doctest/doctest.h>

#include <string>

#include "sdk/schema/contract.h"
#include "sdk/schema/op_table.h"
#include "tests/support/kernel_families.h"

namespace tflower {
namespace {

// The types that a row takes of an operand behind those that the contract lets pass. What the row leaves open, the contract decides.
DTypeSet Beyond(std::span<const tfl::OperandRule> rules, size_t i, DTypeSet taken) {
  if (rules.empty() || taken == kAnyType) return 0;
  if (i >= rules.size() && !rules.back().repeated) return 0;  // nothing is there
  const DTypeSet allowed = rules[std::min(i, rules.size() - 1)].types;
  return allowed == kAnyType ? 0 : taken & ~allowed;
}

void Check(const tflower_kernel& row, const tfl::Contract& contract) {
  CHECK(row.min_version >= contract.min_version);
  CHECK(row.max_version <= contract.max_version);
  for (size_t i = 0; i < std::size(row.input_dtypes); ++i) {
    CAPTURE(i);
    CHECK(Beyond(contract.inputs, i, row.input_dtypes[i]) == 0);
  }
  for (size_t i = 0; i < std::size(row.output_dtypes); ++i) {
    CAPTURE(i);
    CHECK(Beyond(contract.outputs, i, row.output_dtypes[i]) == 0);
  }
}

TEST_CASE("rows lie within the contracts of their operators") {
  for (const KernelFamily* family : kernels::kAllFamilies) {
    for (const tflower_kernel& row : family->rows) {
      const auto code = static_cast<tfl::Builtin>(row.code);
      if (code == tfl::Builtin::CUSTOM) continue;
      const std::string name = std::string(family->name) + ": " + tfl::FindOp(row.code)->name;
      CAPTURE(name);
      const tfl::Contract* const contract = tfl::FindContract(code);
      REQUIRE(contract != nullptr);
      Check(row, *contract);
    }
  }
}

}  // namespace
}  // namespace tflower
