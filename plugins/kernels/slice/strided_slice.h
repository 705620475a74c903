// The rules of STRIDED_SLICE: begin, end, strides and five masks become one start, step and count for each input dimension.
// Source: tf.strided_slice and TFLite StridedSliceOptions; where the two differ (begin_mask on a shrunk axis) TFLite's rule holds.
#pragma once

#include <string>

#include "common/check.h"

namespace tflower::kernels {

// Input dimension i is read at start[i] + k * step[i], k in [0, count[i]). output drops shrunk dimensions and has the new ones of size 1; what
// depends on contents that are not known is -1 there.
struct StridedSliceSpec {
  Shape start, step, count, output;
};

class StridedSliceReader {
 public:
  // begin, end, strides (operands 1 to 3) are vectors of one length; in Eval they are known.
  static Result<StridedSliceSpec> Read(const Op& op) {
    StridedSliceReader reader(op);
    TFLOWER_CHECK(reader.Walk());
    return reader.spec_;
  }
  // Rank of the output, which the masks alone decide; entries = length of begin.
  static Result<int> OutputRank(const tfl::StridedSliceOptions& options, int entries, int rank) {
    TFLOWER_TRY(const int named, NamedDims(options, entries, rank));
    int result = rank - named;
    for (int i = 0; i < entries; ++i) {
      if (Bit(options.ellipsis_mask, i)) continue;
      if (Bit(options.new_axis_mask, i) || !Bit(options.shrink_axis_mask, i)) ++result;
    }
    return result;
  }

 private:
  explicit StridedSliceReader(const Op& op)
      : input_(op.Input(0)),
        begin_(op.Input(1)),
        end_(op.Input(2)),
        strides_(op.Input(3)),
        options_(op.Options<tfl::StridedSliceOptions>()) {}

  static bool Bit(int32_t mask, int i) { return i < 32 && (static_cast<uint32_t>(mask) >> i & 1u) != 0; }

  // How many input dimensions the entries name one by one; the ellipsis, or the end, stands for the others.
  static Result<int> NamedDims(const tfl::StridedSliceOptions& options, int entries, int rank) {
    int named = 0, ellipses = 0;
    for (int i = 0; i < entries; ++i) {
      if (Bit(options.ellipsis_mask, i)) ++ellipses;
      else if (!Bit(options.new_axis_mask, i)) ++named;
    }
    if (ellipses > 1) return OptionError("ellipsis_mask", Text("value ", options.ellipsis_mask, " names more than one ellipsis"));
    if (named > rank) {
      return OperandError(Code::kUnsupportedShape, 1, "begin", Text(named, " entries name dimensions, the input has ", rank));
    }
    return named;
  }

  Status Walk() {
    const int entries = static_cast<int>(begin_.num_elements());
    TFLOWER_TRY(const int named, NamedDims(options_, entries, input_.rank()));
    for (int i = 0; i < entries; ++i) {
      if (Bit(options_.ellipsis_mask, i)) TakeWhole(input_.rank() - named);
      else if (Bit(options_.new_axis_mask, i)) spec_.output.push_back(1);
      else if (Bit(options_.shrink_axis_mask, i)) TFLOWER_CHECK(TakeIndex(i));
      else TFLOWER_CHECK(TakeRange(i));
    }
    TakeWhole(input_.rank() - spec_.start.rank());
    return Ok();
  }

  void Take(int64_t start, int64_t step, int64_t count) {
    spec_.start.push_back(start);
    spec_.step.push_back(step);
    spec_.count.push_back(count);
  }
  void TakeWhole(int dims) {
    for (int i = 0; i < dims; ++i) {
      const int64_t size = input_.dim(spec_.start.rank());
      Take(0, 1, size);
      spec_.output.push_back(size);
    }
  }

  // One index; its dimension disappears.
  Status TakeIndex(int i) {
    const int dim = spec_.start.rank();
    if (!Known(begin_) || !Known(strides_)) {
      Take(0, 1, 1);
      return Ok();
    }
    const int64_t size = input_.dim(dim), raw = IntAt(begin_, i), stride = IntAt(strides_, i);
    const int64_t index = Bit(options_.begin_mask, i) ? 0 : raw < 0 ? raw + size : raw;
    if (stride <= 0) return Bad(3, "strides", i, stride, "must be positive where an axis shrinks");
    if (index < 0 || index >= size) return Bad(1, "begin", i, raw, Text("is outside dimension ", dim, " of ", input_.dims()));
    Take(index, 1, 1);
    return Ok();
  }

  Status TakeRange(int i) {
    const bool has_start = Known(begin_) || Bit(options_.begin_mask, i), has_stop = Known(end_) || Bit(options_.end_mask, i);
    if (!has_start || !has_stop || !Known(strides_)) {
      Take(0, 1, 0);
      spec_.output.push_back(-1);
      return Ok();
    }
    const int64_t size = input_.dim(spec_.start.rank()), stride = IntAt(strides_, i);
    if (stride == 0) return Bad(3, "strides", i, stride, "must not be 0");
    const int64_t low = stride > 0 ? 0 : -1, high = stride > 0 ? size : size - 1;
    const auto clamp = [&](int64_t x) { return std::clamp(x, low, std::max(low, high)); };
    const auto from_end = [&](int64_t x) { return x < 0 ? x + size : x; };
    const int64_t start = Bit(options_.begin_mask, i) ? (stride > 0 ? low : high) : clamp(from_end(IntAt(begin_, i)));
    const int64_t stop =
        Bit(options_.end_mask, i) ? (stride > 0 ? high : low) : clamp(options_.offset ? start + IntAt(end_, i) : from_end(IntAt(end_, i)));
    const int64_t distance = stride > 0 ? stop - start : start - stop, step = stride > 0 ? stride : -stride;
    const int64_t count = distance <= 0 ? 0 : (distance + step - 1) / step;
    Take(count == 0 ? 0 : start, stride, count);
    spec_.output.push_back(count);
    return Ok();
  }

  static Error Bad(int input, const char* name, int i, int64_t value, const std::string& rule) {
    return OperandError(Code::kInvalidOperand, input, name, Text("entry ", i, " = ", value, " ", rule));
  }

  const Tensor input_, begin_, end_, strides_;
  const tfl::StridedSliceOptions options_;
  StridedSliceSpec spec_;
};

}  // namespace tflower::kernels
