// SEGMENT_SUM and UNSORTED_SEGMENT_SUM, _PROD, _MAX, _MIN: rows of a tensor reduced by the segment that each belongs to.
// Source: schema; tf.math.segment_sum, tf.math.unsorted_segment_sum.
#include "segment/reduce.h"

namespace tflower::kernels {
namespace {

// Ids ascend, so the last one says how many segments there are; those without rows are 0. Operands: data [n, ...], ids [n].
template <class T>
struct SortedSegmentSum {
  static Result<int64_t> CountSegments(const Tensor& ids) {
    const int32_t* const id = ids.data<int32_t>();
    const int64_t n = ids.dim(0);
    for (int64_t i = 0; i < n; ++i) {
      if (id[i] >= (i == 0 ? 0 : id[i - 1])) continue;
      return OperandError(Code::kInvalidOperand, 1, "segment_ids", Text("id ", id[i], " at position ", i, ": ids must ascend from 0 on"));
    }
    return n == 0 ? 0 : int64_t{id[n - 1]} + 1;
  }
  static Status Infer(const Op& op, OpTypes& out) {
    Shape dims(op.Input(0).dims());
    if (!Known(op.Input(1))) {
      dims[0] = -1;
      return out.Set(0, op.Input(0).dtype(), dims);
    }
    TFLOWER_TRY(dims[0], CountSegments(op.Input(1)));
    return SetOutput(out, 0, op.Input(0).dtype(), dims);
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Tensor data = op.Input(0);
    TFLOWER_TRY(const int64_t segments, CountSegments(op.Input(1)));
    Shape dims(data.dims());
    dims[0] = segments;
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, dims);
    ReduceSegments<T, SegmentAdd<T>>(data.data<T>(), op.Input(1).data<int32_t>(), data.dim(0), Product(data.dims(), 1, data.rank()), segments,
                                     op.Output(0).mutable_data<T>(), eval.parallel());
    return Ok();
  }
};

// Operands: data [ids..., inner...], ids of any shape, the number of segments -> [segments, inner...].
template <class T, class Reduce>
struct UnsortedSegment {
  static Result<int64_t> ReadCount(const Op& op) {
    const int64_t segments = IntAt(op.Input(2), 0);
    if (segments >= 0) return segments;
    return OperandError(Code::kInvalidOperand, 2, "num_segments", Text(segments, " must not be negative"));
  }
  static Shape OutputShape(const Op& op, int64_t segments) {
    Shape dims{segments};
    for (int i = op.Input(1).rank(); i < op.Input(0).rank(); ++i) dims.push_back(op.Input(0).dim(i));
    return dims;
  }
  static Status CheckOperands(const Op& op) {
    const Tensor data = op.Input(0), ids = op.Input(1);
    bool fits = ids.rank() <= data.rank() && data.rank() - ids.rank() < kMaxRank;
    for (int i = 0; fits && i < ids.rank(); ++i) fits = ids.dim(i) == data.dim(i);
    if (fits) return Ok();
    return OperandError(Code::kUnsupportedShape, 1, "segment_ids", Text("shape ", ids.dims(), " must be how that of data, ", data.dims(), ", begins"));
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckOperands(op));
    if (!Known(op.Input(2))) return out.Set(0, op.Input(0).dtype(), OutputShape(op, -1));
    TFLOWER_TRY(const int64_t segments, ReadCount(op));
    return SetOutput(out, 0, op.Input(0).dtype(), OutputShape(op, segments));
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const int64_t segments, ReadCount(op));
    TFLOWER_ENSURE_OUTPUT(op, eval, 0, OutputShape(op, segments));
    const Tensor data = op.Input(0), ids = op.Input(1);
    const int32_t* const id = ids.data<int32_t>();
    const int64_t rows = ids.num_elements();
    for (int64_t i = 0; i < rows; ++i) {
      if (id[i] >= segments) return OperandError(Code::kInvalidOperand, 1, "segment_ids", Text("id ", id[i], " is not below num_segments, ", segments));
    }
    ReduceSegments<T, Reduce>(data.data<T>(), id, rows, Product(data.dims(), ids.rank(), data.rank()), segments,
                              op.Output(0).mutable_data<T>(), eval.parallel());
    return Ok();
  }
};

template <class T, template <class> class Reduce>
constexpr tflower_kernel Unsorted(tfl::Builtin code, DTypeSet type) {
  return Kernel<UnsortedSegment<T, Reduce<T>>>(code, {.inputs = {type, kI32, kI32}, .outputs = {type}});
}

constexpr tflower_kernel kRows[] = {
    Kernel<SortedSegmentSum<float>>(tfl::Builtin::SEGMENT_SUM, {.inputs = {kF32, kI32}, .outputs = {kF32}}),
    Kernel<SortedSegmentSum<int32_t>>(tfl::Builtin::SEGMENT_SUM, {.inputs = {kI32, kI32}, .outputs = {kI32}}),
    Unsorted<float, SegmentAdd>(tfl::Builtin::UNSORTED_SEGMENT_SUM, kF32),
    Unsorted<int32_t, SegmentAdd>(tfl::Builtin::UNSORTED_SEGMENT_SUM, kI32),
    Unsorted<float, SegmentMul>(tfl::Builtin::UNSORTED_SEGMENT_PROD, kF32),
    Unsorted<int32_t, SegmentMul>(tfl::Builtin::UNSORTED_SEGMENT_PROD, kI32),
    Unsorted<float, SegmentMax>(tfl::Builtin::UNSORTED_SEGMENT_MAX, kF32),
    Unsorted<int32_t, SegmentMax>(tfl::Builtin::UNSORTED_SEGMENT_MAX, kI32),
    Unsorted<float, SegmentMin>(tfl::Builtin::UNSORTED_SEGMENT_MIN, kF32),
    Unsorted<int32_t, SegmentMin>(tfl::Builtin::UNSORTED_SEGMENT_MIN, kI32),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(segment, kRows);
}  // namespace tflower::kernels
