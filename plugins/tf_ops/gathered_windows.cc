// Sliding windows by one GATHER with constant indices.
#include "gathered_windows.h"

#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr int64_t kMaxPlaces = int64_t{1} << 21;  // they are in the file

// Height or width.
struct Axis {
  int64_t in, out, size, stride, before;
  // The part of window o inside of the image.
  int64_t First(int64_t o) const { return std::max<int64_t>(o * stride - before, 0); }
  int64_t At(int64_t o, int64_t k) const {
    const int64_t i = o * stride - before + k;
    return i < 0 || i >= in ? First(o) : i;
  }
};

Result<Axis> AxisOf(int64_t in, int64_t size, int64_t stride, const Padding& p, int64_t before, int64_t after) {
  Axis a{in, 0, size, stride, before};
  if (p.kind == tfl::Padding::SAME) {
    a.out = (in + stride - 1) / stride;
    a.before = std::max<int64_t>((a.out - 1) * stride + size - in, 0) / 2;
  } else {
    a.out = (in + before + after - size) / stride + 1;
  }
  if (in < 1 || in + before + after < size - (p.kind == tfl::Padding::SAME ? size : 0)) return Error(Code::kUnsupportedShape, "the window is larger than the image").What("input 0");
  if (before >= size || after >= size) return Error(Code::kUnsupportedAttribute, "windows that lie in the padding altogether").What("explicit_paddings");
  return a;
}

}  // namespace

Result<GatheredWindows> GatherWindows(Builder& build, const Value& x, HW size, HW stride, const Padding& p) {
  if (x.dim(1) < 0 || x.dim(2) < 0 || x.dim(3) < 0)
    return Error(Code::kUnsupportedShape, "height, width and channels must be known").What("input 0").Hint("give the shape with --input-shape");
  TFLOWER_TRY(const Axis h, AxisOf(x.dim(1), size.h, stride.h, p, p.top, p.bottom));
  TFLOWER_TRY(const Axis w, AxisOf(x.dim(2), size.w, stride.w, p, p.left, p.right));
  GatheredWindows g{.out_h = h.out, .out_w = w.out};
  if (h.size > kMaxPlaces / w.size || h.size * w.size > kMaxPlaces / std::max<int64_t>(h.out * w.out, 1) || h.in > INT32_MAX / w.in)
    return Error(Code::kUnsupportedShape, "more than " + std::to_string(kMaxPlaces) + " pixels in all windows together").What("input 0");
  g.window = h.size * w.size;
  for (int64_t y = 0; y < h.out; ++y)
    for (int64_t column = 0; column < w.out; ++column)
      for (int64_t k = 0; k < g.window; ++k) g.places.push_back(static_cast<int32_t>(h.At(y, k / w.size) * w.in + w.At(column, k % w.size)));
  const int64_t flat_dims[] = {x.dim(0), h.in * w.in, x.dim(3)}, place_dims[] = {h.out * w.out, g.window};
  TFLOWER_TRY(const Value flat, ReshapeTo(build, x, flat_dims));
  TFLOWER_TRY(const Value places, build.Constant<int32_t>(place_dims, g.places));
  TFLOWER_TRY(g.pixels, build.Emit(tfl::Gather{.axis = 1}, {flat, places}));
  return g;
}

}  // namespace tflower::tf_ops
