// Verifies a sparse constant: the order of its dimensions, its blocks, and where its stored elements lie, down to the last index.
//
// The stored form is a tree: level i is dimension traversal_order[i], each node of a level has children in the next: all of them where the level is
// dense, those of array_indices[array_segments[n] .. array_segments[n + 1]) where it is compressed. A leaf is a stored element. Blocked dimensions
// occur twice, as the number of blocks and, behind the tensor's own dimensions, as the size of a block.  Source: schema, SparsityParameters
#include <algorithm>
#include <string>
#include <vector>

#include "dtype.h"
#include "sparse_indices.h"

namespace tflower::runtime {
namespace {

class Checker {
 public:
  Checker(VerifyContext& context, const tflite::SparsityParameters& sparsity, std::span<const int64_t> dims)
      : context_(context), sparsity_(sparsity), order_(SpanOf(sparsity.traversal_order())), blocks_(SpanOf(sparsity.block_map())), sizes_(dims.begin(), dims.end()), rank_(dims.size()) {}

  // Gives the number of stored elements.
  Result<uint64_t> Run() {
    TFLOWER_CHECK(CheckOrder());
    TFLOWER_CHECK(FindSizes());
    uint64_t nodes = 1;
    for (size_t level = 0; level < order_.size(); ++level) {
      auto next = Descend(level, nodes);
      if (!next.ok()) return std::move(next.error()).What("dim_metadata[" + std::to_string(level) + "]");
      nodes = next.value();
    }
    return nodes;
  }

 private:
  Status CheckOrder() {
    const size_t total = rank_ + blocks_.size();
    if (order_.size() != total || SizeOf(sparsity_.dim_metadata()) != total)
      return Malformed("traversal_order has " + std::to_string(order_.size()) + " entries and dim_metadata " + std::to_string(SizeOf(sparsity_.dim_metadata())) +
                       "; both must have " + std::to_string(total));
    TFLOWER_CHECK(context_.Charge(total));
    std::vector<bool> seen(total, false);
    for (const int32_t dim : order_) {
      if (dim < 0 || static_cast<size_t>(dim) >= total || seen[static_cast<size_t>(dim)])
        return Malformed("traversal_order is no permutation: " + std::to_string(dim));
      seen[static_cast<size_t>(dim)] = true;
    }
    return Ok();
  }

  // sizes_[d] of the tensor's own dimensions becomes the number of blocks; behind them come the sizes of blocks.
  Status FindSizes() {
    std::vector<bool> blocked(rank_, false);
    sizes_.resize(order_.size(), 0);
    for (size_t level = 0; level < order_.size(); ++level) {
      const size_t dim = static_cast<size_t>(order_[level]);
      if (dim < rank_) continue;
      const tflite::DimensionMetadata& metadata = At(sparsity_.dim_metadata(), level);
      if (metadata.format() != tflite::DimensionType::DENSE)
        return Malformed("a block's dimension is not dense").What("dim_metadata[" + std::to_string(level) + "]");
      sizes_[dim] = metadata.dense_size();
    }
    for (size_t b = 0; b < blocks_.size(); ++b) {
      const int32_t dim = blocks_[b];
      if (dim < 0 || static_cast<size_t>(dim) >= rank_ || blocked[static_cast<size_t>(dim)])
        return Malformed("block_map[" + std::to_string(b) + "] is " + std::to_string(dim) + ": no dimension of the tensor, or one that has blocks already");
      blocked[static_cast<size_t>(dim)] = true;
      int64_t& size = sizes_[static_cast<size_t>(dim)];
      const int64_t block = sizes_[rank_ + b];
      if (block < 1 || size % block != 0)
        return Malformed("blocks of " + std::to_string(block) + " do not divide dimension " + std::to_string(dim) + " of " + std::to_string(size));
      size /= block;
    }
    return Ok();
  }

