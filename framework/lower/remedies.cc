// Candidates for other samples, from the operands of one operator.
#include "lower/remedies.h"

#include <algorithm>
#include <cstring>
#include <span>

namespace tflower::lower {
namespace {

constexpr size_t kMaxOperands = 16, kMaxDims = 16, kMaxElements = 64, kMaxRemedies = 512;

// Elements of a small integer value that differ between worlds, as dims. Empty: there are none.
std::vector<ir::Dim> SymbolicElements(const ir::Value& v) {
  const int width = v.dtype == DType::kInt64 ? 8 : v.dtype == DType::kInt32 ? 4 : 0;
  if (width == 0 || !v.symbolic) return {};
  const auto& world = v.symbolic->world;
  const size_t n = world[0].size() / static_cast<size_t>(width);
  if (n > kMaxElements || std::any_of(world, world + ir::kWorlds, [&](const auto& b) { return b.size() != world[0].size(); })) return {};
  std::vector<ir::Dim> out(n);
  for (int w = 0; w < ir::kWorlds; ++w)
    for (size_t i = 0; i < n; ++i) {
      int32_t narrow = 0;
      if (width == 8) std::memcpy(&out[i].samples[w], world[w].data() + 8 * i, 8);
      else std::memcpy(&narrow, world[w].data() + 4 * i, 4), out[i].samples[w] = narrow;
    }
  return out;
}

// The product of a small constant's elements, where all are positive; else 0. Of a shape: how many elements are asked for.
int64_t ElementsAskedFor(const ir::Value& v) {
  if (!v.constant || (v.dtype != DType::kInt32 && v.dtype != DType::kInt64) || v.constant->size_bytes() > 8 * kMaxElements) return 0;
  const Result<std::span<const std::byte>> bytes = v.constant->Bytes();
  if (!bytes.ok()) return 0;
  const size_t width = v.dtype == DType::kInt64 ? 8 : 4;
  int64_t product = 1;
  for (size_t at = 0; at + width <= bytes.value().size(); at += width) {
    int64_t x = 0;
    int32_t narrow = 0;
    if (width == 8) std::memcpy(&x, bytes.value().data() + at, 8);
    else std::memcpy(&narrow, bytes.value().data() + at, 4), x = narrow;
    if (x < 1 || __builtin_mul_overflow(product, x, &product)) return 0;
  }
  return product;
}

template <class T>
void AddOnce(std::vector<T>& list, const T& x) {
  if (list.size() < kMaxDims && std::find(list.begin(), list.end(), x) == list.end()) list.push_back(x);
}

// What the operands of the operator are made of.
struct Parts {
  std::vector<ir::Dim> unknown;
  std::vector<int64_t> sizes;  // that known dims have, above 1
  std::vector<std::pair<ir::Dim, int64_t>> fits;  // unknown dims, and the size for which there are as many elements as a shape asks for

