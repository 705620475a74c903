// Fourier transforms. RFFT, RFFT2D of powers of two -> RFFT2D. Those of other lengths and of complex data, which TFLite does not have, are products
// with constant matrices: along one axis
//   Y[k] = sum_t x[t] e^(-+ 2 pi i k t / n)
// is, for vectors (re, im), one real matrix. Axes other than the last are brought there and back. complex128 is computed, and kept, as complex64.
// Source: tf.signal.fft, ifft, rfft, irfft and their forms for two and three axes.
#include <cmath>
#include <numbers>

#include "index.h"
#include "re_im.h"
#include "working.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kComplexAttrs[] = {Type("Tcomplex", DType::kComplex64)};
constexpr AttrDef kRealAttrs[] = {Type("Treal", DType::kFloat32), Type("Tcomplex", DType::kComplex64)};

// Matrices are in the file.
constexpr int64_t kMaxMatrix = int64_t{1} << 23;

struct Transform {
  int64_t length = 0;   // n
  bool inverse = false;
  int64_t given = 0;    // elements of the input; those from n on do not count, missing ones are 0
  int64_t made = 0;     // elements of the result
  bool real_in = false, real_out = false;
};

// cos and sin of 2 pi i k / n, right for all i k.
struct Root {
  double re, im;
  Root(int64_t i, int64_t k, int64_t n) {
    const double angle = 2 * std::numbers::pi * static_cast<double>(i * k % n) / static_cast<double>(n);
    re = std::cos(angle);
    im = std::sin(angle);
  }
};

// The matrix as weights [outputs, inputs] of (re..., im...). Of a real result's spectrum one half is given, whose inner elements count twice.
std::vector<float> WeightsOf(const Transform& t) {
  const int64_t in = t.real_in ? t.given : 2 * t.given, out = t.real_out ? t.made : 2 * t.made;
  std::vector<float> weights(static_cast<size_t>(in * out), 0.0f);
  const auto at = [&](int64_t o, int64_t i) -> float& { return weights[static_cast<size_t>(o * in + i)]; };
  const int64_t used = std::min(t.given, t.real_out ? t.length / 2 + 1 : t.length);
  for (int64_t i = 0; i < used; ++i) {
    const bool twice = t.real_out && i != 0 && 2 * i != t.length;
    const double scale = (t.inverse ? 1.0 / static_cast<double>(t.length) : 1.0) * (twice ? 2 : 1);
    for (int64_t k = 0; k < t.made; ++k) {
      const Root root(i, k, t.length);
      const float re = static_cast<float>(scale * root.re), im = static_cast<float>(scale * (t.inverse ? root.im : -root.im));
      at(k, i) = re;
      if (!t.real_in) at(k, t.given + i) = -im;
      if (t.real_out) continue;
      at(t.made + k, i) = im;
      if (!t.real_in) at(t.made + k, t.given + i) = re;
    }
  }
  return weights;
}

Result<Value> Swap(Builder& build, const Value& x, int axis) {
  if (axis == x.rank() - 1) return x;
  std::vector<int32_t> perm;
  for (int i = 0; i < x.rank(); ++i) perm.push_back(i);
  std::swap(perm[static_cast<size_t>(axis)], perm.back());
  TFLOWER_TRY(const Value p, build.Vector(std::span<const int32_t>(perm)));
  return build.Emit(tfl::Transpose{}, {x, p});
}

// Along the last axis of a value of rank 2 or more.
Result<Value> Multiply(Builder& build, const Value& x, const Transform& t) {
  const int64_t in = x.dim(-1), out = t.real_out ? t.made : 2 * t.made;
  if (in > kMaxMatrix / out) return Error(Code::kUnsupportedShape, "a transform of length " + std::to_string(t.length) + " needs a matrix of " + std::to_string(in) + " by " +
                                          std::to_string(out) + " elements").What("input 0").Hint("real transforms of powers of two have an operator of their own");
  const int64_t dims[] = {out, in};
  TFLOWER_TRY(const Value weights, build.Constant<float>(dims, WeightsOf(t)));
  return build.Emit(tfl::FullyConnected{.keep_num_dims = x.rank() > 2}, {x, weights, Value()});
}

