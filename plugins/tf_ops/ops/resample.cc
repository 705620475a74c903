// Resizing by filters that TFLite does not have: ResizeBicubic, ResizeArea, ScaleAndTranslate. A filter along one axis is a product with a
// constant matrix [out, in], so each is two BATCH_MATMULs, of rows and of columns. Weights are made as TF makes them, table of 1024 steps
// included.  Source: tf.raw_ops.ResizeBicubic, ResizeArea, ScaleAndTranslate; Keys, Cubic Convolution Interpolation (1981).
#include <cfloat>
#include <cmath>
#include <numbers>

#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kBicubicAttrs[] = {Type("T"), Bool("align_corners", false), Bool("half_pixel_centers", false)};
constexpr AttrDef kAreaAttrs[] = {Type("T"), Bool("align_corners", false)};
constexpr AttrDef kScaleAttrs[] = {
    Type("T"), String("kernel_type", kAnyValue, "lanczos3"), Bool("antialias", true)};

// Weights of `in` elements for each of `out` results.
struct Matrix {
  int64_t out = 0, in = 0;
  std::vector<float> weights;

  Matrix(int64_t out_size, int64_t in_size) : out(out_size), in(in_size), weights(static_cast<size_t>(out_size * in_size), 0.0f) {}
  float& At(int64_t o, int64_t i) { return weights[static_cast<size_t>(o * in + i)]; }
};

// Rows, then columns: [B, H, W * C], then [B * H', W, C].
Result<Value> Resample(Builder& build, const Value& x, const Matrix& h, const Matrix& w) {
  const int64_t channels = x.dim(3);
  TFLOWER_TRY(const Value image, CastTo(build, x, DType::kFloat32));  // the result is float32, whatever the image is
  const auto constant = [&](const Matrix& m) {
    const int64_t dims[] = {m.out, m.in};
    return build.Constant<float>(dims, m.weights);
  };
  const int64_t rows[] = {x.dim(0), h.in, w.in * channels}, columns[] = {-1, w.in, channels}, resized[] = {x.dim(0), h.out, w.out, channels};
  TFLOWER_TRY(const Value by_rows, constant(h));
  TFLOWER_TRY(const Value by_columns, constant(w));
  TFLOWER_TRY(const Value flat, ReshapeTo(build, image, rows));
  TFLOWER_TRY(const Value high, build.Emit(tfl::BatchMatMul{}, {by_rows, flat}));
  TFLOWER_TRY(const Value lines, ReshapeTo(build, high, columns));
  TFLOWER_TRY(const Value wide, build.Emit(tfl::BatchMatMul{}, {by_columns, lines}));
  return ReshapeTo(build, wide, resized);
}

struct Sizes {
  int64_t in_h, in_w, out_h, out_w;
};

Result<Sizes> ReadSizes(const Node& node, Builder& build) {
  constexpr int64_t kMaxSide = 1 << 14;  // the matrix is in the file
  const Value x = node.Input(0);
  TFLOWER_TRY(const std::vector<int64_t> size, build.Ints(node.Input(1), "input 1 (size)"));
  if (size.size() != 2) return Error(Code::kInvalidGraph, "must have two elements").What("input 1 (size)");
  for (int i = 1; i < 4; ++i)
    if (x.dim(i) < 1) return Error(Code::kUnsupportedShape, "height, width and channels must be known").What("input 0").Hint("give the shape with --input-shape");
  for (int64_t side : {x.dim(1), x.dim(2), size[0], size[1]})
    if (side < 1 || side > kMaxSide) return Error(Code::kUnsupportedShape, "a side of " + std::to_string(side) + " is not in [1, 16384]").What("input 1 (size)");
  return Sizes{x.dim(1), x.dim(2), size[0], size[1]};
}

float ScaleOf(int64_t in, int64_t out, bool align_corners) {
  return align_corners && out > 1 ? static_cast<float>(in - 1) / static_cast<float>(out - 1) : static_cast<float>(in) / static_cast<float>(out);
}

// ---- bicubic

// The weight of an element at a distance in [0, 2), for Keys' parameter a.
float Keys(double distance, double a) {
  const double x = distance;
  if (x < 1) return static_cast<float>(((a + 2) * x - (a + 3)) * x * x + 1);
  return static_cast<float>(((a * x - 5 * a) * x + 8 * a) * x - 4 * a);
}

