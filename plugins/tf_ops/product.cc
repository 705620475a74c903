// Products of matrices.
#include "product.h"

#include <numeric>

#include "index.h"
#include "re_im.h"

namespace tflower::tf_ops {
namespace {

// Elements of the expanded product of integer matrices.
constexpr int64_t kMaxExpanded = int64_t{1} << 24;

Result<Value> OfFloats(Builder& build, const Value& x, const Value& y, const Taken& taken) {
  TFLOWER_TRY(const Value product, build.Emit(tfl::BatchMatMul{.adj_x = taken.transpose_x, .adj_y = taken.transpose_y}, {x, y}));
  const bool is_empty = product.num_elements() == 0 || x.dim(taken.transpose_x ? -2 : -1) == 0;
  if (!is_empty || !product.is_static()) return product;
  TFLOWER_TRY(const Value shape, build.Vector(product.dims()));
  TFLOWER_TRY(const Value zero, build.Scalar(0.0f));
  return build.Emit(tfl::Fill{}, {shape, zero});
}

// [..., m, k, 1] * [..., 1, k, n], summed over k.
Result<Value> OfIntegers(Builder& build, Value x, Value y, const Taken& taken) {
  if (taken.transpose_x) {
    TFLOWER_TRY(x, Transposed(build, x));
  }
  if (taken.transpose_y) {
    TFLOWER_TRY(y, Transposed(build, y));
  }
  const int32_t last = x.rank(), before = y.rank() - 2;
  TFLOWER_TRY(const Value left, InsertDims(build, x, std::span<const int32_t>(&last, 1)));
  TFLOWER_TRY(const Value right, InsertDims(build, y, std::span<const int32_t>(&before, 1)));
  TFLOWER_TRY(const Value products, build.Emit(tfl::Mul{}, {left, right}));
  if (products.num_elements() > kMaxExpanded)
    return Error(Code::kUnsupportedShape, "a product of integer matrices of this size: " + std::to_string(products.num_elements()) + " single products").What("input 0")
        .Hint("cast to float32 where values allow it");
  TFLOWER_TRY(const Value axis, build.Vector({products.rank() - 2}));
  return build.Emit(tfl::Sum{.keep_dims = false}, {products, axis});
}

Result<Value> Negated(Builder& build, const Value& x, bool negate) { return negate ? build.Emit(tfl::Neg{}, {x}) : Result<Value>(x); }

Result<Value> OfComplex(Builder& build, const Value& x, const Value& y, const Taken& taken) {
  TFLOWER_TRY(ReIm a, PartsOf(build, x));
  TFLOWER_TRY(ReIm b, PartsOf(build, y));
  TFLOWER_TRY(a.im, Negated(build, a.im, taken.conjugate_x));
  TFLOWER_TRY(b.im, Negated(build, b.im, taken.conjugate_y));
  TFLOWER_TRY(const Value re_re, OfFloats(build, a.re, b.re, taken));
  TFLOWER_TRY(const Value im_im, OfFloats(build, a.im, b.im, taken));
  TFLOWER_TRY(const Value re_im, OfFloats(build, a.re, b.im, taken));
  TFLOWER_TRY(const Value im_re, OfFloats(build, a.im, b.re, taken));
  TFLOWER_TRY(const Value re, build.Emit(tfl::Sub{}, {re_re, im_im}));
  TFLOWER_TRY(const Value im, build.Emit(tfl::Add{}, {re_im, im_re}));
  return JoinParts(build, {re, im});
}

}  // namespace

Result<Value> Transposed(Builder& build, const Value& x) {
  std::vector<int32_t> perm(static_cast<size_t>(x.rank()));
  std::iota(perm.begin(), perm.end(), 0);
  std::swap(perm[perm.size() - 1], perm[perm.size() - 2]);
  TFLOWER_TRY(const Value p, build.Vector(std::span<const int32_t>(perm)));
  return build.Emit(tfl::Transpose{}, {x, p});
}

Result<Value> Product(Builder& build, const Value& x, const Value& y, const Taken& taken) {
  const DType type = x.dtype();
  if (Contains(kComplexTypes, type) && Contains(kComplexTypes, y.dtype())) return OfComplex(build, x, y, taken);
  if (type == DType::kInt64 && y.dtype() == type) return OfIntegers(build, x, y, taken);
  constexpr DTypeSet kUpToInt32 = Types({DType::kInt32, DType::kInt16, DType::kUInt16, DType::kInt8, DType::kUInt8});
  if (!Contains(kUpToInt32, type) || !Contains(kUpToInt32, y.dtype())) return OfFloats(build, x, y, taken);
  TFLOWER_TRY(const Value left, CastTo(build, x, DType::kInt32));
  TFLOWER_TRY(const Value right, CastTo(build, y, DType::kInt32));
  return OfIntegers(build, left, right, taken);
}

}  // namespace tflower::tf_ops
