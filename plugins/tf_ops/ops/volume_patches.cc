// ExtractVolumePatches -> PAD and one GATHER with constant indices.  Source: tf.raw_ops.ExtractVolumePatches.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {Ints("ksizes"), Ints("strides"), Type("T"), String("padding", OneOf("SAME", "VALID"))};

constexpr int64_t kMaxPlaces = int64_t{1} << 21;  // they are in the file

// Depth, height or width.
struct Axis {
  int64_t in = 0, out = 0, size = 1, stride = 1, before = 0, after = 0;
  int64_t padded() const { return before + in + after; }
};

Result<Axis> ReadAxis(const Node& node, int dim) {
  const std::span<const int64_t> sizes = node.Ints("ksizes"), strides = node.Ints("strides");
  for (const std::span<const int64_t>& v : {sizes, strides})
    if (v.size() != 5 || v[0] != 1 || v[4] != 1) return Error(Code::kUnsupportedAttribute, "must be [1, d, h, w, 1]").What("ksizes");
  const size_t i = static_cast<size_t>(dim);
  Axis a{.in = node.Input(0).dim(dim), .size = sizes[i], .stride = strides[i]};
  if (a.size < 1 || a.stride < 1 || a.size > INT32_MAX || a.stride > INT32_MAX) return Error(Code::kInvalidGraph, "must be positive").What("ksizes");
  if (a.in < 1 || a.in > INT32_MAX || node.Input(0).dim(4) < 0)
    return Error(Code::kUnsupportedShape, "depth, height, width and channels must be known").What("input 0").Hint("give the shape with --input-shape");
  if (node.String("padding") == "SAME") {
    a.out = (a.in + a.stride - 1) / a.stride;
    const int64_t zeros = std::max<int64_t>((a.out - 1) * a.stride + a.size - a.in, 0);
    a.before = zeros / 2;
    a.after = zeros - a.before;
  } else {
    if (a.in < a.size) return Error(Code::kUnsupportedShape, "the window is larger than the volume").What("input 0");
    a.out = (a.in - a.size) / a.stride + 1;
  }
  return a;
}

// The places of all windows' elements in the padded volume.
Result<std::vector<int32_t>> PlacesOf(const Axis& d, const Axis& h, const Axis& w) {
  int64_t count = 1, volume = 1;
  for (int64_t n : {d.out, h.out, w.out, d.size, h.size, w.size}) count = n > kMaxPlaces / count ? kMaxPlaces + 1 : count * n;
  for (const Axis* a : {&d, &h, &w}) volume = a->padded() > INT32_MAX / volume ? INT32_MAX + int64_t{1} : volume * a->padded();
  if (count > kMaxPlaces || volume > INT32_MAX) return Error(Code::kUnsupportedShape, "more than " + std::to_string(kMaxPlaces) + " elements in all windows together").What("input 0");
  std::vector<int32_t> places;
  places.reserve(static_cast<size_t>(count));
  const int64_t windows = d.out * h.out * w.out, window = d.size * h.size * w.size;
  for (int64_t o = 0; o < windows; ++o)
    for (int64_t k = 0; k < window; ++k) {
      const int64_t z = o / (h.out * w.out) * d.stride + k / (h.size * w.size);
      const int64_t y = o / w.out % h.out * h.stride + k / w.size % h.size;
      const int64_t x = o % w.out * w.stride + k % w.size;
      places.push_back(static_cast<int32_t>((z * h.padded() + y) * w.padded() + x));
    }
  return places;
}

Status LowerVolumePatches(const Node& node, Builder& build) {
  TFLOWER_TRY(const Axis d, ReadAxis(node, 1));
  TFLOWER_TRY(const Axis h, ReadAxis(node, 2));
  TFLOWER_TRY(const Axis w, ReadAxis(node, 3));
  TFLOWER_TRY(const std::vector<int32_t> places, PlacesOf(d, h, w));
  Value x = node.Input(0);
  const int64_t channels = x.dim(4), windows = d.out * h.out * w.out, window = d.size * h.size * w.size;
  if (d.padded() != d.in || h.padded() != h.in || w.padded() != w.in) {
    const auto narrow = [](int64_t v) { return static_cast<int32_t>(v); };
    const int32_t paddings[] = {0, 0, narrow(d.before), narrow(d.after), narrow(h.before), narrow(h.after), narrow(w.before), narrow(w.after), 0, 0};
    const int64_t dims[] = {5, 2};
    TFLOWER_TRY(const Value operand, build.Constant<int32_t>(dims, paddings));
    TFLOWER_TRY(x, build.Emit(tfl::Pad{}, {x, operand}));
  }
  const int64_t flat_dims[] = {x.dim(0), d.padded() * h.padded() * w.padded(), channels}, place_dims[] = {windows, window};
  const int64_t dims[] = {x.dim(0), d.out, h.out, w.out, window * channels};
  TFLOWER_TRY(const Value flat, ReshapeTo(build, x, flat_dims));
  TFLOWER_TRY(const Value indices, build.Constant<int32_t>(place_dims, places));
  TFLOWER_TRY(const Value gathered, build.Emit(tfl::Gather{.axis = 1}, {flat, indices}));
  return build.Bind(0, ReshapeTo(build, gathered, dims));
}

constexpr OpDef kOps[] = {
    {"ExtractVolumePatches", {Ranked(5, 5)}, kAttrs, LowerVolumePatches, "GATHER PAD RESHAPE"},
};
}  // namespace
TFLOWER_OP_FAMILY(volume_patches, kOps);
}  // namespace tflower::tf_ops