// With half pixel centres, what lies beyond the border is left out and the rest weighs more; without, the border is repeated.
void AddBicubicRow(Matrix& m, int64_t o, float at, bool half_pixel) {
  constexpr float kSteps = 1024;
  const double a = half_pixel ? -0.5 : -0.75;
  const int64_t first = static_cast<int64_t>(std::floor(at));
  const double share = std::nearbyint((at - static_cast<float>(first)) * kSteps) / kSteps;
  const float weights[] = {Keys(1 + share, a), Keys(share, a), Keys(1 - share, a), Keys(2 - share, a)};
  float sum = 0;
  for (int64_t k = 0; k < 4; ++k) {
    const int64_t i = first - 1 + k, bound = std::clamp<int64_t>(i, 0, m.in - 1);
    if (half_pixel && i != bound) continue;
    m.At(o, bound) += weights[k];
    sum += weights[k];
  }
  if (!half_pixel || std::fabs(sum) < 1000 * FLT_MIN) return;
  for (int64_t i = 0; i < m.in; ++i) m.At(o, i) /= sum;
}

Matrix BicubicMatrix(int64_t in, int64_t out, bool align_corners, bool half_pixel) {
  Matrix m(out, in);
  const float scale = ScaleOf(in, out, align_corners);
  for (int64_t o = 0; o < out; ++o) {
    const float at = half_pixel ? (static_cast<float>(o) + 0.5f) * scale - 0.5f : static_cast<float>(o) * scale;
    AddBicubicRow(m, o, at, half_pixel);
  }
  return m;
}

Status LowerBicubic(const Node& node, Builder& build) {
  TFLOWER_TRY(const Sizes s, ReadSizes(node, build));
  const bool align = node.Bool("align_corners"), half = node.Bool("half_pixel_centers");
  return build.Bind(0, Resample(build, node.Input(0), BicubicMatrix(s.in_h, s.out_h, align, half), BicubicMatrix(s.in_w, s.out_w, align, half)));
}

// ---- area

// Each result is the average over its part of the input, elements at the ends counted by what of them lies inside.
Matrix AreaMatrix(int64_t in, int64_t out, bool align_corners) {
  Matrix m(out, in);
  const float scale = ScaleOf(in, out, align_corners);
  for (int64_t o = 0; o < out; ++o) {
    const float begin = static_cast<float>(o) * scale, end = static_cast<float>(o + 1) * scale;
    for (int64_t i = static_cast<int64_t>(std::floor(begin)); static_cast<float>(i) < end; ++i) {
      const float overlap = std::min(end, static_cast<float>(i + 1)) - std::max(begin, static_cast<float>(i));
      m.At(o, std::clamp<int64_t>(i, 0, in - 1)) += overlap / scale;
    }
  }
  return m;
}

Status LowerArea(const Node& node, Builder& build) {
  TFLOWER_TRY(const Sizes s, ReadSizes(node, build));
  const bool align = node.Bool("align_corners");
  return build.Bind(0, Resample(build, node.Input(0), AreaMatrix(s.in_h, s.out_h, align), AreaMatrix(s.in_w, s.out_w, align)));
}

// ---- scale and translate

struct Filter {
  float radius;
  float (*weight)(float distance, float radius);  // distance >= 0
};

float Lanczos(float x, float radius) {
  constexpr float kPi = std::numbers::pi_v<float>;
  if (x > radius) return 0;
  if (x <= 1e-3f) return 1;
  return radius * std::sin(kPi * x) * std::sin(kPi * x / radius) / (kPi * kPi * x * x);
}
float Triangle(float x, float) { return x < 1 ? 1 - x : 0; }
float KeysCubic(float x, float) { return x < 2 ? Keys(x, -0.5) : 0; }
float MitchellCubic(float x, float) {
  if (x >= 2) return 0;
  if (x >= 1) return ((-7.0f / 18 * x + 2) * x - 10.0f / 3) * x + 16.0f / 9;
  return (7.0f / 6 * x - 2) * x * x + 8.0f / 9;
}