  explicit Parts(std::span<ir::Value* const> inputs) {
    for (const ir::Value* v : inputs) {
      if (v == nullptr) continue;
      for (const ir::Dim& d : v->dims) Add(d);
      for (const ir::Dim& d : SymbolicElements(*v)) Add(d);
    }
    for (const ir::Value* shape : inputs) {
      const int64_t count = shape == nullptr ? 0 : ElementsAskedFor(*shape);
      if (count == 0) continue;
      for (const ir::Value* v : inputs) if (v != nullptr && v != shape) AddFit(*v, count);
    }
  }
  void Add(const ir::Dim& d) {
    if (!d.known()) AddOnce(unknown, d);
    else if (d.value() > 1) AddOnce(sizes, d.value());
  }
  // One dimension is unknown: what it must be for `count` elements.
  void AddFit(const ir::Value& v, int64_t count) {
    const ir::Dim* open = nullptr;
    int64_t others = 1;
    for (const ir::Dim& d : v.dims) {
      if (!d.known() && open != nullptr) return;
      if (!d.known()) open = &d;
      else if (d.value() < 1 || __builtin_mul_overflow(others, d.value(), &others)) return;
    }
    if (open != nullptr && count % others == 0) fits.emplace_back(*open, count / others);
  }
};

ir::Dim Alternating(int64_t size) {
  ir::Dim out;
  for (int w = 0; w < ir::kWorlds; ++w) out.samples[w] = w % 2 == 0 ? size : 1;
  return out;
}

// Operands side by side, aligned at their first or last dimension: unknown dims of later ones become what stands in the first.
Substitution SideBySide(const ir::Value& a, const ir::Value& b, bool at_end, bool broadcast) {
  Substitution s;
  const size_t n = std::min(a.dims.size(), b.dims.size());
  for (size_t i = 0; i < n; ++i) {
    const ir::Dim& x = a.dims[at_end ? a.dims.size() - 1 - i : i];
    const ir::Dim& y = b.dims[at_end ? b.dims.size() - 1 - i : i];
    if (x == y) continue;
    const ir::Dim& to = !y.known() ? x : y;
    if (!y.known() || !x.known()) s.emplace_back(!y.known() ? y : x, broadcast && to.known() && to.value() > 1 ? Alternating(to.value()) : to);
  }
  return s;
}

ir::Dim Times(const ir::Dim& d, int64_t factor) {
  ir::Dim out = d;
  for (int64_t& s : out.samples) s = s > INT32_MAX / factor ? s : s * factor;
  return out;
}

}  // namespace

std::vector<Substitution> RemediesFor(const std::vector<ir::Value*>& operands) {
  const std::span<ir::Value* const> inputs(operands.data(), std::min(operands.size(), kMaxOperands));
  const Parts parts(inputs);
  std::vector<Substitution> out;
  const auto add = [&out](Substitution s) { if (!s.empty() && out.size() < kMaxRemedies) out.push_back(std::move(s)); };
  for (const ir::Dim& d : parts.unknown)  // a dimension that broadcasts against a size: it, or 1
    for (int64_t size : parts.sizes) add({{d, Alternating(size)}});
  for (size_t i = 0; i < parts.unknown.size(); ++i)  // two dimensions that are one
    for (size_t k = i + 1; k < parts.unknown.size(); ++k) {
      add({{parts.unknown[k], parts.unknown[i]}});
      add({{parts.unknown[i], parts.unknown[k]}});
    }
  for (const auto& [at_end, broadcast] : {std::pair(false, true), std::pair(true, true), std::pair(false, false), std::pair(true, false)})  // whole shapes that are one
    for (size_t i = 0; i < inputs.size(); ++i)
      for (size_t k = i + 1; k < inputs.size(); ++k)
        if (inputs[i] != nullptr && inputs[k] != nullptr) add(SideBySide(*inputs[i], *inputs[k], at_end, broadcast));
  for (const ir::Dim& d : parts.unknown) add({{d, Times(d, 960)}});  // a dimension that must be larger, or divide into parts
  for (const auto& [d, size] : parts.fits) add({{d, size}});
  for (const ir::Dim& d : parts.unknown)
    for (int64_t size : parts.sizes) add({{d, size}});
  for (const ir::Dim& d : parts.unknown) add({{d, 1}});
  return out;
}

std::unique_ptr<ir::Value> Substituted(const ir::Value& v, const Substitution& substitution) {
  auto out = std::make_unique<ir::Value>();
  out->dtype = v.dtype;
  out->constant = v.constant;
  out->scale = v.scale;
  out->zero_point = v.zero_point;
  out->quant_axis = v.quant_axis;
  const auto replace = [&](const ir::Dim& d) {
    for (const auto& [from, to] : substitution) if (d == from) return to;
    return d;
  };
  for (const ir::Dim& d : v.dims) out->dims.push_back(replace(d));
  if (!v.symbolic) return out;
  out->symbolic = std::make_unique<ir::WorldBytes>(*v.symbolic);
  const std::vector<ir::Dim> elements = SymbolicElements(v);
  for (size_t i = 0; i < elements.size(); ++i) {
    const ir::Dim d = replace(elements[i]);
    for (int w = 0; w < ir::kWorlds; ++w) {
      const int32_t narrow = static_cast<int32_t>(d.samples[w]);
      if (v.dtype == DType::kInt64) std::memcpy(out->symbolic->world[w].data() + 8 * i, &d.samples[w], 8);
      else std::memcpy(out->symbolic->world[w].data() + 4 * i, &narrow, 4);
    }
  }
  return out;
}

}  // namespace tflower::lower