Result<ReIm> Along(Builder& build, const ReIm& z, int axis, Transform t) {
  t.given = z.re.dim(axis);
  t.real_in = !z.im;
  if (t.given < 1) return Error(Code::kUnsupportedShape, "the length along the transform's axes must be known").What("input 0").Hint("give the shape with --input-shape");
  TFLOWER_TRY(Value x, Swap(build, z.re, axis));
  if (z.im) {
    TFLOWER_TRY(const Value im, Swap(build, z.im, axis));
    TFLOWER_TRY(x, build.Emit(tfl::Concatenation{.axis = x.rank() - 1}, {x, im}));
  }
  TFLOWER_TRY(const Value y, Multiply(build, x, t));
  if (t.real_out) {
    TFLOWER_TRY(const Value re, Swap(build, y, axis));
    return ReIm{re, {}};
  }
  TFLOWER_TRY(const Value last, build.Scalar<int32_t>(y.rank() - 1));
  const Value in[] = {last, y};
  TFLOWER_TRY(const std::vector<Value> halves, build.EmitAll(tfl::Split{.num_splits = 2}, in, 2));
  TFLOWER_TRY(const Value re, Swap(build, halves[0], axis));
  TFLOWER_TRY(const Value im, Swap(build, halves[1], axis));
  return ReIm{re, im};
}

enum class Kind { kComplex, kFromReal, kToReal };

// Transforms input 0 along `axes`; the last of them is the one of which real data keeps one half. lengths: empty = as long as the input.
Result<Value> TransformAxes(const Node& node, Builder& build, std::vector<int32_t> axes, std::vector<int64_t> lengths, Kind kind, bool inverse) {
  Value x = node.Input(0);
  const int32_t row = 0;
  if (static_cast<size_t>(x.rank()) < axes.size()) return Error(Code::kInvalidGraph, "has fewer dimensions than the transform").What("input 0");
  const bool is_vector = x.rank() == 1;
  if (is_vector) {
    TFLOWER_TRY(x, InsertDims(build, x, std::span<const int32_t>(&row, 1)));
    ++axes[0];
  }
  TFLOWER_TRY(ReIm z, PartsOf(build, x));
  if (kind == Kind::kFromReal) std::reverse(axes.begin(), axes.end()), std::reverse(lengths.begin(), lengths.end());
  for (size_t i = 0; i < axes.size(); ++i) {
    const int axis = axes[i];
    const int64_t n = lengths.empty() ? z.re.dim(axis) : lengths[i];
    if (n < 1 || n > INT32_MAX) return Error(Code::kUnsupportedShape, "a transform of length " + std::to_string(n)).What("input 0").Hint("give the shape with --input-shape");
    const bool halved = kind == Kind::kFromReal && i == 0, real_out = kind == Kind::kToReal && i + 1 == axes.size();
    TFLOWER_TRY(z, Along(build, z, axis, {.length = n, .inverse = inverse, .made = halved ? n / 2 + 1 : n, .real_out = real_out}));
  }
  TFLOWER_TRY(Value y, kind == Kind::kToReal ? Result<Value>(z.re) : JoinParts(build, z));
  if (is_vector) {
    TFLOWER_TRY(y, DropDims(build, y, std::span<const int32_t>(&row, 1)));
  }
  return Convert(build, y, node.Type(kind == Kind::kToReal ? "Treal" : "Tcomplex"));
}

std::vector<int32_t> LastAxes(const Value& x, int count) {
  std::vector<int32_t> axes;
  for (int i = x.rank() - count; i < x.rank(); ++i) axes.push_back(i);
  return axes;
}

template <int kAxes, bool kInverse>
Result<Value> LowerFft(const Node& node, Builder& build) {
  return TransformAxes(node, build, LastAxes(node.Input(0), kAxes), {}, Kind::kComplex, kInverse);
}

Result<std::vector<int64_t>> ReadLengths(const Node& node, Builder& build, size_t count) {
  TFLOWER_TRY(const std::vector<int64_t> lengths, build.Ints(node.Input(1), "input 1 (fft_length)"));
  if (lengths.size() != count) return Error(Code::kInvalidGraph, "must have " + std::to_string(count) + " elements").What("input 1 (fft_length)");
  return lengths;
}

