// Index arithmetic of STABLEHLO_GATHER, SCATTER and PAD: lists of dimensions in options, and walks over index spaces.
#pragma once

#include "common/check.h"

namespace tflower::kernels {

// A list of dimensions, ascending, each in [0, rank); kUnsupportedAttribute otherwise.
inline Status CheckAscending(std::string_view name, tfl::Span<int64_t> dims, int rank) {
  for (size_t i = 0; i < dims.size; ++i) {
    if (dims[i] < 0 || dims[i] >= rank || (i > 0 && dims[i] <= dims[i - 1]))
      return OptionError(name, Text("entry ", i, " = ", dims[i], ": the entries must ascend in [0, ", rank, ")"));
  }
  return Ok();
}
// A list of different dimensions in [0, rank), in any order.
inline Status CheckDistinct(std::string_view name, tfl::Span<int64_t> dims, int rank) {
  if (dims.size > static_cast<size_t>(rank)) return OptionError(name, Text(dims.size, " entries for rank ", rank));
  for (size_t i = 0; i < dims.size; ++i) {
    const bool again = std::find(dims.begin(), dims.begin() + i, dims[i]) != dims.begin() + i;
    if (dims[i] < 0 || dims[i] >= rank || again) return OptionError(name, Text("entry ", i, " = ", dims[i], ": the entries must be different dimensions in [0, ", rank, ")"));
  }
  return Ok();
}
inline bool Contains(tfl::Span<int64_t> dims, int64_t d) { return std::find(dims.begin(), dims.end(), d) != dims.end(); }

// The next index of a space, last dimension first; false behind the last one.
inline bool NextIndex(Shape& at, std::span<const int64_t> dims) {
  for (int i = at.rank() - 1; i >= 0; --i) {
    if (++at[i] < dims[static_cast<size_t>(i)]) return true;
    at[i] = 0;
  }
  return false;
}

// Vectors of indices into another tensor, which lie along one dimension of `indices`, or are its single elements.
class IndexVectors {
 public:
  IndexVectors(const Tensor& indices, int64_t vector_dim) : indices_(indices), vector_dim_(static_cast<int>(vector_dim)), strides_(StridesOf(indices.dims())) {}

  static Status Check(const Op& op, int i, std::string_view name, int64_t vector_dim, size_t length) {
    const Tensor indices = op.Input(i);
    if (vector_dim < 0 || vector_dim > indices.rank()) return OptionError("index_vector_dim", Text(vector_dim, " must be from 0 to ", indices.rank()));
    const int64_t found = vector_dim == indices.rank() ? 1 : indices.dim(static_cast<int>(vector_dim));
    if (found == static_cast<int64_t>(length)) return Ok();
    return OperandError(Code::kUnsupportedShape, i, name, Text("shape ", indices.dims(), " holds ", found, " numbers along dimension ", vector_dim, ", must hold ", length));
  }
  // Dimensions other than the vectors'.
  Shape BatchDims() const {
    Shape dims;
    for (int i = 0; i < indices_.rank(); ++i)
      if (i != vector_dim_) dims.push_back(indices_.dim(i));
    return dims;
  }
  // Number k of the vector at `batch`.
  int64_t At(const Shape& batch, int64_t k) const {
    int64_t offset = vector_dim_ < indices_.rank() ? k * strides_[vector_dim_] : 0;
    for (int i = 0, b = 0; i < indices_.rank(); ++i)
      if (i != vector_dim_) offset += batch[b++] * strides_[i];
    return IntAt(indices_, offset);
  }

 private:
  Tensor indices_;
  int vector_dim_;
  Shape strides_;
};

}  // namespace tflower::kernels
