// SpaceToBatch(ND), BatchToSpace(ND) -> SPACE_TO_BATCH_ND, BATCH_TO_SPACE_ND, which exist for [batch, height, width, depth] with two blocks
// and [batch, length, depth] with one. Others are taken apart: PAD, RESHAPE, TRANSPOSE, RESHAPE, and the way back. Blocks, paddings and crops
// that are computed at run time go to the operator as they are.
//   Source: tf.raw_ops.SpaceToBatchND, tf.raw_ops.BatchToSpaceND.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kToBatchNDAttrs[] = {Type("T"), Type("Tblock_shape", DType::kInt32), Type("Tpaddings", DType::kInt32)};
constexpr AttrDef kToSpaceNDAttrs[] = {Type("T"), Type("Tblock_shape", DType::kInt32), Type("Tcrops", DType::kInt32)};
constexpr AttrDef kToBatchAttrs[] = {Type("T"), Type("Tpaddings", DType::kInt32), Int("block_size")};
constexpr AttrDef kToSpaceAttrs[] = {Type("T"), Int("block_size"), Type("Tidx", DType::kInt32)};

// Blocks of the dimensions after the batch, and what is padded or cropped before and after each: edges[2 * i], edges[2 * i + 1].
struct Blocks {
  std::vector<int64_t> size;
  std::vector<int64_t> edges;
  size_t count() const { return size.size(); }
};

Result<Blocks> CheckBlocks(Blocks b, int rank) {
  if (b.count() + 1 > static_cast<size_t>(rank)) return Error(Code::kInvalidGraph, "has more blocks than the input has dimensions").What("input 1");
  if (b.edges.size() != 2 * b.count()) return Error(Code::kInvalidGraph, "must have two entries for each block").What("paddings or crops");
  for (int64_t s : b.size) if (s < 1 || s > INT32_MAX) return Error(Code::kInvalidGraph, "blocks must be positive").What("input 1");
  for (int64_t e : b.edges) if (e < 0 || e > INT32_MAX) return Error(Code::kInvalidGraph, "must not be negative").What("paddings or crops");
  return b;
}

Result<Blocks> BlocksND(const Node& node, Builder& build) {
  Blocks b;
  TFLOWER_TRY(b.size, build.Ints(node.Input(1), "input 1"));
  TFLOWER_TRY(b.edges, build.Ints(node.Input(2), "input 2"));
  return CheckBlocks(std::move(b), node.Input(0).rank());
}

Result<Blocks> SquareBlocks(const Node& node, Builder& build) {
  Blocks b;
  b.size.assign(2, node.Int("block_size"));
  TFLOWER_TRY(b.edges, build.Ints(node.Input(1), "input 1"));
  return CheckBlocks(std::move(b), node.Input(0).rank());
}

Result<Value> SquareSize(const Node& node, Builder& build) {
  const int64_t size = node.Int("block_size");
  if (size < 1 || size > INT32_MAX) return Error(Code::kInvalidGraph, "must be positive").What("block_size");
  return build.Vector({static_cast<int32_t>(size), static_cast<int32_t>(size)});
}

// Whether the operator takes it, maybe with a block of 1 more.
bool Fits(const Value& x, Blocks& b) {
  if (x.rank() == 4 && b.count() == 1) {
    b.size.push_back(1);
    b.edges.insert(b.edges.end(), {0, 0});
  }
  return (x.rank() == 4 && b.count() == 2) || (x.rank() == 3 && b.count() == 1);
}

template <class TflOp>
Result<Value> EmitBlocks(Builder& build, const Value& x, const Blocks& b) {
  TFLOWER_TRY(const Value size, build.Vector(std::span<const int64_t>(b.size)));
  const std::vector<int32_t> narrow(b.edges.begin(), b.edges.end());
  const int64_t dims[] = {static_cast<int64_t>(b.count()), 2};
  TFLOWER_TRY(const Value edges, build.Constant<int32_t>(dims, narrow));
  return build.Emit(TflOp{}, {x, size, edges});
}

Status CheckDims(const Value& x) {
  if (std::count_if(x.dims().begin(), x.dims().end(), [](int64_t d) { return d < 0; }) <= 1) return Ok();
  return Error(Code::kUnsupportedShape, "with this number of dimensions, only one may be unknown").What("input 0")
      .Hint("give the shape with --input-shape");
}

int64_t Times(int64_t dim, int64_t factor) { return dim < 0 ? -1 : dim * factor; }