float Box(float x, float) { return x < 0.5f ? 1.0f : x > 0.5f ? 0.0f : 0.5f; }
float Gaussian(float x, float radius) {
  const float sigma = radius / 3;
  return x >= radius ? 0 : std::exp(-x * x / (2 * sigma * sigma));
}

struct NamedFilter {
  std::string_view kind;
  Filter filter;
};
constexpr NamedFilter kFilters[] = {{"lanczos1", {1, Lanczos}}, {"lanczos3", {3, Lanczos}}, {"lanczos5", {5, Lanczos}}, {"gaussian", {1.5f, Gaussian}},
                                    {"box", {1, Box}}, {"triangle", {1, Triangle}}, {"keyscubic", {2, KeysCubic}}, {"mitchellcubic", {2, MitchellCubic}}};

Result<Filter> FilterOf(std::string_view kind) {
  for (const NamedFilter& f : kFilters) if (f.kind == kind) return f.filter;
  return Error(Code::kUnsupportedAttribute, "no filter is known by the name of '" + std::string(kind) + "'").What("kernel_type");
}

// Samples beyond the input are 0; weights of the others sum to 1.
Matrix ScaleMatrix(int64_t in, int64_t out, float scale, float translation, const Filter& filter, bool antialias) {
  Matrix m(out, in);
  const float inverse = 1 / scale, stretch = antialias ? std::max(inverse, 1.0f) : 1.0f, reach = filter.radius * stretch;
  for (int64_t o = 0; o < out; ++o) {
    const float at = (static_cast<float>(o) + 0.5f) * inverse - inverse * translation;
    if (at < 0 || at > static_cast<float>(in)) continue;
    const int64_t first = std::max<int64_t>(0, static_cast<int64_t>(std::ceil(at - reach - 0.5f)));
    const int64_t last = std::min<int64_t>(in - 1, static_cast<int64_t>(std::floor(at + reach - 0.5f)));
    float sum = 0;
    for (int64_t i = first; i <= last; ++i) sum += m.At(o, i) = filter.weight(std::fabs(static_cast<float>(i) + 0.5f - at) / stretch, filter.radius);
    if (std::fabs(sum) < 1000 * FLT_MIN) continue;
    for (int64_t i = first; i <= last; ++i) m.At(o, i) /= sum;
  }
  return m;
}

Status LowerScaleAndTranslate(const Node& node, Builder& build) {
  TFLOWER_TRY(const Sizes s, ReadSizes(node, build));
  TFLOWER_TRY(const std::span<const float> scale, build.DataAs<float>(node.Input(2)));
  TFLOWER_TRY(const std::span<const float> translation, build.DataAs<float>(node.Input(3)));
  if (scale.size() != 2 || translation.size() != 2) return Error(Code::kInvalidGraph, "must have two elements").What("input 2 (scale)");
  for (float v : scale)
    if (!(v > 1e-4f && v < 1e4f)) return Error(Code::kUnsupportedAttribute, std::to_string(v) + " is not in (0.0001, 10000)").What("input 2 (scale)");
  for (float v : translation)
    if (!(std::fabs(v) < 1e6f)) return Error(Code::kUnsupportedAttribute, std::to_string(v) + " is too large").What("input 3 (translation)");
  TFLOWER_TRY(const Filter filter, FilterOf(node.String("kernel_type")));
  const bool antialias = node.Bool("antialias");
  return build.Bind(0, Resample(build, node.Input(0), ScaleMatrix(s.in_h, s.out_h, scale[0], translation[0], filter, antialias),
                                ScaleMatrix(s.in_w, s.out_w, scale[1], translation[1], filter, antialias)));
}

constexpr Operand kImages = Ranked(4, 4), kSize = Of(kI32, 1, 1), kNumbers = Constant(Of(kF32, 1, 1));
constexpr const char* kEmits = "BATCH_MATMUL CAST RESHAPE";

constexpr OpDef kOps[] = {
    {"ResizeBicubic", {kImages, kSize}, kBicubicAttrs, LowerBicubic, kEmits},
    {"ResizeArea", {kImages, kSize}, kAreaAttrs, LowerArea, kEmits},
    {"ScaleAndTranslate", {kImages, kSize, kNumbers, kNumbers}, kScaleAttrs, LowerScaleAndTranslate, kEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(resample, kOps);
}  // namespace tflower::tf_ops
