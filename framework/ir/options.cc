// Options: deep copies by the operator table's field list.
#include "ir/options.h"

#include <algorithm>
#include <cstring>

#include "sdk/schema/op_table.h"
#include "sdk/schema/options_io.h"

namespace tflower::ir {
namespace {

constexpr size_t kMaxBytes = size_t{1} << 30;

// Str and every Span<T> have this layout.
struct AnySpan {
  const void* data;
  size_t size;
};

bool IsArray(const tfl::FieldInfo& f) { return f.type == tfl::FieldType::kVector || f.type == tfl::FieldType::kString; }
size_t ElementBytes(const tfl::FieldInfo& f) { return f.type == tfl::FieldType::kString ? 1 : tfl::ScalarSize(f.element); }

AnySpan ReadSpan(const std::byte* base, const tfl::FieldInfo& f) {
  AnySpan span;
  std::memcpy(&span, base + f.struct_offset, sizeof span);
  return span;
}

}  // namespace

std::shared_ptr<const Options> Options::Copy(int32_t code, tflower_bytes options) {
  const tfl::OpInfo* info = tfl::FindOp(code);
  if (info == nullptr) return nullptr;
  auto copy = std::make_shared<Options>();
  copy->code_ = code;
  const bool custom = info->code == tfl::Builtin::CUSTOM;
  copy->size_ = custom ? options.size : info->options_size;
  if (copy->size_ > kMaxBytes) return nullptr;
  copy->storage_.resize((copy->size_ + 7) / 8);
  auto* bytes = reinterpret_cast<std::byte*>(copy->storage_.data());
  if (!custom && copy->size_ != 0) tfl::DefaultOptions(*info, bytes);
  const auto* from = static_cast<const std::byte*>(options.data);
  std::copy_n(from, std::min(copy->size_, options.size), bytes);
  if (custom) return copy;
  for (const tfl::FieldInfo& f : info->fields) {
    if (!IsArray(f)) continue;
    AnySpan span = ReadSpan(bytes, f);
    const size_t size = span.size * ElementBytes(f);
    std::vector<uint64_t>& array = copy->arrays_.emplace_back((size + 7) / 8);
    if (size != 0) std::memcpy(array.data(), span.data, size);
    span.data = array.data();
    std::memcpy(bytes + f.struct_offset, &span, sizeof span);
  }
  return copy;
}

bool Options::operator==(const Options& other) const {
  if (code_ != other.code_ || size_ != other.size_ || arrays_.size() != other.arrays_.size()) return false;
  const tfl::OpInfo* info = tfl::FindOp(code_);
  const auto* a = reinterpret_cast<const std::byte*>(storage_.data());
  const auto* b = reinterpret_cast<const std::byte*>(other.storage_.data());
  if (info->code == tfl::Builtin::CUSTOM) return size_ == 0 || std::memcmp(a, b, size_) == 0;
  for (const tfl::FieldInfo& f : info->fields) {
    if (IsArray(f)) {
      const AnySpan x = ReadSpan(a, f), y = ReadSpan(b, f);
      if (x.size != y.size || (x.size != 0 && std::memcmp(x.data, y.data, x.size * ElementBytes(f)) != 0)) return false;
    } else if (std::memcmp(a + f.struct_offset, b + f.struct_offset, tfl::ScalarSize(f.type)) != 0) {
      return false;
    }
  }
  return true;
}

void Options::AppendKey(std::string& key) const {
  const tfl::OpInfo* info = tfl::FindOp(code_);
  const auto* bytes = reinterpret_cast<const char*>(storage_.data());
  if (info->code == tfl::Builtin::CUSTOM) {
    key.append(bytes, size_);
    return;
  }
  for (const tfl::FieldInfo& f : info->fields) {
    if (!IsArray(f)) {
      key.append(bytes + f.struct_offset, tfl::ScalarSize(f.type));
      continue;
    }
    const AnySpan span = ReadSpan(reinterpret_cast<const std::byte*>(bytes), f);
    key.append(reinterpret_cast<const char*>(&span.size), sizeof span.size);
    key.append(static_cast<const char*>(span.data), span.size * ElementBytes(f));
  }
}

}  // namespace tflower::ir
