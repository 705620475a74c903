// SOFTMAX, LOG_SOFTMAX and L2_NORMALIZATION of quantised rows. Source: TFLite SoftmaxOptions.beta, L2NormOptions and operator versions.
#include <algorithm>
#include <bit>
#include <cmath>

#include "common/inverse_root.h"
#include "common/quantized.h"
#include "quantized_softmax/rows.h"
#include "quantized_softmax/softmax_to_int16.h"
#include "quantized_unary/lookup.h"

namespace tflower::kernels {
namespace {

struct Rows {
  Affine x, y;
  IntBounds bounds;

  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckQuantized(op, 1));
    return out.SameAs(0, op.Input(0));
  }
  Status Read(const Op& op) {
    TFLOWER_TRY(x, InputAffine(op, 0));
    TFLOWER_TRY(y, OutputAffine(op));
    bounds = BoundsOf(op.Output(0).dtype());
    return Ok();
  }
  // f(row of x, depth, row of y), rows on several threads.
  template <class T, class F>
  static void ForEach(const Op& op, const EvalContext& eval, F f) {
    const int64_t depth = op.Input(0).dim(-1), rows = depth == 0 ? 0 : op.Input(0).num_elements() / depth;
    eval.parallel().For(rows, 1 + 4096 / std::max<int64_t>(depth, 1), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) f(op.Input(0).data<T>() + row * depth, depth, op.Output(0).mutable_data<T>() + row * depth);
    });
  }
};

template <class T>
int32_t MaximumOf(const T* x, int64_t n) { return *std::max_element(x, x + n); }

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
    const int64_t depth = op.Input(0).dim(-1), rows = depth == 0 ? 0 : op.Input(0).num_elements() / depth;
    const char* const from = op.Input(0).data<char>();
    char* const to = op.Output(0).mutable_data<char>();
    eval.parallel().For(rows, 1 + 16384 / std::max<int64_t>(depth, 64), [&](int64_t begin, int64_t end) { RunQuantizedSoftmax(q, from + begin * depth, end - begin, depth, to + begin * depth); });
    return Ok();
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
    const int64_t depth = op.Input(0).dim(-1), rows = depth == 0 ? 0 : op.Input(0).num_elements() / depth;
    int16_t* const to = op.Output(0).mutable_data<int16_t>();
    eval.parallel().For(rows, 1 + 1024 / std::max<int64_t>(depth, 1), [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        if (op.Input(0).dtype() == DType::kInt8) softmax.Row(op.Input(0).data<int8_t>() + row * depth, depth, to + row * depth);
        else softmax.Row(op.Input(0).data<uint8_t>() + row * depth, depth, to + row * depth);
      }
    });
    return Ok();
  }
};

// int16 to [0, 1] in units of 1 / 32768: exponentials and the reciprocal of their sum by tables.
struct Softmax16 : Rows {
  Table16 exponential, reciprocal;
  Multiplier factor;
  static Status Infer(const Op& op, OpTypes& out) { return ByteSoftmax<false>::Infer(op, out); }
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_CHECK(Read(op));
    if (y.zero != 0 || y.scale != 1.0f / 32768) return Error(Code::kUnsupportedType, "the output of int16 must have a scale of 1/32768 and zero point 0");
    factor = MultiplierOf(x.real_scale() * static_cast<double>(op.Options<tfl::SoftmaxOptions>().beta) / (10.0 / 65535.0));
    FillTable<double>(10.0 / 65535.0, INT16_MAX, 2.0 / 65535.0, 0, [](double v) { return std::exp(v); }, exponential);
    FillTable<double>(1.0 / 65535.0, INT16_MIN, 2.0 / 65535.0, 0, [](double v) { return 1.0 / (1.0 + v); }, reciprocal);
    return Ok();
  }
  // [-65535, 0] stands for [-10, 0].
  int32_t Exponential(int32_t below) const {
    const int64_t centred = static_cast<int64_t>(Scaled(below, factor)) + INT16_MAX;
    return LookUp(exponential, static_cast<int16_t>(bounds.Clamp(centred)));
  }
  void Row(const int16_t* x_row, int64_t n, int16_t* y_row) const {
    const int32_t most = MaximumOf(x_row, n);
    int64_t total = 0;
    for (int64_t i = 0; i < n; ++i) total += Exponential(x_row[i] - most);
    const auto sum = static_cast<uint32_t>(std::min<int64_t>(total, INT32_MAX));  // at least 32767: the maximum's
    const int headroom = std::countl_zero(sum);                                  // >= 1
    const int64_t fraction = ((static_cast<int64_t>(sum) << (headroom - 1)) + (1 << 13)) >> 14;  // sum as 1.x, in 16 bits
    const int32_t inverse = LookUp(reciprocal, static_cast<int16_t>(bounds.Clamp(fraction - (1 << 15) - (1 << 16))));
    const int shift = 31 - headroom;
    const int64_t half = int64_t{1} << (shift - 1);
    for (int64_t i = 0; i < n; ++i) {
      const int64_t v = (static_cast<int64_t>(Exponential(x_row[i] - most)) * inverse + half) >> shift;
      y_row[i] = static_cast<int16_t>(std::min<int64_t>(std::max<int64_t>(v, 0), INT16_MAX));
    }
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    ForEach<int16_t>(op, eval, [&](const int16_t* from, int64_t n, int16_t* to) { Row(from, n, to); });
    return Ok();
  }
};

// The result's scale is fixed: 1 / 128.
struct L2Normalization : Rows {
  Status Prepare(const Op& op, PrepareContext&) {
    TFLOWER_CHECK(Read(op));
    if (y.scale == 1.0f / 128 && y.zero == (op.Output(0).dtype() == DType::kInt8 ? 0 : 128)) return Ok();
    return Error(Code::kUnsupportedType, "the output must have a scale of 1/128, and 0 in the middle of its range");
  }
  template <class T>
  void Row(const T* x_row, int64_t n, T* y_row) const {
    int64_t squares = 0;
    for (int64_t i = 0; i < n; ++i) squares += static_cast<int64_t>(x_row[i] - x.zero) * (x_row[i] - x.zero);
    Multiplier root = InverseRootOf(static_cast<int32_t>(std::min<int64_t>(squares, INT32_MAX)));
    const int shift = std::is_same_v<T, uint8_t> ? 7 : 0;  // where the result's 7 bits come in: before the multiplication, or after it
    root.shift += 7 - shift;
    for (int64_t i = 0; i < n; ++i) y_row[i] = static_cast<T>(bounds.Clamp(static_cast<int64_t>(Scaled(ShiftLeft(x_row[i] - x.zero, shift), root)) + y.zero));
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    return VisitQuantized(op.Input(0).dtype(), [&](auto zero) {
      using T = decltype(zero);
      ForEach<T>(op, eval, [&](const T* from, int64_t n, T* to) { Row(from, n, to); });
    });
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
