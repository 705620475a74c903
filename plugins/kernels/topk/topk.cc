// WHERE and UNIQUE, and the rows of everything that picks elements by value. Source: TFLite TopKV2Options, ArgMaxOptions, UniqueOptions.
#include <bit>
#include <functional>

#include "common/check.h"
#include "topk/order.h"
#include "topk/where.h"

namespace tflower::kernels {
namespace {

// Positions [n, rank] of all elements that are not 0, in row-major order; NaN is not 0.
struct Where {
  static int64_t Count(const Tensor& condition) { return CountNonZero(condition.dtype(), condition.raw(), condition.num_elements()); }
  static Status Infer(const Op& op, OpTypes& out) {
    const Tensor condition = op.Input(0);
    return out.Set(0, DType::kInt64, Shape{Known(condition) ? Count(condition) : -1, condition.rank()});
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Tensor condition = op.Input(0);
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, Shape{Count(condition), condition.rank()});
    WriteNonZero(condition.dtype(), condition.raw(), condition.dims(), op.Output(0).mutable_data<int64_t>());
    return Ok();
  }
};

// The different elements of a vector in order of their first appearance, and for each element the position of its like. 0 and -0 are equal,
// no NaN equals another. An open hash table of positions, at most half full, lives in scratch memory, and behind it the positions of first
// appearances.
struct Unique {
  static DType IndexType(const Op& op) { return static_cast<DType>(op.Options<tfl::UniqueOptions>().idx_out_type); }

  static Status Infer(const Op& op, OpTypes& out) {
    const DType type = IndexType(op);
    if (type != DType::kInt32 && type != DType::kInt64) return OptionError("idx_out_type", Text(NameOf(type), " must be int32 or int64"));
    if (op.Input(0).dim(0) > INT32_MAX)
      return OperandError(Code::kUnsupportedShape, 0, "input", Text(op.Input(0).dim(0), " elements: must be below 2^31"));
    TFLOWER_CHECK(out.Unknown(0, op.Input(0).dtype(), 1));
    return out.Set(1, type, op.Input(0).dims());
  }
  Status Prepare(const Op& op, PrepareContext& want) {
    const auto n = static_cast<uint64_t>(op.Input(0).dim(0));
    slots_ = std::bit_ceil(2 * n + 1);
    want.Scratch((slots_ + n) * sizeof(int32_t));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const Tensor input = op.Input(0);
    int32_t* const table = eval.scratch<int32_t>();
    int32_t* const firsts = table + slots_;
    const int64_t n = input.dim(0);
    int64_t count = 0;
    VisitNumeric(input.dtype(), [&]<class T>(T) {
      if (op.Output(1).dtype() == DType::kInt64)
        count = Collect(input.data<T>(), n, table, firsts, op.Output(1).template mutable_data<int64_t>());
      else count = Collect(input.data<T>(), n, table, firsts, op.Output(1).template mutable_data<int32_t>());
    });
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, Shape{count});
    VisitNumeric(input.dtype(), [&]<class T>(T) {
      for (int64_t i = 0; i < count; ++i) op.Output(0).template mutable_data<T>()[i] = input.data<T>()[firsts[i]];
    });
    return Ok();
  }

 private:
  template <class T>
  static uint64_t HashOf(T x) {
    uint64_t bits = 0;
    if (x == T{0}) x = T{0};  // -0
    std::memcpy(&bits, &x, sizeof(T));
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111ebu;
    return bits ^ bits >> 31;
  }
  // Fills ordinals and firsts; returns how many elements differ. NaNs stay out of the table: they would all meet in one slot.
  template <class T, class Index>
  int64_t Collect(const T* x, int64_t n, int32_t* table, int32_t* firsts, Index* ordinals) const {
    std::fill_n(table, slots_, -1);
    int32_t count = 0;
    for (int64_t i = 0; i < n; ++i) {
      uint64_t slot = HashOf(x[i]) & (slots_ - 1);
      const bool nan = IsNaN(x[i]);
      while (!nan && table[slot] >= 0 && x[firsts[table[slot]]] != x[i]) slot = (slot + 1) & (slots_ - 1);
      if (!nan && table[slot] >= 0) {
        ordinals[i] = table[slot];
        continue;
      }
      if (!nan) table[slot] = count;
      firsts[count] = static_cast<int32_t>(i);
      ordinals[i] = count++;
    }
    return count;
  }

  uint64_t slots_ = 0;
};

constexpr DTypeSet kNumeric = Types({DType::kFloat32, DType::kFloat64, DType::kInt8, DType::kInt16, DType::kInt32, DType::kInt64,
                                     DType::kUInt8, DType::kUInt16, DType::kUInt32, DType::kUInt64, DType::kBool});
constexpr DTypeSet kCount = Types({DType::kInt16, DType::kInt32});
constexpr DTypeSet kI16 = Types({DType::kInt16});

constexpr tflower_kernel kRows[] = {
    Kernel<TopK<int32_t>>(tfl::Builtin::TOPK_V2, {.inputs = {kNumeric, kCount}, .outputs = {kAnyType, kI32}}),
    Kernel<TopK<int16_t>>(tfl::Builtin::TOPK_V2,
                          {.inputs = {kNumeric, kCount}, .outputs = {kAnyType, kI16}, .priority = 50}),
    Kernel<ArgExtreme<true, tfl::ArgMaxOptions>>(tfl::Builtin::ARG_MAX,
                                                 {.inputs = {kNumeric, kIndex}, .outputs = {kIndex}}),
    Kernel<ArgExtreme<false, tfl::ArgMinOptions>>(tfl::Builtin::ARG_MIN,
                                                  {.inputs = {kNumeric, kIndex}, .outputs = {kIndex}}),
    Kernel<Where>(tfl::Builtin::WHERE, {.inputs = {kNumeric}, .outputs = {kI64}}),
    Kernel<Unique>(tfl::Builtin::UNIQUE, {.inputs = {kNumeric}, .outputs = {kAnyType, kIndex}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(topk, kRows);
}  // namespace tflower::kernels