Result<Value> PadBlocks(Builder& build, const Value& x, const Blocks& b) {
  std::vector<int32_t> all(2 * static_cast<size_t>(x.rank()), 0);
  std::copy(b.edges.begin(), b.edges.end(), all.begin() + 2);
  if (std::all_of(all.begin(), all.end(), [](int32_t p) { return p == 0; })) return x;
  const int64_t dims[] = {x.rank(), 2};
  TFLOWER_TRY(const Value paddings, build.Constant<int32_t>(dims, all));
  return build.Emit(tfl::Pad{}, {x, paddings});
}

Result<Value> ToBatch(Builder& build, const Value& x, Blocks b) {
  if (Fits(x, b)) return EmitBlocks<tfl::SpaceToBatchND>(build, x, b);
  TFLOWER_CHECK(CheckDims(x));
  TFLOWER_TRY(const Value padded, PadBlocks(build, x, b));
  const int m = static_cast<int>(b.count());
  std::vector<int64_t> split{padded.dim(0)}, merged{padded.dim(0)};
  std::vector<int32_t> perm, spatial;
  for (int i = 0; i < m; ++i) {
    const int64_t size = b.size[static_cast<size_t>(i)], dim = padded.dim(i + 1);
    if (dim >= 0 && dim % size != 0)
      return Error(Code::kInvalidGraph, "dimension " + std::to_string(i + 1) + " does not divide into blocks").What("input 1");
    split.insert(split.end(), {dim < 0 ? -1 : dim / size, size});
    merged.push_back(dim < 0 ? -1 : dim / size);
    merged[0] = Times(merged[0], size);
    perm.push_back(2 * i + 2);
    spatial.push_back(2 * i + 1);
  }
  perm.push_back(0);
  perm.insert(perm.end(), spatial.begin(), spatial.end());
  for (int i = m + 1; i < x.rank(); ++i) {
    split.push_back(padded.dim(i));
    merged.push_back(padded.dim(i));
    perm.push_back(i + m);
  }
  TFLOWER_TRY(const Value apart, ReshapeTo(build, padded, split));
  TFLOWER_TRY(const Value order, build.Vector(std::span<const int32_t>(perm)));
  TFLOWER_TRY(const Value moved, build.Emit(tfl::Transpose{}, {apart, order}));
  return ReshapeTo(build, moved, merged);
}

Result<Value> CropBlocks(Builder& build, const Value& x, const Blocks& b) {
  if (std::all_of(b.edges.begin(), b.edges.end(), [](int64_t e) { return e == 0; })) return x;
  std::vector<int64_t> begin(static_cast<size_t>(x.rank()), 0), size(static_cast<size_t>(x.rank()), -1);
  for (size_t i = 0; i < b.count(); ++i) {
    const int64_t dim = x.dim(static_cast<int>(i) + 1), before = b.edges[2 * i], after = b.edges[2 * i + 1];
    if (after == 0 && before == 0) continue;
    if (dim < 0) return Error(Code::kUnsupportedShape, "a cropped dimension must be known").What("input 0").Hint("give the shape with --input-shape");
    if (dim - before - after < 0) return Error(Code::kInvalidGraph, "crops more than there is").What("input 2");
    begin[i + 1] = before;
    size[i + 1] = dim - before - after;
  }
  TFLOWER_TRY(const Value from, build.Vector(std::span<const int64_t>(begin)));
  TFLOWER_TRY(const Value count, build.Vector(std::span<const int64_t>(size)));
  return build.Emit(tfl::Slice{}, {x, from, count});
}

Result<Value> ToSpace(Builder& build, const Value& x, Blocks b) {
  if (Fits(x, b)) return EmitBlocks<tfl::BatchToSpaceND>(build, x, b);
  TFLOWER_CHECK(CheckDims(x));
  const int m = static_cast<int>(b.count());
  int64_t blocks = 1;
  for (int64_t size : b.size) {
    if (__builtin_mul_overflow(blocks, size, &blocks)) return Error(Code::kInvalidGraph, "blocks are too large").What("input 1");
  }
  if (x.dim(0) >= 0 && x.dim(0) % blocks != 0) return Error(Code::kInvalidGraph, "the batch does not divide into blocks").What("input 0");
  const int64_t batch = x.dim(0) < 0 ? -1 : x.dim(0) / blocks;
  std::vector<int64_t> split = b.size, merged{batch};
  std::vector<int32_t> perm{m};
  split.push_back(batch);
  for (int i = 1; i < x.rank(); ++i) {
    split.push_back(x.dim(i));
    merged.push_back(i <= m ? Times(x.dim(i), b.size[static_cast<size_t>(i) - 1]) : x.dim(i));
    perm.push_back(m + i);
    if (i <= m) perm.push_back(i - 1);
  }
  TFLOWER_TRY(const Value apart, ReshapeTo(build, x, split));
  TFLOWER_TRY(const Value order, build.Vector(std::span<const int32_t>(perm)));
  TFLOWER_TRY(const Value moved, build.Emit(tfl::Transpose{}, {apart, order}));
  TFLOWER_TRY(const Value whole, ReshapeTo(build, moved, merged));
  return CropBlocks(build, whole, b);
}