  // Nodes of the next level.
  Result<uint64_t> Descend(size_t level, uint64_t nodes) {
    const tflite::DimensionMetadata& metadata = At(sparsity_.dim_metadata(), level);
    const int64_t size = sizes_[static_cast<size_t>(order_[level])];
    if (metadata.format() == tflite::DimensionType::DENSE) {
      if (metadata.dense_size() != size)
        return Malformed("dense_size is " + std::to_string(metadata.dense_size()) + ", the dimension has " + std::to_string(size));
      // A product that wraps is larger than any buffer: as good as the largest.
      uint64_t product;
      return __builtin_mul_overflow(nodes, static_cast<uint64_t>(size), &product) ? UINT64_MAX : product;
    }
    if (metadata.format() != tflite::DimensionType::SPARSE_CSR)
      return Malformed("format " + std::to_string(static_cast<int>(metadata.format())) + " is not in the schema");
    return Compressed(SparseIndices(metadata.array_segments_type(), metadata.array_segments()), SparseIndices(metadata.array_indices_type(), metadata.array_indices()), nodes, size);
  }

  Result<uint64_t> Compressed(const SparseIndices& segments, const SparseIndices& indices, uint64_t nodes, int64_t size) {
    if (segments.size() == 0 || segments.size() - 1 != nodes)
      return Malformed("array_segments has " + std::to_string(segments.size()) + " entries for " + std::to_string(nodes) + " nodes; one more than nodes is needed");
    TFLOWER_CHECK(context_.Charge(uint64_t{segments.size()} + indices.size()));
    if (segments[0] != 0) return Malformed("array_segments[0] is " + std::to_string(segments[0]) + ", not 0");
    for (size_t n = 0; n < nodes; ++n) {
      const int64_t begin = segments[n], end = segments[n + 1];
      if (end < begin || static_cast<uint64_t>(end) > indices.size())
        return Malformed("array_segments[" + std::to_string(n + 1) + "] is " + std::to_string(end) + ", outside of " + std::to_string(begin) + ".." + std::to_string(indices.size()));
      int64_t last = -1;
      for (size_t i = static_cast<size_t>(begin); i < static_cast<size_t>(end); last = indices[i++]) {
        if (indices[i] <= last || indices[i] >= size)
          return Malformed("array_indices[" + std::to_string(i) + "] is " + std::to_string(indices[i]) + ": above " + std::to_string(last) + " and below " + std::to_string(size) + " are allowed");
      }
    }
    if (static_cast<uint64_t>(segments[segments.size() - 1]) == indices.size()) return indices.size();
    return Malformed("array_segments ends at " + std::to_string(segments[segments.size() - 1]) + ", array_indices at " + std::to_string(indices.size()));
  }

  VerifyContext& context_;
  const tflite::SparsityParameters& sparsity_;
  std::span<const int32_t> order_, blocks_;
  std::vector<int64_t> sizes_;
  size_t rank_;
};

}  // namespace

Status VerifySparsity(VerifyContext& context, const tflite::Tensor& tensor, std::span<const int64_t> dims) {
  const auto* sparsity = tensor.sparsity();
  if (sparsity == nullptr) return Ok();
  TFLOWER_TRY(const uint64_t elements, Checker(context, *sparsity, dims).Run());
  if (tensor.buffer() == 0) return Malformed("a sparse tensor has no elements: buffer 0");
  TFLOWER_TRY(const auto bytes, BufferBytes(context.file, At(context.model->buffers(), tensor.buffer())));
  const int32_t dtype = static_cast<int32_t>(tensor.type());
  const int64_t count[] = {static_cast<int64_t>(std::min<uint64_t>(elements, INT64_MAX))};
  const uint64_t expected = ByteSize(dtype, count).value_or(UINT64_MAX);
  if (expected == bytes.size()) return Ok();
  return Malformed(std::to_string(elements) + " stored elements of " + std::string(DtypeName(dtype)) + " take " + std::to_string(expected) + " bytes, the buffer has " +
                   std::to_string(bytes.size()));
}

}  // namespace tflower::runtime
