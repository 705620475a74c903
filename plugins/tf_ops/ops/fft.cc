// Fourier transforms of real data -> RFFT2D, of powers of two as TFLite's; what follows them: ComplexAbs, Real, Imag, Angle.
// Source: tf.signal.rfft, tf.signal.rfft2d.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kFftAttrs[] = {Type("Treal", DType::kFloat32), Type("Tcomplex", DType::kComplex64)};
constexpr AttrDef kPartAttrs[] = {Type("T", DType::kComplex64), Type("Tout", DType::kFloat32)};

Result<std::vector<int64_t>> ReadLengths(Builder& build, const Value& v, size_t count) {
  TFLOWER_TRY(const std::vector<int64_t> lengths, build.Ints(v, "input 1 (fft_length)"));
  if (lengths.size() != count) return Error(Code::kInvalidGraph, "must have " + std::to_string(count) + " elements").What("input 1 (fft_length)");
  for (int64_t n : lengths)
    if (n < 1 || n > INT32_MAX || (n & (n - 1)) != 0)
      return Error(Code::kUnsupportedAttribute, std::to_string(n) + " is not a power of two, which TFLite's transform needs").What("input 1 (fft_length)")
          .Hint("pad the data to a power of two: fft_length of tf.signal.stft does");
  return lengths;
}

// Along the last dimension: matrices of one row.
Status LowerRfft(const Node& node, Builder& build) {
  TFLOWER_TRY(const std::vector<int64_t> lengths, ReadLengths(build, node.Input(1), 1));
  const int32_t row = node.Input(0).rank() - 1;
  TFLOWER_TRY(const Value rows, InsertDims(build, node.Input(0), std::span<const int32_t>(&row, 1)));
  TFLOWER_TRY(const Value length, build.Vector({1, static_cast<int32_t>(lengths[0])}));
  TFLOWER_TRY(const Value y, build.Emit(tfl::Rfft2D{}, {rows, length}));
  return build.Bind(0, DropDims(build, y, std::span<const int32_t>(&row, 1)));
}

Status LowerRfft2D(const Node& node, Builder& build) {
  TFLOWER_TRY(const std::vector<int64_t> lengths, ReadLengths(build, node.Input(1), 2));
  TFLOWER_TRY(const Value length, build.Vector(lengths));
  return build.Bind(0, build.Emit(tfl::Rfft2D{}, {node.Input(0), length}));
}

Status LowerAngle(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value re, build.Emit(tfl::Real{}, {node.Input(0)}));
  TFLOWER_TRY(const Value im, build.Emit(tfl::Imag{}, {node.Input(0)}));
  return build.Bind(0, build.Emit(tfl::Atan2{}, {im, re}));
}

constexpr Operand kComplex = Of(Types({DType::kComplex64}), 0, TFLOWER_MAX_RANK);

constexpr OpDef kOps[] = {
    {"RFFT", {Of(kF32, 1, TFLOWER_MAX_RANK - 1), Index(1, 1)}, kFftAttrs, LowerRfft, "EXPAND_DIMS RESHAPE RFFT2D SQUEEZE"},
    {"RFFT2D", {Of(kF32, 2, TFLOWER_MAX_RANK), Index(1, 1)}, kFftAttrs, LowerRfft2D, "RFFT2D"},
    {"ComplexAbs", {kComplex}, kPartAttrs, Rename<tfl::ComplexAbs>, "COMPLEX_ABS"},
    {"Real", {kComplex}, kPartAttrs, Rename<tfl::Real>, "REAL"},
    {"Imag", {kComplex}, kPartAttrs, Rename<tfl::Imag>, "IMAG"},
    {"Angle", {kComplex}, kPartAttrs, LowerAngle, "ATAN2 IMAG REAL"},
};
}  // namespace
TFLOWER_OP_FAMILY(fft, kOps);
}  // namespace tflower::tf_ops