bool IsComputed(Builder& build, const Value& v) { return !build.ReadElements(v).ok() && v.num_elements() != 0; }

Status CheckComputed(const Value& x, const Value& size, const Value& edges) {
  const bool fits = (x.rank() == 4 && (size.dim(0) == 1 || size.dim(0) == 2)) || (x.rank() == 3 && size.dim(0) == 1);
  if (fits && edges.dim(0) == size.dim(0) && edges.dim(1) == 2) return Ok();
  return Error(Code::kUnsupportedShape, "blocks, paddings and crops that are computed at run time need an input of rank 4 and one or two blocks, or of rank 3 and one block")
      .What("input 0");
}

template <class TflOp>
Result<Value> EmitComputed(Builder& build, const Value& x, const Value& size_operand, const Value& edges_operand) {
  TFLOWER_CHECK(CheckComputed(x, size_operand, edges_operand));
  TFLOWER_TRY(Value size, AsInt32(build, size_operand));
  TFLOWER_TRY(Value edges, AsInt32(build, edges_operand));
  if (x.rank() == 4 && size.dim(0) == 1) {  // one block more, of size 1
    const int64_t row[] = {1, 2};
    const int32_t zeros[] = {0, 0};
    TFLOWER_TRY(const Value one, build.Vector({1}));
    TFLOWER_TRY(const Value none, build.Constant<int32_t>(row, zeros));
    TFLOWER_TRY(size, build.Emit(tfl::Concatenation{.axis = 0}, {size, one}));
    TFLOWER_TRY(edges, build.Emit(tfl::Concatenation{.axis = 0}, {edges, none}));
  }
  return build.Emit(TflOp{}, {x, size, edges});
}

template <class TflOp, Result<Value> (*kEmit)(Builder&, const Value&, Blocks)>
Status LowerND(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  if (IsComputed(build, node.Input(1)) || IsComputed(build, node.Input(2))) return build.Bind(0, EmitComputed<TflOp>(build, x, node.Input(1), node.Input(2)));
  TFLOWER_TRY(Blocks blocks, BlocksND(node, build));
  return build.Bind(0, kEmit(build, x, std::move(blocks)));
}

template <class TflOp, Result<Value> (*kEmit)(Builder&, const Value&, Blocks)>
Status LowerSquare(const Node& node, Builder& build) {
  const Value x = node.Input(0);
  TFLOWER_TRY(const Value size, SquareSize(node, build));
  if (IsComputed(build, node.Input(1))) return build.Bind(0, EmitComputed<TflOp>(build, x, size, node.Input(1)));
  TFLOWER_TRY(Blocks blocks, SquareBlocks(node, build));
  return build.Bind(0, kEmit(build, x, std::move(blocks)));
}

constexpr Operand kInput = Ranked(1, 8);
constexpr const char* kToBatchEmits = "CAST CONCATENATION PAD RESHAPE SPACE_TO_BATCH_ND TRANSPOSE";
constexpr const char* kToSpaceEmits = "BATCH_TO_SPACE_ND CAST CONCATENATION RESHAPE SLICE TRANSPOSE";

constexpr OpDef kOps[] = {
    {"SpaceToBatchND", {kInput, Index(1, 1), Index(2, 2)}, kToBatchNDAttrs, LowerND<tfl::SpaceToBatchND, ToBatch>, kToBatchEmits},
    {"BatchToSpaceND", {kInput, Index(1, 1), Index(2, 2)}, kToSpaceNDAttrs, LowerND<tfl::BatchToSpaceND, ToSpace>, kToSpaceEmits},
    {"SpaceToBatch", {Ranked(4, 4), Index(2, 2)}, kToBatchAttrs, LowerSquare<tfl::SpaceToBatchND, ToBatch>, "CAST SPACE_TO_BATCH_ND"},
    {"BatchToSpace", {Ranked(4, 4), Index(2, 2)}, kToSpaceAttrs, LowerSquare<tfl::BatchToSpaceND, ToSpace>, "BATCH_TO_SPACE_ND CAST"},
};
}  // namespace
TFLOWER_OP_FAMILY(space_batch, kOps);
}  // namespace tflower::tf_ops
