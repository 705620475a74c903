// Packing and unpacking of constant strings.
#include "string_constants.h"

namespace tflower::tf_ops {

Result<std::vector<std::string_view>> StringsOf(Builder& build, const Value& v) {
  if (v.dtype() != DType::kString) return Error(Code::kUnsupportedType, "is " + std::string(NameOf(v.dtype())) + ", not string");
  TFLOWER_TRY(const std::span<const std::byte> bytes, build.Data(v));
  const int64_t n = v.num_elements();
  const Error damaged(Code::kInvalidGraph, "the constant strings' layout is damaged");
  if (n == 0) return std::vector<std::string_view>();
  if (static_cast<uint64_t>(n) > bytes.size() / 4 || (static_cast<uint64_t>(n) + 2) * 4 > bytes.size()) return damaged;
  std::vector<int32_t> head(static_cast<size_t>(n) + 2);
  std::memcpy(head.data(), bytes.data(), head.size() * 4);
  std::vector<std::string_view> out;
  for (size_t i = 1; i + 1 < head.size(); ++i) {
    if (head[i] < 0 || head[i + 1] < head[i] || static_cast<size_t>(head[i + 1]) > bytes.size()) return damaged;
    out.emplace_back(reinterpret_cast<const char*>(bytes.data()) + head[i], static_cast<size_t>(head[i + 1] - head[i]));
  }
  return out;
}

Result<Value> StringConstant(Builder& build, std::span<const int64_t> dims, std::span<const std::string> strings) {
  uint64_t total = (strings.size() + 2) * 4;
  std::vector<int32_t> head{static_cast<int32_t>(strings.size())};
  for (const std::string& s : strings) {
    head.push_back(static_cast<int32_t>(total));
    total += s.size();
    if (total > INT32_MAX) return Error(Code::kLimit, "a tensor of strings holds at most 2 GiB");
  }
  head.push_back(static_cast<int32_t>(total));
  std::vector<std::byte> bytes(total);
  std::memcpy(bytes.data(), head.data(), head.size() * 4);
  for (size_t i = 0; i < strings.size(); ++i)
    if (!strings[i].empty()) std::memcpy(bytes.data() + head[i + 1], strings[i].data(), strings[i].size());
  return build.ConstantBytes(DType::kString, dims, bytes.data(), bytes.size());
}

}  // namespace tflower::tf_ops
