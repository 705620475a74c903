// Constant tensors of strings, which TFLite packs: int32 count, int32 offsets[count + 1] from the start of the buffer, then the bytes.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <tflower/op_def.h>

namespace tflower::tf_ops {

// The strings of a constant; views that live as long as the callback.
Result<std::vector<std::string_view>> StringsOf(Builder& build, const Value& v);
Result<Value> StringConstant(Builder& build, std::span<const int64_t> dims, std::span<const std::string> strings);

}  // namespace tflower::tf_ops
