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
  const Tensor w = op.Input(1);
  type_ = IntegerTypeOf(op.Input(input).dtype());
  bytes_ = MultipliesBytes(type_, w.dtype() == DType::kUInt8, q.w_zero);
  wide_ = once ? !FitsNarrow(op, input, bias, size.depth) : q.wide;
  gathers_ = gathers;
  constant_ = w.is_constant();
  bias_ = bias, threads_ = want.threads();
  x_zero_ = q.x.zero, w_zero_ = q.w_zero;
  requantizer_.once = once;
  requantizer_.type = op.Output(0).dtype();
  requantizer_.zero = q.y.zero;
  requantizer_.bounds = q.bounds;
  requantizer_.Set(q.multipliers, size.columns * size.groups);
  group_bytes_ = (IntegerPackedBytes(bytes_, size.depth, size.columns) + 63) / 64 * 64;
  if (constant_) want.Packed(group_bytes_ * size.groups, bytes_);
  want.Scratch(OffsetBytes() + (constant_ ? 0 : group_bytes_ * size.groups) + IntegerScratchBytes(ProductOf(size.rows), threads_));
}

IntegerProduct IntegerLayer::ProductOf(size_t rows) const {
  IntegerProduct p;
  p.rows = rows, p.columns = size_.columns, p.depth = size_.depth;
  p.type = type_, p.bytes = bytes_, p.wide = wide_;
  static constexpr RowSource kSome{nullptr, [](const RowSource&, size_t, size_t, void*, size_t) {}};
  if (gathers_) p.source = kSome;
  return p;
}

void IntegerLayer::PackGroups(const Op& op, const int8_t* bytes, void* packed) const {
  IntegerWeights w;
  w.is_unsigned = op.Input(1).dtype() == DType::kUInt8;
  w.zero = w_zero_;
  w.depth = size_.depth, w.columns = size_.columns;
  w.n_stride = size_.depth;
  for (size_t g = 0; g < size_.groups; ++g) {
    w.data = bytes + g * size_.columns * size_.depth;
    PackIntegerWeights(w, bytes_, static_cast<char*>(packed) + g * group_bytes_);
  }
}

Status IntegerLayer::Pack(const Op& op, void* packed) const {
  if (!constant_) return Ok();
  if (op.Input(1).dtype() != DType::kInt4) {
    PackGroups(op, static_cast<const int8_t*>(op.Input(1).raw()), packed);
    return Ok();
  }
  std::vector<int8_t> whole(static_cast<size_t>(op.Input(1).num_elements()));
  UnpackInt4(op.Input(1), whole.data());
  PackGroups(op, whole.data(), packed);
  return Ok();
}

void IntegerLayer::FillOffsets(const Op& op, const char* packed, int64_t* wide, int32_t* narrow) const {
  const int64_t zero = int64_t{x_zero_} + AddedToInput(type_, bytes_);
  for (size_t g = 0; g < size_.groups; ++g) {
    const int64_t* const sums = ColumnSums(packed + g * group_bytes_);
    for (size_t n = 0; n < size_.columns; ++n) wide[g * size_.columns + n] = -zero * sums[n];
  }
  const size_t channels = size_.groups * size_.columns;
  if (op.HasInput(bias_)) {
    const Tensor bias = op.Input(bias_);
    for (size_t n = 0; n < channels; ++n) wide[n] = AddWrapping(wide[n], IntAt(bias, static_cast<int64_t>(n)));
  }
  for (size_t n = 0; n < channels; ++n) narrow[n] = static_cast<int32_t>(static_cast<uint64_t>(wide[n]));
}

namespace {

struct Results {
  const Requantizer* requantizer;
  size_t channel;
  const int64_t* offsets;
  char* y;
  size_t stride, element;
};

void Take(const void* self, const SumTile& tile) {
  const Results& r = *static_cast<const Results*>(self);
  r.requantizer->Finish(tile, r.channel, r.offsets, r.y + (tile.row * r.stride + tile.column) * r.element, r.stride);
}

}  // namespace

void IntegerLayer::Run(const Op& op, const Operands& operands, size_t rows, const EvalContext& eval) const {
  char* scratch = eval.scratch<char>();
  auto* const wide = reinterpret_cast<int64_t*>(scratch);
  auto* const narrow = reinterpret_cast<int32_t*>(scratch + OffsetBytes() / 2);
  scratch += OffsetBytes();
  const char* packed = eval.packed<char>();
  if (!constant_) {
    PackGroups(op, static_cast<const int8_t*>(op.Input(1).raw()), scratch);
    packed = scratch;
    scratch += group_bytes_ * size_.groups;
  }
  FillOffsets(op, packed, wide, narrow);
  const size_t x_element = type_ == IntegerType::kInt16 ? 2 : 1, y_element = requantizer_.type == DType::kInt16 ? 2 : 1;
  for (size_t g = 0; g < size_.groups; ++g) {
    const size_t channel = g * size_.columns;
    const Results results{&requantizer_, channel, wide, static_cast<char*>(operands.y) + channel * y_element, operands.y_stride, y_element};
    IntegerProduct p = ProductOf(rows);
    p.a = static_cast<const char*>(operands.x) + g * size_.depth * x_element;
    p.a_stride = operands.x_stride;
    p.source = operands.source;
    p.source.group = g;
    p.packed = packed + g * group_bytes_;
    p.start = narrow + channel;
    p.sink = {&results, &Take};
    RunIntegerProduct(p, scratch, threads_, eval.parallel());
  }
}

}  // namespace tflower::kernels
