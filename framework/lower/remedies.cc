// Candidates for other samples, from the operands of one operator.
#include "lower/remedies.h"

#include <algorithm>
#include <cstring>
#include <span>

namespace tflower::lower {
namespace {

constexpr size_t kMaxOperands = 48, kMaxDims = 16, kMaxElements = 64, kMaxRemedies = 512;

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

// An unknown dim that broadcasts against another: it, or 1.
ir::Dim ByTurns(const ir::Dim& d) {
  ir::Dim out = d;
  for (int w = 1; w < ir::kWorlds; w += 2) out.samples[w] = 1;
  return out;
}

using Shape = std::vector<ir::Dim>;

// Shapes of the operands, and those that they hold.
std::vector<Shape> ShapesOf(std::span<ir::Value* const> inputs) {
  std::vector<Shape> out;
  for (const ir::Value* v : inputs) {
    if (v == nullptr) continue;
    if (!v->dims.empty()) out.push_back(v->dims);
    if (Shape elements = SymbolicElements(*v); !elements.empty()) out.push_back(std::move(elements));
  }
  return out;
}

const ir::Dim& At(const Shape& shape, size_t place, bool at_end) { return shape[at_end ? shape.size() - 1 - place : place]; }

// Shapes side by side, aligned at their first or last dimension: `make` says what an unknown dim beside another becomes.
template <class F>
Substitution SideBySide(const Shape& a, const Shape& b, bool at_end, const F& make) {
  Substitution s;
  for (size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    const ir::Dim &x = At(a, i, at_end), &y = At(b, i, at_end);
    if (!(x == y)) make(x, y, s);
  }
  return s;
}

// Of the dims in the places of `narrow`, the unknown ones are those of `wide`, or 1.
void Widen(const ir::Dim& narrow, const ir::Dim& wide, Substitution& s) {
  if (!narrow.known() && !(wide == ir::Dim(1))) s.emplace_back(narrow, ByTurns(wide));
}
void Widened(const ir::Dim& wide, const ir::Dim& narrow, Substitution& s) { Widen(narrow, wide, s); }

// Unknown dims of the second shape become what stands in the first, or the other way round where that is known. Beside 1 they may be anything.
void Join(const ir::Dim& x, const ir::Dim& y, Substitution& s) {
  if (x == ir::Dim(1) || y == ir::Dim(1)) return;
  if (!y.known()) s.emplace_back(y, x);
  else if (!x.known()) s.emplace_back(x, y);
}
void JoinOrBroadcast(const ir::Dim& x, const ir::Dim& y, Substitution& s) {
  const size_t before = s.size();
  Join(x, y, s);
  if (s.size() > before && s.back().second.known()) s.back().second = ByTurns(s.back().second);
}

// The unknown dims at one place, counted from the front or the end, become the first operand's that has such.
Substitution SamePlace(const std::vector<Shape>& shapes, size_t place, bool at_end) {
  Substitution s;
  const ir::Dim* first = nullptr;
  for (const Shape& shape : shapes) {
    if (shape.size() <= place) continue;
    const ir::Dim& d = At(shape, place, at_end);
    if (d.known()) continue;
    if (first == nullptr) first = &d;
    const bool has = std::ranges::any_of(s, [&](const auto& pair) { return pair.first == d; });
    if (!has && !(d == *first)) s.emplace_back(d, *first);
  }
  return s;
}

// An amount that must not be negative, such as of padding up to another size.
Substitution NotNegative(const ir::Dim& d) {
  ir::Dim out = d;
  for (int64_t& s : out.samples) s = s < 0 && s > -INT32_MAX ? -s : s;
  return out == d ? Substitution{} : Substitution{{d, out}};
}

ir::Dim Times(const ir::Dim& d, int64_t factor) {
  ir::Dim out = d;
  for (int64_t& s : out.samples) s = s > INT32_MAX / factor ? s : s * factor;
  return out;
}

}  // namespace

std::vector<Remedy> RemediesFor(const std::vector<ir::Value*>& operands) {
  const std::span<ir::Value* const> inputs(operands.data(), std::min(operands.size(), kMaxOperands));
  const Parts parts(inputs);
  const std::vector<Shape> shapes = ShapesOf(inputs);
  std::vector<Remedy> out;
  const auto add = [&out](Substitution s, Substitution unless = {}) {
    if (!s.empty() && out.size() < kMaxRemedies) out.push_back({std::move(s), std::move(unless)});
  };
  const auto for_pairs = [](const auto& list, const auto& f) {
    for (size_t i = 0; i < list.size(); ++i)
      for (size_t k = i + 1; k < list.size(); ++k) f(list[i], list[k]);
  };
  // One broadcasts, or is cut, to the other, and not the other to the one.
  for_pairs(parts.unknown, [&](const ir::Dim& a, const ir::Dim& b) {
    add({{a, ByTurns(b)}}, {{b, ByTurns(a)}});
    add({{b, ByTurns(a)}}, {{a, ByTurns(b)}});
  });
  for (const bool at_end : {true, false})
    for_pairs(shapes, [&](const Shape& a, const Shape& b) {
      const Substitution first = SideBySide(a, b, at_end, Widen), second = SideBySide(a, b, at_end, Widened);
      if (first.empty() || second.empty()) return;
      add(first, second);
      add(second, first);
    });
  for (const ir::Dim& d : parts.unknown) add(NotNegative(d));
  for_pairs(parts.unknown, [&](const ir::Dim& a, const ir::Dim& b) {  // two dimensions that are one
    add({{b, a}});
    add({{a, b}});
  });
  for (const bool at_end : {false, true})  // one dimension of all operands
    for (size_t i = 0; i < kMaxDims; ++i) add(SamePlace(shapes, i, at_end));
  for (const ir::Dim& d : parts.unknown)  // a dimension that broadcasts against a size: it, or 1
    for (int64_t size : parts.sizes) add({{d, ByTurns(size)}});
  for (const bool at_end : {false, true}) for_pairs(shapes, [&](const Shape& a, const Shape& b) { add(SideBySide(a, b, at_end, JoinOrBroadcast)); });
  for (const bool at_end : {false, true}) for_pairs(shapes, [&](const Shape& a, const Shape& b) { add(SideBySide(a, b, at_end, Join)); });
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
