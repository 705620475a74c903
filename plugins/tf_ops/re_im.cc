// Complex numbers of two real ones.
#include "re_im.h"

#include "index.h"

namespace tflower::tf_ops {

Result<ReIm> PartsOf(Builder& build, const Value& x) {
  if (!Contains(kComplexTypes, x.dtype())) return ReIm{x, {}};
  TFLOWER_TRY(const Value re, build.Emit(tfl::Real{}, {x}));
  TFLOWER_TRY(const Value im, build.Emit(tfl::Imag{}, {x}));
  return ReIm{re, im};
}

// Element 1 of the transform of (re, -im, 0, 0) is re + i im, without rounding: all factors are 1, -1, i and -i.
Result<Value> JoinParts(Builder& build, const ReIm& z) {
  if (!z.im) return build.Emit(tfl::Cast{.in_data_type = tfl::TensorType::FLOAT32, .out_data_type = tfl::TensorType::COMPLEX64}, {z.re});
  TFLOWER_TRY(const Value negative, build.Emit(tfl::Neg{}, {z.im}));
  TFLOWER_TRY(const Value pairs, build.Emit(tfl::Pack{.values_count = 2, .axis = z.re.rank()}, {z.re, negative}));
  const int64_t rows[] = {-1, 1, 2};
  TFLOWER_TRY(const Value signals, ReshapeTo(build, pairs, rows));
  TFLOWER_TRY(const Value length, build.Vector({1, 4}));
  TFLOWER_TRY(const Value spectra, build.Emit(tfl::Rfft2D{}, {signals, length}));
  TFLOWER_TRY(const Value begin, build.Vector({0, 0, 1}));
  TFLOWER_TRY(const Value size, build.Vector({-1, 1, 1}));
  TFLOWER_TRY(const Value joined, build.Emit(tfl::Slice{}, {spectra, begin, size}));
  TFLOWER_TRY(const Value shape, ShapeOf(build, z.re));
  return ReshapeBy(build, joined, shape);
}

Result<Value> Conjugated(Builder& build, const Value& x) {
  TFLOWER_TRY(const ReIm z, PartsOf(build, x));
  if (!z.im) return x;
  TFLOWER_TRY(const Value im, build.Emit(tfl::Neg{}, {z.im}));
  return JoinParts(build, {z.re, im});
}

}  // namespace tflower::tf_ops
