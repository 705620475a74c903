// Fit: makes an operator of random choices keep the simple ones of its contract's rules (rank(x) == 4, type(x) == type(y), stride_w >= 1), so that most
// inputs of a fuzz target get past the verifier to the kernel. Rules with alternatives, and what two rules contradict each other in, stay as they are.
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>
#include <optional>
#include <span>
#include <vector>

#include "sdk/schema/contract.h"
#include "sdk/schema/op_table.h"
#include "tests/unit/runtime/model_spec.h"

namespace tflower::fuzz {

class Fit {
 public:
  // inputs, outputs: null for absent ones. options: the operator's struct, or null.
  Fit(const tfl::Contract& contract, std::vector<runtime::test::TensorSpec*> inputs, std::vector<runtime::test::TensorSpec*> outputs, std::span<const tfl::FieldInfo> fields,
      std::byte* options)
      : contract_(contract), inputs_(std::move(inputs)), outputs_(std::move(outputs)), fields_(fields), options_(options) {}

  void Run() {
    constexpr int kRounds = 2;  // what a later rule changed may concern an earlier one
    for (int i = 0; i < kRounds; ++i) {
      for (const tfl::Rule& rule : contract_.requirements) Keep(rule.steps);
    }
  }

  // The number of operands nearest to `count` that a rule names (inputs == 20 or inputs == 24), or `count`.
  static size_t Count(const tfl::Contract& contract, tfl::Step::Code what, size_t count) {
    std::optional<size_t> best;
    const auto distance = [count](size_t n) { return n < count ? count - n : n - count; };
    for (const tfl::Rule& rule : contract.requirements) {
      for (size_t i = 0; i + 2 < rule.steps.size(); ++i) {
        if (rule.steps[i].code != what || rule.steps[i + 1].code != C::kNumber || rule.steps[i + 2].code != C::kEq) continue;
        const size_t n = static_cast<size_t>(rule.steps[i + 1].number);
        if (!best || distance(n) < distance(*best)) best = n;
      }
    }
    return best.value_or(count);
  }

 private:
  using C = tfl::Step::Code;
  using Tensor = runtime::test::TensorSpec;

  // A value on the stack: code kNumber, kRank, kDim, kCount, kType, kOption; anything else is no value that can be set.
  struct Term {
    C code = C::kNot;
    uint8_t operand = 0;
    double number = 0;  // of kDim: the index
  };

  void Keep(std::span<const tfl::Step> steps) {
    if (std::ranges::any_of(steps, [](const tfl::Step& step) { return step.code == C::kOr || step.code == C::kNot; })) return;
    std::vector<Term> stack;
    const auto pop = [&stack] {
      if (stack.empty()) return Term{};
      const Term top = stack.back();
      stack.pop_back();
      return top;
    };
    for (const tfl::Step& step : steps) {
      switch (step.code) {
        case C::kNumber: stack.push_back({C::kNumber, 0, step.number}); break;
        case C::kRank: case C::kCount: case C::kType: case C::kTypeAt: case C::kOption: stack.push_back({step.code == C::kTypeAt ? C::kType : step.code, step.a}); break;
        case C::kDim: stack.push_back({C::kDim, step.a, pop().number}); break;
        case C::kNeg: stack.push_back({C::kNumber, 0, -pop().number}); break;
        case C::kInputs: stack.push_back({C::kNumber, 0, static_cast<double>(inputs_.size())}); break;
        case C::kOutputs: stack.push_back({C::kNumber, 0, static_cast<double>(outputs_.size())}); break;
        case C::kEq: case C::kNe: case C::kGe: case C::kGt: case C::kLe: case C::kLt: {
          const Term b = pop(), a = pop();
          Compare(step.code, a, b);
          stack.push_back({});
          break;
        }
        case C::kSameShape: case C::kBroadcast: Alike(step.a, step.b); stack.push_back({}); break;
        case C::kQuantized: Quantize(step.a); stack.push_back({}); break;
        case C::kAdd: case C::kSub: case C::kMul: case C::kMax: {
          const Term b = pop(), a = pop();
          stack.push_back(Arithmetic(step.code, Get(a), Get(b)));
          break;
        }
        case C::kDiv: case C::kMod: case C::kAnd: pop(), pop(), stack.push_back({}); break;
        case C::kInTypes: pop(), stack.push_back({}); break;
        default: stack.push_back({}); break;
      }
    }
  }

