// Lists of tensors as dense tensors: what TensorList and TensorArray ops become.
#pragma once

#include <string_view>

#include "ir/graph.h"
#include "lower/typer.h"

namespace tflower::lower {

// A value that is the list.
ir::Value* MakeList(ir::Subgraph& graph, ir::List list);

// Number of items, an int32 scalar.
Result<ir::Value*> ListLength(Typer& typer, ir::Subgraph& graph, std::string_view node, const ir::List& list);

// The items as one tensor [length, element dims...]. Where nothing was written yet: zeros of the shape of `like`, else of the list's own
// element shape. kUnsupportedShape: neither says the shape.
Result<ir::Value*> ListItems(Typer& typer, ir::Subgraph& graph, std::string_view node, const ir::List& list, ir::Value* like);

}  // namespace tflower::lower
