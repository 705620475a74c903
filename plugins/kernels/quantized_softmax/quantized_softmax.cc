// SOFTMAX, LOG_SOFTMAX and L2_NORMALIZATION of quantised rows. Source: TFLite SoftmaxOptions.beta, L2NormOptions and operator versions.
#include <algorithm>
#include <cmath>

#include "common/quantized.h"
#include "quantized_softmax/l2_rows.h"
#include "quantized_softmax/rows.h"
#include "quantized_softmax/softmax_to_int16.h"
#include "quantized_softmax/words.h"

namespace tflower::kernels {
namespace {

struct Rows {
  Affine x, y;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckQuantized(op, 1));
    return out.SameAs(0, op.Input(0));
  }
  Status Read(const Op& op) {
    TFLOWER_TRY(x, InputAffine(op, 0));
    TFLOWER_TRY(y, OutputAffine(op));
    return Ok();
  }
  // f(row of x, rows, depth, row of y), rows on several threads that have some `values` each.
  template <class X, class Y, class F>
  static Status ForRows(const Op& op, const EvalContext& eval, int64_t values, F f) {
    const int64_t depth = op.Input(0).dim(-1), rows = depth == 0 ? 0 : op.Input(0).num_elements() / depth;
    const X* const from = op.Input(0).data<X>();
    Y* const to = op.Output(0).mutable_data<Y>();
    eval.parallel().For(rows, 1 + values / std::max<int64_t>(depth, 64), [&](int64_t begin, int64_t end) { f(from + begin * depth, end - begin, depth, to + begin * depth); });
    return Ok();
  }
};

template <bool kLog>
struct ByteSoftmax : Rows {
  QuantizedSoftmax q;
  static Status Infer(const Op& op, OpTypes& out) {
    if (kLog) return Rows::Infer(op, out);
    const float beta = op.Options<tfl::SoftmaxOptions>().beta;
    if (!(beta > 0) || std::isinf(beta)) return OptionError("beta", Text(beta, " must be positive"));
    return Rows::Infer(op, out);
  }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_CHECK(Read(op));
    q.log = kLog;
    q.type = op.Input(0).dtype();
    q.x = x, q.y = y;
    q.Fill(kLog ? 1 : op.Options<tfl::SoftmaxOptions>().beta);
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    return ForRows<char, char>(op, eval, 16384, [&](const char* from, int64_t rows, int64_t depth, char* to) { RunQuantizedSoftmax(q, from, rows, depth, to); });
  }
};

// int8 or uint8 to int16.
struct WideSoftmax : Rows {
  SoftmaxToInt16 softmax;
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(ByteSoftmax<false>::Infer(op, out));
    return out.Set(0, DType::kInt16, op.Input(0).dims());
  }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_CHECK(Read(op));
    constexpr float kScale = 1.0f / 65536;
    if (y.zero != INT16_MIN || !(std::abs(y.scale - kScale) <= kScale / 1000))
      return Error(Code::kUnsupportedType, "the output of int16 must have a scale of 1/65536 and zero point -32768, as the operand has bytes");
    softmax.Fill(x.real_scale(), static_cast<double>(op.Options<tfl::SoftmaxOptions>().beta));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    return ForRows<char, int16_t>(op, eval, 8192, [&](const char* from, int64_t rows, int64_t depth, int16_t* to) { RunSoftmaxToInt16(softmax, op.Input(0).dtype(), from, rows, depth, to); });
  }
};

// int16 to [0, 1] in units of 1 / 32768.
struct Softmax16 : Rows {
  SoftmaxOfWords softmax;
  static Status Infer(const Op& op, OpTypes& out) { return ByteSoftmax<false>::Infer(op, out); }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_CHECK(Read(op));
    if (y.zero != 0 || y.scale != 1.0f / 32768) return Error(Code::kUnsupportedType, "the output of int16 must have a scale of 1/32768 and zero point 0");
    softmax.Fill(x.real_scale(), static_cast<double>(op.Options<tfl::SoftmaxOptions>().beta));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    return ForRows<int16_t, int16_t>(op, eval, 8192, [&](const int16_t* from, int64_t rows, int64_t depth, int16_t* to) { RunSoftmaxOfWords(softmax, from, rows, depth, to); });
  }
};

// The result's scale is fixed: 1 / 128.
struct L2Normalization : Rows {
  QuantizedL2 l2;
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_CHECK(Read(op));
    l2 = {op.Output(0).dtype(), x.zero, y.zero};
    if (y.scale == 1.0f / 128 && y.zero == (l2.type == DType::kInt8 ? 0 : 128)) return Ok();
    return Error(Code::kUnsupportedType, "the output must have a scale of 1/128, and 0 in the middle of its range");
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    return ForRows<char, char>(op, eval, 16384, [&](const char* from, int64_t rows, int64_t depth, char* to) { RunQuantizedL2(l2, from, rows, depth, to); });
  }
};

template <class K>
constexpr tflower_kernel Row(tfl::Builtin code, DTypeSet types) {
  return Kernel<K>(code, {.inputs = {types}, .outputs = {types}, .flags = TFLOWER_KERNEL_IN_PLACE});
}

constexpr tflower_kernel kRows[] = {
    Row<ByteSoftmax<false>>(tfl::Builtin::SOFTMAX, kBytes),
    Kernel<WideSoftmax>(tfl::Builtin::SOFTMAX, {.inputs = {kBytes}, .outputs = {kInt16}}),
    Row<Softmax16>(tfl::Builtin::SOFTMAX, kInt16),
    Row<ByteSoftmax<true>>(tfl::Builtin::LOG_SOFTMAX, kBytes),
    Row<L2Normalization>(tfl::Builtin::L2_NORMALIZATION, kBytes),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(quantized_softmax, kRows);
}  // namespace tflower::kernels
