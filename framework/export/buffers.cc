// BufferTable: ready contents are compared by bytes, lazy ones by the operator that would make them.
#include "export/buffers.h"

#include <cstring>

namespace tflower::exporter {
namespace {

const ir::ConstantRef& Base(const ir::ConstantRef& c) { return c->base() ? c->base() : c; }

Result<bool> SameBytes(const ir::ConstantRef& a, const ir::ConstantRef& b) {
  TFLOWER_TRY(const std::span<const std::byte> x, a->Bytes());
  TFLOWER_TRY(const std::span<const std::byte> y, b->Bytes());
  return x.size() == y.size() && (x.data() == y.data() || std::memcmp(x.data(), y.data(), x.size()) == 0);
}

template <class T>
void AppendRaw(std::string& s, const T& x) { s.append(reinterpret_cast<const char*>(&x), sizeof x); }

// The first and last bytes: enough to tell most contents apart without reading weights.
std::string Edges(std::span<const std::byte> bytes) {
  const size_t n = std::min<size_t>(bytes.size(), 64);
  std::string edges(reinterpret_cast<const char*>(bytes.data()), n);
  edges.append(reinterpret_cast<const char*>(bytes.data() + bytes.size() - n), n);
  return edges;
}

}  // namespace

// Small contents by bytes; large ready ones by where they lie (variables share their Constant); lazy ones by operator and operands.
Result<uint64_t> BufferTable::IdOf(const ir::ConstantRef& constant) {
  const ir::ConstantRef& c = Base(constant);
  std::string key;
  AppendRaw(key, c->size_bytes());
  if (c->thunk() != nullptr) {
    for (const ir::ConstantRef& in : c->thunk()->inputs) {
      uint64_t id = UINT64_MAX;
      if (in) {
        TFLOWER_TRY(id, IdOf(in));
        for (int64_t d : in->dims()) AppendRaw(key, d);
      }
      AppendRaw(key, id);
    }
    AppendRaw(key, c->thunk()->code);
    AppendRaw(key, c->thunk()->output);
  } else {
    key += 'r';
    TFLOWER_TRY(const std::span<const std::byte> bytes, c->Bytes());
    key += Edges(bytes);
  }
  for (const auto& [other, id] : operands_[key]) {
    if (other == c) return id;
    if (c->thunk() != nullptr) {
      if (*c->thunk()->options == *other->thunk()->options) return id;
      continue;
    }
    TFLOWER_TRY(const bool same, SameBytes(c, other));
    if (same) return id;
  }
  operands_[key].push_back({c, next_operand_});
  return next_operand_++;
}

Result<uint32_t> BufferTable::Add(const ir::ConstantRef& constant) {
  const ir::ConstantRef& c = Base(constant);
  if (c->size_bytes() == 0) {
    // A tensor without elements still needs a buffer of its own to count as constant.
    return Append(c);
  }
  if (const auto it = seen_.find(c.get()); it != seen_.end()) return it->second;
  TFLOWER_TRY(const uint32_t index, c->thunk() != nullptr ? AddLazy(c) : AddReady(c));
  seen_.emplace(c.get(), index);
  return index;
}

Result<uint32_t> BufferTable::AddReady(const ir::ConstantRef& c) {
  TFLOWER_TRY(const std::span<const std::byte> bytes, c->Bytes());
  std::string key = Edges(bytes);
  AppendRaw(key, c->size_bytes());
  std::vector<uint32_t>& others = ready_[key];
  for (uint32_t other : others) {
    TFLOWER_TRY(const bool same, SameBytes(constants_[other - 1], c));
    if (same) return other;
  }
  others.push_back(Append(c));
  return others.back();
}

Result<uint32_t> BufferTable::AddLazy(const ir::ConstantRef& c) {
  TFLOWER_TRY(const uint64_t id, IdOf(c));
  const auto [it, is_new] = lazy_by_id_.try_emplace(id, 0);
  if (is_new) it->second = Append(c);
  return it->second;
}

uint32_t BufferTable::AddBytes(std::string bytes) {
  const std::span<const std::byte> view(reinterpret_cast<const std::byte*>(bytes.data()), bytes.size());
  return Append(ir::Constant::Copy(DType::kUInt8, {static_cast<int64_t>(bytes.size())}, view));
}

}  // namespace tflower::exporter
