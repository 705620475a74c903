// Weights, zero points and biases of integer layers around the matrix product.
#include "integer_gemm/layer.h"

#include <cmath>

namespace tflower::kernels {
namespace {

// Whether sums of so many products of stored values, and a bias, fit in 32 bits whatever the values are.
bool FitsNarrow(const Op& op, int input, int bias, size_t depth) {
  const double x = op.Input(input).dtype() == DType::kInt16 ? 65535 : 255;
  double most = static_cast<double>(depth) * x * 255;
  if (op.HasInput(bias)) {
    if (!op.Input(bias).is_constant() || !op.Input(bias).has_data()) return false;
    double largest = 0;
    for (int64_t i = 0; i < op.Input(bias).num_elements(); ++i) largest = std::max(largest, std::abs(static_cast<double>(IntAt(op.Input(bias), i))));
    most += largest;
  }
  return most < 0x1p31;
}

}  // namespace

void IntegerLayer::Prepare(const Op& op, const QuantizedLayer& q, const Size& size, int input, int bias, bool once, bool gathers, PrepareContext& want) {
  size_ = size;
  type_ = IntegerTypeOf(op.Input(input).dtype());
  wide_ = once ? !FitsNarrow(op, input, bias, size.depth) : q.wide;
  gathers_ = gathers;
  bias_ = bias, threads_ = want.threads();
  x_zero_ = q.x.zero;
  requantizer_.once = once;
  requantizer_.type = op.Output(0).dtype();
  requantizer_.zero = q.y.zero;
  requantizer_.bounds = q.bounds;
  requantizer_.Set(q.multipliers, size.columns * size.groups);
  weights_.Prepare(op, type_, q.w_zero, size.groups, size.columns, size.depth);
  if (weights_.constant()) want.Packed(weights_.Bytes(), weights_.Key());
  want.Scratch(OffsetBytes() + (weights_.constant() ? 0 : weights_.Bytes()) + IntegerScratchBytes(ProductOf(size.rows), threads_));
}

IntegerProduct IntegerLayer::ProductOf(size_t rows) const {
  IntegerProduct p;
  p.rows = rows, p.columns = size_.columns, p.depth = size_.depth;
  p.type = type_, p.bytes = weights_.bytes(), p.wide = wide_;
  static constexpr RowSource kSome{nullptr, [](const RowSource&, size_t, size_t, void*, size_t) {}};
  if (gathers_) p.source = kSome;
  return p;
}

int64_t IntegerLayer::FillOffsets(const Op& op, const char* packed, int64_t* wide, int32_t* narrow) const {
  const int64_t zero = int64_t{x_zero_} + AddedToInput(type_, weights_.bytes());
  for (size_t g = 0; g < size_.groups; ++g) {
    const int64_t* const sums = ColumnSums(weights_.Group(packed, g));
    for (size_t n = 0; n < size_.columns; ++n) wide[g * size_.columns + n] = -zero * sums[n];
  }
  const size_t channels = size_.groups * size_.columns;
  if (op.HasInput(bias_)) {
    const Tensor bias = op.Input(bias_);
    for (size_t n = 0; n < channels; ++n) wide[n] = AddWrapping(wide[n], IntAt(bias, static_cast<int64_t>(n)));
  }
  int64_t least = 0, most = 0;
  for (size_t n = 0; n < channels; ++n) {
    narrow[n] = static_cast<int32_t>(static_cast<uint64_t>(wide[n]));
    least = std::min(least, wide[n]), most = std::max(most, wide[n]);
  }
  return std::max(most, -std::max(least, -INT64_MAX));
}

void IntegerLayer::Run(const Op& op, const Operands& operands, size_t rows, const EvalContext& eval) const {
  char* scratch = eval.scratch<char>();
  auto* const wide = reinterpret_cast<int64_t*>(scratch);
  auto* const narrow = reinterpret_cast<int32_t*>(scratch + OffsetBytes() / 2);
  scratch += OffsetBytes();
  const char* packed = eval.packed<char>();
  if (!weights_.constant()) {
    weights_.Pack(op, scratch);
    packed = scratch;
    scratch += weights_.Bytes();
  }
  const int64_t largest = FillOffsets(op, packed, wide, narrow);
  const size_t x_element = type_ == IntegerType::kInt16 ? 2 : 1, y_element = requantizer_.type == DType::kInt16 ? 2 : 1;
  for (size_t g = 0; g < size_.groups; ++g) {
    SumFinisher finisher{.requantizer = &requantizer_, .channel = g * size_.columns, .offsets = wide, .stride = operands.y_stride};
    finisher.small = SmallSums(type_, size_.depth, largest);
    finisher.y = static_cast<char*>(operands.y) + finisher.channel * y_element;
    IntegerProduct p = ProductOf(rows);
    p.a = static_cast<const char*>(operands.x) + g * size_.depth * x_element;
    p.a_stride = operands.x_stride;
    p.source = operands.source;
    p.source.group = g;
    p.packed = weights_.Group(packed, g);
    p.start = narrow + finisher.channel;
    p.sink = finisher.Sink();
    RunIntegerProduct(p, scratch, threads_, eval.parallel());
  }
}

}  // namespace tflower::kernels
