// Walk: lists that go through branches and loops, as their items or, while nothing was written to them, as their length.
#include <algorithm>

#include <fmt/format.h>

#include "lower/tensor_list.h"
#include "lower/walk.h"

namespace tflower::lower {

// The first of the items, or all behind it.
Result<ir::Value*> Walk::Rows(ir::Value* items, bool first) {
  const size_t rank = items->dims.size();
  std::vector<int32_t> begin(rank, 0), end(rank, 0), steps(rank, 1);
  (first ? end : begin)[0] = 1;
  const int32_t all = (1 << rank) - 1;
  const auto vector = [&](const std::vector<int32_t>& x) { return Int32Vector(typer_, *region_->graph, x); };
  return Emit(items->name, tfl::StridedSlice{.begin_mask = all & ~1, .end_mask = first ? all & ~1 : all}, {items, vector(begin), vector(end), vector(steps)});
}

// Stock LiteRT fails on loop variables without any element that grow or have shrunk to that. So a list whose length changes gets a row in
// front that stays.
Status Walk::AddSpare(const tf::Node& node, LoopVariable& variable, std::vector<ir::Dim> element) {
  ir::Value* const items = variable.tensor;
  const ir::List row{.dtype = items->dtype, .element = element, .length = Scalar(1)};
  TFLOWER_TRY(ir::Value * first, Written(node, row, std::move(element)));
  if (items->dims[0] != ir::Dim(0)) {
    TFLOWER_TRY(first, Emit(node.name, tfl::Concatenation{.axis = 0}, {first, items}));
  }
  variable.Carry(first);
  variable.spare = true;
  return Ok();
}

// The list around what is carried of it, in the present subgraph.
Result<ir::Value*> Walk::ListFrom(const ir::List& like, const LoopVariable& variable, ir::Value* carried) {
  if (variable.spare) {
    TFLOWER_TRY(carried, Rows(carried, false));
  }
  if (variable.only_length) return MakeList(*region_->graph, {.dtype = like.dtype, .element = like.element, .length = carried, .grows = like.grows});
  return MakeList(*region_->graph, {.items = carried, .grows = like.grows});
}

// The items of a list in the present subgraph; zeros if nothing was written to it.
Result<ir::Value*> Walk::Written(const tf::Node& node, const ir::List& list, std::vector<ir::Dim> element) {
  if (list.items != nullptr) return list.items;
  TFLOWER_TRY(ir::Value * like, LikeElement(node, element));
  const ir::List zeros{.dtype = list.dtype, .element = std::move(element), .length = list.length};
  return ListItems(typer_, *region_->graph, node.name, zeros, like);
}

// A body that gives an unwritten list in the place of a carried one gives its zeros. A spare row goes along.
Status Walk::WriteLikeArguments(const tf::Node& node, const std::vector<LoopVariable>& variables, Values& results) {
  for (size_t i = 0; i < variables.size(); ++i) {
    const LoopVariable& variable = variables[i];
    if (results[i] == nullptr || results[i]->list == nullptr || results[i]->list->items != nullptr) continue;
    if (variable.outer->list == nullptr || variable.tensor == nullptr || variable.only_length) continue;
    TFLOWER_TRY(ir::Value * items, Written(node, *results[i]->list, {variable.dims.begin() + 1, variable.dims.end()}));
    results[i] = MakeList(*region_->graph, {.items = items, .grows = results[i]->list->grows});
  }
  for (size_t i = 0; i < variables.size(); ++i) {
    if (!variables[i].spare || results[i] == nullptr || results[i]->list == nullptr || results[i]->list->items == nullptr) continue;
    TFLOWER_TRY(ir::Value * first, Rows(variables[i].inside, true));
    TFLOWER_TRY(ir::Value * items, Emit(node.name, tfl::Concatenation{.axis = 0}, {first, results[i]->list->items}));
    results[i] = MakeList(*region_->graph, {.items = items, .grows = results[i]->list->grows});
  }
  return Ok();
}

// The tensors of two branches' lists: items, if one of them was written to, else lengths. Both stay lists when their lengths are one number.
Status Walk::MatchLists(const tf::Node& node, std::span<ir::Subgraph* const> graphs, ir::Value*& a, ir::Value*& b) {
  const ir::List &first = *a->list, &second = *b->list;
  if (first.dtype != second.dtype) return Error(Code::kInvalidGraph, fmt::format("one branch gives a list of {}, the other of {}", NameOf(first.dtype), NameOf(second.dtype)));
  if (first.items == nullptr && second.items == nullptr) {
    if (SameConstant(*first.length, *second.length)) return Ok();
    a = first.length;
    b = second.length;
    return Ok();
  }
  const ir::Value* const written = first.items != nullptr ? first.items : second.items;
  const auto items_of = [&](const ir::List& list, ir::Subgraph* graph) {
    Region region{graph, {}, {}};
    Region* const outer = std::exchange(region_, &region);
    Result<ir::Value*> items = Written(node, list, {written->dims.begin() + 1, written->dims.end()});
    region_ = outer;
    return items;
  };
  TFLOWER_TRY(ir::Value * items_a, items_of(first, graphs[0]));
  TFLOWER_TRY(b, items_of(second, graphs[1]));
  a = items_a;
  return Ok();
}

// A value of the present subgraph whose dims are those of an element with unknown ones, so that its shape can be read at run time; null when
// all are known.
Result<ir::Value*> Walk::LikeElement(const tf::Node& node, const std::vector<ir::Dim>& dims) {
  if (std::ranges::all_of(dims, &ir::Dim::known)) return nullptr;
  for (const ir::SignatureTensor& in : region_->graph->inputs)
    if (in.value->is_tensor() && in.value->dims == dims) return in.value;
  for (ir::Value& v : region_->graph->values())
    if (HasContents(v) && v.dims == dims) return &v;
  // No such value: one is put together from values that have the single dims.
  Values sizes;
  for (const ir::Dim& dim : dims) {
    ir::Value* size = nullptr;
    if (dim.known()) size = Scalar(static_cast<int32_t>(dim.value()));
    for (ir::Value& v : region_->graph->values()) {
      if (size != nullptr) break;
      if (!HasContents(v)) continue;
      const auto at = std::ranges::find(v.dims, dim);
      if (at == v.dims.end()) continue;
      TFLOWER_TRY(ir::Value * shape, Emit(node.name, tfl::Shape{.out_type = tfl::TensorType::INT32}, {&v}));
      TFLOWER_TRY(size, Emit(node.name, tfl::Gather{.axis = 0}, {shape, Scalar(static_cast<int32_t>(at - v.dims.begin()))}));
    }
    if (size == nullptr)
      return Error(Code::kUnsupportedShape, fmt::format("the loop's list has elements of shape {}, which is known inside of the loop only", DimsText(dims))).Hint("give the list's element_shape");
    sizes.push_back(size);
  }
  TFLOWER_TRY(ir::Value * shape, Emit(node.name, tfl::Pack{.values_count = static_cast<int32_t>(sizes.size()), .axis = 0}, sizes));
  ir::Value* const zero = typer_.AddConstant(*region_->graph, ir::Constant::Copy(DType::kBool, {}, std::as_bytes(std::span("", 1))));
  return Emit(node.name, tfl::Fill{}, {shape, zero});
}

bool Walk::IsInput(const ir::Value& v) const {
  return std::ranges::any_of(region_->graph->inputs, [&](const ir::SignatureTensor& in) { return in.value == &v; });
}

}  // namespace tflower::lower