template <int kAxes, Kind kKind>
Result<Value> LowerHalved(const Node& node, Builder& build) {
  TFLOWER_TRY(const std::vector<int64_t> lengths, ReadLengths(node, build, kAxes));
  return TransformAxes(node, build, LastAxes(node.Input(0), kAxes), lengths, kKind, kKind == Kind::kToReal);
}

bool IsPowerOfTwo(int64_t n) { return n > 0 && n <= INT32_MAX && (n & (n - 1)) == 0; }

// Along the last dimension: matrices of one row.
Result<Value> LowerRfft(const Node& node, Builder& build) {
  TFLOWER_TRY(const std::vector<int64_t> lengths, ReadLengths(node, build, 1));
  if (!IsPowerOfTwo(lengths[0]) || node.Input(0).rank() == TFLOWER_MAX_RANK) return LowerHalved<1, Kind::kFromReal>(node, build);
  const int32_t row = node.Input(0).rank() - 1;
  TFLOWER_TRY(const Value rows, InsertDims(build, node.Input(0), std::span<const int32_t>(&row, 1)));
  TFLOWER_TRY(const Value length, build.Vector({1, static_cast<int32_t>(lengths[0])}));
  TFLOWER_TRY(const Value y, build.Emit(tfl::Rfft2D{}, {rows, length}));
  TFLOWER_TRY(const Value narrow, DropDims(build, y, std::span<const int32_t>(&row, 1)));
  return Convert(build, narrow, node.Type("Tcomplex"));
}

Result<Value> LowerRfft2D(const Node& node, Builder& build) {
  TFLOWER_TRY(const std::vector<int64_t> lengths, ReadLengths(node, build, 2));
  if (!IsPowerOfTwo(lengths[0]) || !IsPowerOfTwo(lengths[1])) return LowerHalved<2, Kind::kFromReal>(node, build);
  TFLOWER_TRY(const Value length, build.Vector(lengths));
  TFLOWER_TRY(const Value y, build.Emit(tfl::Rfft2D{}, {node.Input(0), length}));
  return Convert(build, y, node.Type("Tcomplex"));
}

constexpr Operand kZ = Of(kComplexTypes | Types({DType::kComplex128}), 1, TFLOWER_MAX_RANK), kX = Of(kFloats, 1, TFLOWER_MAX_RANK), kLengths = Index(1, 1);
constexpr const char* kEmits = "BITCAST CAST CONCATENATION EXPAND_DIMS FULLY_CONNECTED IMAG NEG PACK REAL RESHAPE RFFT2D SHAPE SLICE SPLIT SQUEEZE TRANSPOSE";

constexpr OpDef kOps[] = {
    {"FFT", {kZ}, kComplexAttrs, InFloat32<LowerFft<1, false>, 0>, kEmits},
    {"FFT2D", {kZ}, kComplexAttrs, InFloat32<LowerFft<2, false>, 0>, kEmits},
    {"FFT3D", {kZ}, kComplexAttrs, InFloat32<LowerFft<3, false>, 0>, kEmits},
    {"IFFT", {kZ}, kComplexAttrs, InFloat32<LowerFft<1, true>, 0>, kEmits},
    {"IFFT2D", {kZ}, kComplexAttrs, InFloat32<LowerFft<2, true>, 0>, kEmits},
    {"IFFT3D", {kZ}, kComplexAttrs, InFloat32<LowerFft<3, true>, 0>, kEmits},
    {"RFFT", {kX, kLengths}, kRealAttrs, InFloat32<LowerRfft, 0>, kEmits},
    {"RFFT2D", {kX, kLengths}, kRealAttrs, InFloat32<LowerRfft2D, 0>, kEmits},
    {"RFFT3D", {kX, kLengths}, kRealAttrs, InFloat32<LowerHalved<3, Kind::kFromReal>, 0>, kEmits},
    {"IRFFT", {kZ, kLengths}, kRealAttrs, InFloat32<LowerHalved<1, Kind::kToReal>, 0>, kEmits},
    {"IRFFT2D", {kZ, kLengths}, kRealAttrs, InFloat32<LowerHalved<2, Kind::kToReal>, 0>, kEmits},
    {"IRFFT3D", {kZ, kLengths}, kRealAttrs, InFloat32<LowerHalved<3, Kind::kToReal>, 0>, kEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(fft, kOps);
}  // namespace tflower::tf_ops
