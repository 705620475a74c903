// Inputs and outputs of a session as .npz arrays.
#pragma once

#include <map>

#include "cli/npz.h"
#include "tflower/runtime.h"

namespace tflower::cli {

// For each input of the session the array that belongs to it: by signature name, tensor name or position. kUsage for arrays that belong to no
// input, for inputs without array that something reads (naming what there is), and for dtypes that do not agree; small_ints.h says how arrays
// hold types that numpy lacks. Null: nothing reads it.
Result<std::vector<const Array*>> MatchInputs(const runtime::Model& model, const runtime::Session& session, const Arrays& arrays);

// Resizes inputs whose dims differ and copies the arrays in. step >= 0: takes that slice of each array's leading axis.
Status SetInputs(runtime::Session& session, const std::vector<const Array*>& arrays, int64_t step = -1);

// A tensor's contents.
Array ArrayOf(DType type, std::span<const int64_t> shape, std::span<const std::byte> bytes);

// All outputs, keyed by their names, in order.
Result<Arrays> TakeOutputs(const runtime::Session& session);

}  // namespace tflower::cli
