// MaxPoolingWithArgmax2D and MaxUnpooling2D, custom operators of segmentation models that XNNPACK runs: pooling that says where in each window the
// largest element was, and its reverse. Windows lie side by side: strides are the window's size.
// Source: TfLitePoolParams (padding, stride_width, stride_height, filter_width, filter_height, activation, ...).
#include <algorithm>
#include <bit>

#include "common/raw_options.h"

namespace tflower::kernels {
namespace {

struct Window {
  int64_t height, width;
  tfl::Padding padding;
};

Result<Window> ReadWindow(const Op& op) {
  TFLOWER_TRY(const auto options, RawOptions<6>(op));
  TFLOWER_TRY(const tfl::Padding padding, RawPadding(options[0]));
  if (options[3] < 1 || options[4] < 1 || int64_t{options[3]} * options[4] > INT32_MAX)
    return OptionError("filter", Text(options[3], " x ", options[4], " must be positive, and its product below 2^31"));
  if (options[1] != options[3] || options[2] != options[4]) return OptionError("stride", Text(options[1], " x ", options[2], " must be the filter's size"));
  if (options[5] != 0) return OptionError("activation", Text(options[5], " must be 0 (none)"));
  return Window{options[4], options[3], padding};
}

// Results: the largest elements, and where they were, counted down the window's columns, as integers in the bits of floats. Padding repeats the
// elements at the edge.
struct ArgmaxPool {
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckArity(op, 1, 1, 2));
    TFLOWER_CHECK(CheckRank(op, 0, "input", 4, 4));
    TFLOWER_TRY(const Window w, ReadWindow(op));
    const Tensor x = op.Input(0);
    TFLOWER_TRY(const ConvAxis rows, ConvAxisOf(x.dim(1), w.height, w.height, 1, w.padding));
    TFLOWER_TRY(const ConvAxis columns, ConvAxisOf(x.dim(2), w.width, w.width, 1, w.padding));
    const Shape dims{x.dim(0), rows.out, columns.out, x.dim(3)};
    TFLOWER_CHECK(SetOutput(out, 0, DType::kFloat32, dims));
    return SetOutput(out, 1, DType::kFloat32, dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const Window w, ReadWindow(op));
    const Tensor x = op.Input(0), y = op.Output(0);
    TFLOWER_TRY(const ConvAxis rows, ConvAxisOf(x.dim(1), w.height, w.height, 1, w.padding));
    TFLOWER_TRY(const ConvAxis columns, ConvAxisOf(x.dim(2), w.width, w.width, 1, w.padding));
    eval.parallel().For(y.dim(0) * y.dim(1), 1, [&](int64_t begin, int64_t end) {
      for (int64_t row = begin; row < end; ++row) {
        for (int64_t column = 0; column < y.dim(2); ++column) {
          const int64_t top = row % y.dim(1) * w.height - rows.pad_before, left = column * w.width - columns.pad_before;
          Pool(op, w, row / y.dim(1), top, left, (row * y.dim(2) + column) * y.dim(3));
        }
      }
    });
    return Ok();
  }

 private:
  // One window into the channels at `to`. The window holds an element at least; of equal ones the first counts.
  static void Pool(const Op& op, const Window& w, int64_t batch, int64_t top, int64_t left, int64_t to) {
    const Tensor x = op.Input(0);
    const int64_t channels = x.dim(3);
    float* const values = op.Output(0).mutable_data<float>() + to;
    float* const places = op.Output(1).mutable_data<float>() + to;
    bool first = true;
    for (int64_t j = std::max<int64_t>(left, 0); j < std::min(left + w.width, x.dim(2)); ++j) {
      for (int64_t i = std::max<int64_t>(top, 0); i < std::min(top + w.height, x.dim(1)); ++i) {
        const float* const from = x.data<float>() + ((batch * x.dim(1) + i) * x.dim(2) + j) * channels;
        const int64_t row = i == 0 ? 0 : i - top, column = j == 0 ? 0 : j - left;  // the first that repeats an element
        const auto place = std::bit_cast<float>(static_cast<uint32_t>(column * w.height + row));
        for (int64_t c = 0; c < channels; ++c) {
          if (!first && !(from[c] > values[c])) continue;
          values[c] = from[c];
          places[c] = place;
        }
        first = false;
      }
    }
  }
};

// Operands: values, and places as ArgmaxPool gives them. Zeros where no value comes from.
struct MaxUnpooling {
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckArity(op, 2, 2));
    TFLOWER_CHECK(CheckRank(op, 0, "values", 4, 4));
    TFLOWER_TRY(const Window w, ReadWindow(op));
    const Tensor x = op.Input(0);
    if (w.padding != tfl::Padding::VALID) return OptionError("padding", "must be 2 (VALID): what SAME padded is not known");
    if (!(Shape(op.Input(1).dims()) == Shape(x.dims())))
      return OperandError(Code::kUnsupportedShape, 1, "places", Text("shape ", op.Input(1).dims(), " must be that of the values, ", x.dims()));
    if (std::max(x.dim(1), x.dim(2)) > INT32_MAX) return OperandError(Code::kUnsupportedShape, 0, "values", Text("shape ", x.dims(), " is too large"));
    return SetOutput(out, 0, DType::kFloat32, Shape{x.dim(0), x.dim(1) * w.height, x.dim(2) * w.width, x.dim(3)});
  }
  static Status Eval(const Op& op, const EvalContext&) {
    TFLOWER_TRY(const Window w, ReadWindow(op));
    const Tensor x = op.Input(0), y = op.Output(0);
    const float *value = x.data<float>(), *place = op.Input(1).data<float>();
    float* const to = y.mutable_data<float>();
    std::fill_n(to, y.num_elements(), 0.0f);
    for (int64_t row = 0; row < x.dim(0) * x.dim(1); ++row) {
      for (int64_t column = 0; column < x.dim(2); ++column) {
        for (int64_t c = 0; c < x.dim(3); ++c, ++value, ++place) {
          const int64_t at = std::bit_cast<uint32_t>(*place);
          if (at >= w.height * w.width) return OperandError(Code::kInvalidOperand, 1, "places", Text(at, " is not in a window of ", w.height, " x ", w.width));
          to[((row * w.height + at % w.height) * y.dim(2) + column * w.width + at / w.height) * x.dim(3) + c] = *value;
        }
      }
    }
    return Ok();
  }
};

constexpr tflower_kernel kRows[] = {
    Kernel<ArgmaxPool>(tfl::Builtin::CUSTOM, {.inputs = {kF32}, .outputs = {kF32, kF32}, .custom_code = "MaxPoolingWithArgmax2D"}),
    Kernel<MaxUnpooling>(tfl::Builtin::CUSTOM, {.inputs = {kF32, kF32}, .outputs = {kF32}, .custom_code = "MaxUnpooling2D"}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(argmax_pool, kRows);
}  // namespace tflower::kernels
