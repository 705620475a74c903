// Lists of tensors: lengths, and items that nobody wrote.
#include "lower/tensor_list.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "lower/emit.h"

namespace tflower::lower {
namespace {

Result<ir::Value*> Zero(Typer& typer, ir::Subgraph& graph, DType dtype) {
  const std::byte zero[16] = {};
  if (dtype != DType::kString && BitsOf(dtype) < 8) return Error(Code::kUnsupportedType, fmt::format("lists of {} are not supported", NameOf(dtype)));
  if (dtype == DType::kString) {  // one empty string
    const int32_t packed[] = {1, 12, 12};
    return typer.AddConstant(graph, ir::Constant::Copy(dtype, {}, std::as_bytes(std::span(packed))));
  }
  return typer.AddConstant(graph, ir::Constant::Copy(dtype, {}, std::span(zero, static_cast<size_t>(BitsOf(dtype) / 8))));
}

Result<ir::Value*> Zeros(Typer& typer, ir::Subgraph& graph, std::string_view node, DType dtype, ir::Value* dims) {
  TFLOWER_TRY(ir::Value * zero, Zero(typer, graph, dtype));
  return EmitOwn(typer, graph, node, tfl::Fill{}, {dims, zero});
}

bool AllKnown(const std::vector<ir::Dim>& dims) { return std::ranges::all_of(dims, &ir::Dim::known); }

// int32 vector of an element's dims at run time.
Result<ir::Value*> ElementShape(Typer& typer, ir::Subgraph& graph, std::string_view node, const ir::List& list, ir::Value* like) {
  const std::vector<ir::Dim>* dims = like != nullptr ? &like->dims : list.element ? &*list.element : nullptr;
  if (dims != nullptr && AllKnown(*dims)) {
    std::vector<int32_t> sizes;
    for (const ir::Dim& d : *dims) sizes.push_back(static_cast<int32_t>(d.value()));
    return Int32Vector(typer, graph, sizes);
  }
  if (like != nullptr) return EmitOwn(typer, graph, node, tfl::Shape{.out_type = tfl::TensorType::INT32}, {like});
  return Error(Code::kUnsupportedShape, "the shape of the list's elements is not known before one is written").Hint("give the list's element_shape");
}

}  // namespace

ir::Value* MakeList(ir::Subgraph& graph, ir::List list) {
  ir::Value* v = graph.NewValue();
  v->dtype = DType::kVariant;
  if (list.items != nullptr) {
    list.dtype = list.items->dtype;
    list.element.emplace(list.items->dims.begin() + 1, list.items->dims.end());
    list.length = nullptr;
  }
  v->list = std::make_unique<ir::List>(std::move(list));
  return v;
}

Result<ir::Value*> ListLength(Typer& typer, ir::Subgraph& graph, std::string_view node, const ir::List& list) {
  if (list.items == nullptr) return list.length;
  if (list.items->dims[0].known()) {
    const int32_t n = static_cast<int32_t>(list.items->dims[0].value());
    return Int32Scalar(typer, graph, n);
  }
  TFLOWER_TRY(ir::Value * shape, EmitOwn(typer, graph, node, tfl::Shape{.out_type = tfl::TensorType::INT32}, {list.items}));
  ir::Value* const begin = Int32Vector(typer, graph, {0});
  ir::Value* const end = Int32Vector(typer, graph, {1});
  return EmitOwn(typer, graph, node, tfl::StridedSlice{.shrink_axis_mask = 1}, {shape, begin, end, end});
}

Result<ir::Value*> ListItems(Typer& typer, ir::Subgraph& graph, std::string_view node, const ir::List& list, ir::Value* like) {
  if (list.items != nullptr) return list.items;
  TFLOWER_TRY(ir::Value * element, ElementShape(typer, graph, node, list, like));
  ir::Value* const one = Int32Vector(typer, graph, {1});
  TFLOWER_TRY(ir::Value * length, EmitOwn(typer, graph, node, tfl::Reshape{}, {list.length, one}));
  if (list.length->constant || list.length->symbolic) {
    TFLOWER_TRY(ir::Value * dims, EmitOwn(typer, graph, node, tfl::Concatenation{.axis = 0}, {length, element}));
    return Zeros(typer, graph, node, list.dtype, dims);
  }
  // A FILL whose operand holds an unknown number would have no known dimension at all: so one element of zeros is repeated.
  TFLOWER_TRY(ir::Value * dims, EmitOwn(typer, graph, node, tfl::Concatenation{.axis = 0}, {one, element}));
  TFLOWER_TRY(ir::Value * row, Zeros(typer, graph, node, list.dtype, dims));
  TFLOWER_TRY(ir::Value * indices, Zeros(typer, graph, node, DType::kInt32, length));
  return EmitOwn(typer, graph, node, tfl::Gather{.axis = 0}, {row, indices});
}

}  // namespace tflower::lower
