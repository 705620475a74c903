// ConstantSource: TF tensors as constants in TFLite's layout.
#include "lower/constants.h"

#include <cstring>

#include <fmt/format.h>

namespace tflower::lower {
namespace {

// Below this, a copy is cheaper than the page that a view keeps alive, and gives kernels aligned data.
constexpr size_t kCopyBytes = 4096;

// TFLite's string tensor: int32 count, int32 offsets[count + 1] from the start, bytes.
Result<std::vector<std::byte>> PackStrings(const std::vector<std::string_view>& strings) {
  uint64_t total = 4 + 4 * (strings.size() + 1);
  const uint64_t header = total;
  for (std::string_view s : strings) total += s.size();
  if (total > INT32_MAX) return Error(Code::kLimit, fmt::format("a string tensor of {} bytes does not fit TFLite's 2 GiB", total));
  std::vector<std::byte> out(total);
  uint64_t at = header;
  const auto put = [&](size_t slot, uint64_t v) {
    const int32_t x = static_cast<int32_t>(v);
    std::memcpy(out.data() + 4 * slot, &x, 4);
  };
  put(0, strings.size());
  for (size_t i = 0; i < strings.size(); ++i) {
    put(1 + i, at);
    if (!strings[i].empty()) std::memcpy(out.data() + at, strings[i].data(), strings[i].size());
    at += strings[i].size();
  }
  put(1 + strings.size(), at);
  return out;
}

Result<ir::ConstantRef> FromTensor(const tf::TensorData& t) {
  const int type = tf::ToTflType(t.dtype);
  if (type < 0) return Error(Code::kUnsupportedType, fmt::format("type {} does not exist in TFLite", tf::DataTypeName(t.dtype)));
  const DType dtype = static_cast<DType>(type);
  if (dtype == DType::kString) {
    TFLOWER_TRY(const std::vector<std::byte> packed, PackStrings(t.strings));
    return ir::Constant::Copy(dtype, t.dims, packed);
  }
  if (BitsOf(dtype) < 8) return Error(Code::kUnsupportedType, fmt::format("constants of type {} are not supported", NameOf(dtype)));
  if (dtype == DType::kBool)
    for (size_t i = 0; i < t.bytes.size(); ++i)
      if (const int value = std::to_integer<int>(t.bytes[i]); value > 1) return Error(Code::kInvalidGraph, fmt::format("element {} of a bool is {}", i, value));
  if (t.bytes.size() <= kCopyBytes) return ir::Constant::Copy(dtype, t.dims, t.bytes);
  return ir::Constant::View(dtype, t.dims, t.bytes, t.owner);
}

}  // namespace

Result<ir::ConstantRef> ConstantSource::Const(const tf::Node& node) {
  if (const std::string* asset = graph_.FindAsset(node.name); asset != nullptr && graph_.FindNode(node.name) == &node) {
    TFLOWER_TRY(const std::vector<std::byte> packed, PackStrings({*asset}));
    return ir::Constant::Copy(DType::kString, {}, packed);
  }
  const tf::Attr* value = node.Find("value");
  if (value == nullptr) return Error(Code::kInvalidGraph, "the node lacks this attribute").What("value");
  TFLOWER_TRY(const tf::TensorData tensor, tf::AttrTensor(*value));
  return FromTensor(tensor);
}

Result<ir::ConstantRef> ConstantSource::Variable(const std::string& name) {
  if (const auto it = variables_.find(name); it != variables_.end()) return it->second;
  TFLOWER_TRY(const tf::Variable* variable, graph_.FindVariable(name));
  TFLOWER_TRY(const tf::TensorData tensor, variable->Data());
  TFLOWER_TRY(ir::ConstantRef constant, FromTensor(tensor));
  variables_.emplace(name, constant);
  return constant;
}

}  // namespace tflower::lower