  void Compare(C code, const Term& a, const Term& b) {
    const std::optional<double> has = Get(a), wanted = Get(b);
    if (!has || !wanted) return;
    const bool set_b = a.code == C::kNumber || (b.code != C::kNumber && a.code != C::kCount);
    if (code == C::kEq && *has != *wanted) return set_b ? Set(b, *has) : Set(a, *wanted);
    if (code == C::kNe && *has == *wanted) Set(a, *wanted + 1);
    if (code == C::kGe && *has < *wanted) Set(a, *wanted);
    if (code == C::kGt && *has <= *wanted) Set(a, *wanted + 1);
    if (code == C::kLe && *has > *wanted) Set(a, *wanted);
    if (code == C::kLt && *has >= *wanted) Set(a, *wanted - 1);
  }

  static Term Arithmetic(C code, std::optional<double> a, std::optional<double> b) {
    if (!a || !b) return {};
    return {C::kNumber, 0, code == C::kAdd ? *a + *b : code == C::kSub ? *a - *b : code == C::kMul ? *a * *b : std::max(*a, *b)};
  }

  Tensor* Of(uint8_t operand) const {
    const auto& list = operand >= tfl::kFirstOutput ? outputs_ : inputs_;
    const size_t i = operand >= tfl::kFirstOutput ? operand - tfl::kFirstOutput : operand;
    return i < list.size() ? list[i] : nullptr;
  }
  static int32_t* DimOf(Tensor& tensor, double index) {
    const double i = index < 0 ? index + static_cast<double>(tensor.shape.size()) : index;
    return i < 0 || i >= static_cast<double>(tensor.shape.size()) ? nullptr : &tensor.shape[static_cast<size_t>(i)];
  }

  std::optional<double> Get(const Term& term) const {
    if (term.code == C::kNumber) return term.number;
    if (term.code == C::kOption) return Option(fields_[term.operand]);
    Tensor* const tensor = Of(term.operand);
    if (tensor == nullptr) return {};
    switch (term.code) {
      case C::kRank: return static_cast<double>(tensor->shape.size());
      case C::kType: return tensor->dtype;
      case C::kDim: {
        const int32_t* const dim = DimOf(*tensor, term.number);
        return dim == nullptr ? std::optional<double>() : *dim;
      }
      case C::kCount: {
        double count = 1;
        for (const int32_t dim : tensor->shape) count *= dim;
        return count;
      }
      default: return {};
    }
  }

  void Set(const Term& term, double value) {
    if (term.code == C::kOption) return SetOption(fields_[term.operand], value);
    Tensor* const tensor = Of(term.operand);
    if (tensor == nullptr) return;
    if (term.code == C::kRank && value >= 0 && value <= 16) tensor->shape.resize(static_cast<size_t>(value), 2);
    if (term.code == C::kType) tensor->dtype = static_cast<int>(value);
    if (term.code == C::kCount) tensor->shape = {static_cast<int32_t>(value)};
    if (int32_t* const dim = term.code == C::kDim ? DimOf(*tensor, term.number) : nullptr) *dim = static_cast<int32_t>(value);
  }

  std::optional<double> Option(const tfl::FieldInfo& field) const {
    const size_t size = tfl::ScalarSize(field.type);
    if (options_ == nullptr || size == 0 || field.type == tfl::FieldType::kFloat64) return {};
    if (field.type == tfl::FieldType::kFloat32) {
      float real = 0;
      std::memcpy(&real, options_ + field.struct_offset, sizeof real);
      return real;
    }
    int64_t value = 0;
    std::memcpy(&value, options_ + field.struct_offset, size);
    const int unused = static_cast<int>(64 - 8 * size);
    return static_cast<double>(value << unused >> unused);
  }
  void SetOption(const tfl::FieldInfo& field, double value) {
    const float real = static_cast<float>(value);
    const int64_t number = field.type == tfl::FieldType::kFloat32 ? std::bit_cast<int32_t>(real) : static_cast<int64_t>(value);
    if (options_ != nullptr && field.type <= tfl::FieldType::kFloat32) std::memcpy(options_ + field.struct_offset, &number, tfl::ScalarSize(field.type));
  }

  // One of the two gets the other's shape, unless they broadcast.
  void Alike(uint8_t a, uint8_t b) {
    if (Of(a) == nullptr || Of(b) == nullptr) return;
    const auto &x = Of(a)->shape, &y = Of(b)->shape;
    for (size_t i = 1; i <= std::min(x.size(), y.size()); ++i) {
      const int32_t p = x[x.size() - i], q = y[y.size() - i];
      if (p != q && p != 1 && q != 1) {
        Of(b)->shape = x;
        return;
      }
    }
  }

  void Quantize(uint8_t operand) {
    Tensor* const tensor = Of(operand);
    if (tensor == nullptr || !tensor->scale.empty()) return;
    tensor->scale = {0.5f};
    tensor->zero_point = {0};
  }

  const tfl::Contract& contract_;
  std::vector<Tensor*> inputs_, outputs_;
  std::span<const tfl::FieldInfo> fields_;
  std::byte* options_;
};

}  // namespace tflower::fuzz
