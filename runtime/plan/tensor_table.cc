// TensorTable: types and places of a plan's tensors.
#include "tensor_table.h"

#include <algorithm>

#include "../model/dtype.h"
#include "../model/sparse.h"
#include "operand_checks.h"

namespace tflower::runtime {
namespace {

constexpr uint32_t kTensors = 1u << 31;  // SharedConstants' ids of tensors, apart from those of operators

}  // namespace


TensorTable::TensorTable(const SubgraphView& subgraph, Plan& plan, SharedConstants& shared, uint64_t max_bytes)
    : subgraph_(subgraph), plan_(plan), shared_(shared), max_bytes_(max_bytes), constness_(subgraph.tensors.size(), Constness::kNo) {
  const size_t tensors = subgraph.tensors.size();
  plan.types.assign(tensors, EmptyType());
  plan.tensors.resize(tensors);
  plan.places.assign(tensors, Place::kNone);
  plan.blocks.assign(tensors, -1);
  plan.heap_of.assign(tensors, nullptr);
}

// Bytes and place are the caller's.
void TensorTable::SetType(size_t t, const TensorType& type, uint32_t flags) {
  const TensorView& view = subgraph_.tensors[t];
  plan_.types[t] = type;
  if (view.filled) flags |= TFLOWER_TENSOR_VARIABLE;
  tflower_tensor& tensor = plan_.tensors[t];
  tensor = MakeTensor(plan_.types[t], nullptr, ByteSize(type.dtype, Shape(type)).value_or(0), flags);
  const auto dtype = static_cast<DType>(type.dtype);
  const bool is_float = dtype == DType::kFloat32 || dtype == DType::kFloat64 || dtype == DType::kFloat16 || dtype == DType::kBFloat16;
  if (is_float) return;  // scales that writers leave at float tensors mean nothing
  tensor.scale = view.quant.scale.data();
  tensor.zero_point = view.quant.zero_point.data();
  tensor.quant_count = static_cast<uint32_t>(view.quant.scale.size());
  tensor.quant_axis = view.quant.axis;
}

Status TensorTable::SetStatic(size_t t, const TensorType& type) {
  SetType(t, type, 0);
  const auto bytes = ByteSize(type.dtype, Shape(type));
  if (bytes && *bytes <= max_bytes_) return Ok();
  return Error(Code::kLimit, TypeText(type) + " passes the limit of " + std::to_string(max_bytes_) + " bytes")
      .Node(subgraph_.tensors[t].name);
}

void TensorTable::SetConstant(size_t t, const TensorType& type, const void* data, uint64_t bytes, Constness constness) {
  SetType(t, type, TFLOWER_TENSOR_CONSTANT);
  plan_.tensors[t].data = const_cast<void*>(data);  // kernels get constants through const pointers
  plan_.tensors[t].size_bytes = bytes;
  plan_.places[t] = Place::kConstant;
  constness_[t] = constness;
}

void TensorTable::SetHeap(size_t t, const TensorType& type) {
  SetType(t, type, TFLOWER_TENSOR_DYNAMIC);
  DynamicOutput& slot = plan_.heap.emplace_back();
  for (int32_t d = 0; d < type.rank; ++d) slot.dims[static_cast<size_t>(d)] = std::max<int64_t>(type.dims[d], 0);
  plan_.heap_of[t] = &slot;
  plan_.tensors[t].dims = slot.dims.data();
  plan_.tensors[t].size_bytes = 0;
  plan_.places[t] = Place::kHeap;
}

void TensorTable::SetUnknown(size_t t) {
  const TensorView& view = subgraph_.tensors[t];
  TensorType type = MakeType(view.dtype, view.signature);
  // A scalar has no dimension that could say "not known", and older files declare tensors of unknown rank like scalars.
  type.rank = std::max(type.rank, 1);
  std::fill_n(type.dims, type.rank, int64_t{-1});
  SetHeap(t, type);
}

Status TensorTable::AddSources() {
  for (size_t t = 0; t < subgraph_.tensors.size(); ++t) TFLOWER_CHECK(AddSource(t));
  return Ok();
}

Status TensorTable::AddSource(size_t t) {
  const TensorView& view = subgraph_.tensors[t];
  if (!view.constant && (!view.variable || view.filled)) return Ok();
  const TensorType type = MakeType(view.dtype, view.shape);
  if (view.constant) {
    if (view.sparsity != nullptr && !view.data.empty()) return AddSparse(t, type);
    TFLOWER_CHECK(CheckContents(view));
    SetConstant(t, type, view.data.data(), view.data.size(), Constness::kModel);
    return Ok();
  }
  if (!IsStatic(type)) {
    return Error(Code::kUnsupportedType, "a variable cannot be of type " + std::string(DtypeName(view.dtype)))
        .Node(view.name);
  }
  TFLOWER_CHECK(SetStatic(t, type));  // for its bound on the bytes
  SetType(t, type, TFLOWER_TENSOR_VARIABLE);
  plan_.places[t] = Place::kVariable;
  return Ok();
}

Status TensorTable::AddSparse(size_t t, const TensorType& type) {
  const TensorView& view = subgraph_.tensors[t];
  const auto bytes = ByteSize(type.dtype, Shape(type));
  const int bits = DtypeBits(type.dtype);
  if (bits == 0 || bits % 8 != 0 || !bytes)
    return Error(Code::kUnsupportedType, "a sparse constant cannot be of type " + std::string(DtypeName(view.dtype))).Node(view.name);
  if (*bytes > max_bytes_) return Error(Code::kLimit, TypeText(type) + " passes the limit of " + std::to_string(max_bytes_) + " bytes").Node(view.name);
  const auto expand = [&]() -> Result<std::vector<OwnedTensor>> {
    std::vector<OwnedTensor> dense(1);
    dense[0].type = type;
    dense[0].size_bytes = *bytes;
    if (!dense[0].data.Reserve(*bytes)) return Error(Code::kLimit, "no memory for " + TypeText(type));
    ExpandSparse(*view.sparsity, view.shape, static_cast<size_t>(bits / 8), view.data, {dense[0].data.data(), *bytes});
    return dense;
  };
  auto dense = shared_.Folded({plan_.subgraph_index, kTensors | static_cast<uint32_t>(t)}, expand);
  if (!dense.ok()) return std::move(dense.error()).Node(view.name);
  SetConstant(t, type, dense.value()[0].data.data(), *bytes, Constness::kModel);
  return Ok();
}

// One buffer may serve many tensors: once is enough.
Status TensorTable::CheckContents(const TensorView& view) {
  if (view.dtype != kString || !checked_strings_.insert(view.data.data()).second) return Ok();
  return CheckStrings(view);
}

}  // namespace tflower::runtime
