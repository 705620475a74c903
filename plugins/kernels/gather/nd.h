// GATHER_ND and SCATTER_ND: indices [..., k] whose last dimension names a place in the first k dimensions of a tensor.
#pragma once

#include "gather/rows.h"

namespace tflower::kernels {

// The places that an indices tensor names in a tensor of the given dims, each a slice of slice_elements.
class NdPlaces {
 public:
  NdPlaces(const Tensor& indices, std::span<const int64_t> dims)
      : indices_(indices),
        dims_(dims),
        depth_(static_cast<int>(indices.dim(-1))),
        strides_(StridesOf(dims)) {}
  int depth() const { return depth_; }
  // Product of all dims of indices but the last; a k of 0 names the whole tensor each time.
  int64_t count() const { return Product(indices_.dims(), 0, indices_.rank() - 1); }
  int64_t slice_elements() const { return Product(dims_, depth_, static_cast<int>(dims_.size())); }

  Status Check(int input) const {
    return VisitIndices(indices_, [&](const auto* indices) -> Status {
      for (int64_t i = 0, n = count() * depth_; i < n; ++i) {
        const auto k = static_cast<size_t>(i % depth_);
        if (indices[i] >= 0 && static_cast<int64_t>(indices[i]) < dims_[k]) continue;
        return OperandError(Code::kInvalidOperand, input, "indices",
                            Text("index ", indices[i], " for dimension ", k, " (entry ", i / depth_, ") is outside [0, ", dims_[k], ")"));
      }
      return Ok();
    });
  }
  // Element offset of place i. Requires Check.
  int64_t Offset(int64_t i) const {
    int64_t offset = 0;
    for (int k = 0; k < depth_; ++k) offset += IntAt(indices_, i * depth_ + k) * strides_[k];
    return offset;
  }

 private:
  const Tensor indices_;
  std::span<const int64_t> dims_;
  int depth_;
  Shape strides_;
};

struct GatherNd {
  static Status Infer(const Op& op, OpTypes& out) {
    const Tensor params = op.Input(0), indices = op.Input(1);
    if (indices.dim(-1) > params.rank()) {
      return OperandError(Code::kUnsupportedShape, 1, "indices",
                          Text("the last dimension of ", indices.dims(), " must be at most the rank of params, ", params.rank()));
    }
    const int depth = static_cast<int>(indices.dim(-1));
    if (indices.rank() - 1 + params.rank() - depth > kMaxRank)
      return OperandError(Code::kUnsupportedShape, 1, "indices", Text("the output would have a rank above ", kMaxRank));
    Shape dims;
    for (int i = 0; i + 1 < indices.rank(); ++i) dims.push_back(indices.dim(i));
    for (int i = depth; i < params.rank(); ++i) dims.push_back(params.dim(i));
    return SetOutput(out, 0, params.dtype(), dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Tensor params = op.Input(0);
    const NdPlaces places(op.Input(1), params.dims());
    TFLOWER_CHECK(places.Check(1));
    const int64_t element = ElementBytes(params.dtype());
    CopyRows(params.raw(), static_cast<int64_t>(params.size_bytes()), op.Output(0).mutable_raw(), places.count(), places.slice_elements() * element, eval.parallel(),
             [&](int64_t i) { return places.Offset(i) * element; });
    return Ok();
  }
};

// Zeros, to which update i is added at place i: places may repeat. Booleans: or. Operands: indices, updates, shape.
struct ScatterNd {
  static Result<Shape> OutputShape(const Op& op) {
    const Tensor indices = op.Input(0), updates = op.Input(1);
    const Shape dims = IntsOf(op.Input(2));
    TFLOWER_TRY([[maybe_unused]] const int64_t count, ForInput(2, "shape", CountElements(dims, updates.dtype())));
    const int64_t depth = indices.dim(-1);
    if (depth > dims.rank()) {
      return OperandError(Code::kUnsupportedShape, 0, "indices",
                          Text("the last dimension of ", indices.dims(), " must be at most the rank of shape ", dims));
    }
    const int lead = indices.rank() - 1;
    bool fits = updates.rank() == lead + dims.rank() - depth;
    for (int i = 0; fits && i < updates.rank(); ++i)
      fits = updates.dim(i) == (i < lead ? indices.dim(i) : dims[static_cast<int>(depth) + i - lead]);
    if (fits) return dims;
    return OperandError(Code::kUnsupportedShape, 1, "updates",
                        Text("shape ", updates.dims(), " must be that of indices ", indices.dims(), " without the last, then ",
                             dims.span().subspan(static_cast<size_t>(depth))));
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckShapeOperand(op, 2, "shape"));
    const DType dtype = op.Input(1).dtype();
    if (!Known(op.Input(2))) return out.Unknown(0, dtype, static_cast<int>(op.Input(2).dim(0)));
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    return out.Set(0, dtype, dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const Shape dims, OutputShape(op));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, dims);
    const Tensor updates = op.Input(1), output = op.Output(0);
    const NdPlaces places(op.Input(0), dims);
    TFLOWER_CHECK(places.Check(0));
    const uint8_t zero = 0;
    Fill(&zero, 1, output.mutable_raw(), static_cast<int64_t>(output.size_bytes()), eval.parallel());
    const int64_t slice = places.slice_elements();
    VisitNumeric(updates.dtype(), [&]<class T>(T) {
      for (int64_t i = 0; i < places.count(); ++i)
        AddSlice(updates.data<T>() + i * slice, slice, output.mutable_data<T>() + places.Offset(i));
    });
    return Ok();
  }

 private:
  template <class T>
  static void AddSlice(const T* from, int64_t n, T* to) {
    for (int64_t k = 0; k < n; ++k) {
      if constexpr (std::is_same_v<T, bool>) to[k] = to[k] || from[k];
      else if constexpr (std::is_integral_v<T>) to[k] = static_cast<T>(static_cast<uint64_t>(to[k]) + static_cast<uint64_t>(from[k]));
      else to[k] += from[k];
    }
  }
};

}  // namespace tflower::kernels
