// STABLEHLO_SCATTER: an operand whose elements at indices are replaced by updates, or combined with them; updates beyond it count for nothing.
// Source: the StableHLO specification of scatter with one operand and without batching dimensions; its update is one operator, or none.
#include <type_traits>

#include "common/copy.h"
#include "tflower/half.h"
#include "stablehlo/index_space.h"
#include "tflower/body.h"

namespace tflower::kernels {
namespace {

using Options = tfl::StablehloScatterOptions;

enum class Update { kReplace, kAdd, kMultiply, kMaximum, kMinimum };

Result<Update> UpdateOf(const Body& body) {
  if (body.num_operators == 0) return Update::kReplace;
  if (body.num_operators == 1) {
    switch (body.first) {
      case tfl::Builtin::ADD:
      case tfl::Builtin::STABLEHLO_ADD: return Update::kAdd;
      case tfl::Builtin::MUL:
      case tfl::Builtin::STABLEHLO_MULTIPLY: return Update::kMultiply;
      case tfl::Builtin::MAXIMUM:
      case tfl::Builtin::STABLEHLO_MAXIMUM: return Update::kMaximum;
      case tfl::Builtin::MINIMUM:
      case tfl::Builtin::STABLEHLO_MINIMUM: return Update::kMinimum;
      default: break;
    }
  }
  return OptionError("update_computation_subgraph_index",
                     Text("the subgraph has ", body.num_operators, " operators; it must have none, or one: an addition, a multiplication, a maximum or a minimum"));
}

// Integers wrap around.
template <class T>
T Combine(Update update, T a, T b) {
  if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
    if (update == Update::kAdd) return static_cast<T>(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
    if (update == Update::kMultiply) return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  }
  switch (update) {
    case Update::kAdd: return static_cast<T>(a + b);
    case Update::kMultiply: return static_cast<T>(a * b);
    case Update::kMaximum: return a < b ? b : a;
    case Update::kMinimum: return b < a ? b : a;
    default: return b;
  }
}

struct StablehloScatter {
  static Status CheckOptions(const Op& op, const Options& options) {
    const Tensor input = op.Input(0), updates = op.Input(2);
    TFLOWER_CHECK(CheckAscending("update_window_dims", options.update_window_dims, updates.rank()));
    TFLOWER_CHECK(CheckAscending("inserted_window_dims", options.inserted_window_dims, input.rank()));
    if (options.update_window_dims.size + options.inserted_window_dims.size != static_cast<size_t>(input.rank()))
      return OptionError("update_window_dims", Text(options.update_window_dims.size, " entries, must be ", static_cast<int64_t>(input.rank()) - static_cast<int64_t>(options.inserted_window_dims.size)));
    TFLOWER_CHECK(CheckDistinct("scatter_dims_to_operand_dims", options.scatter_dims_to_operand_dims, input.rank()));
    return IndexVectors::Check(op, 1, "scatter_indices", options.index_vector_dim, options.scatter_dims_to_operand_dims.size);
  }
  static Status CheckUpdates(const Op& op, const Options& options) {
    const Tensor updates = op.Input(2);
    const Shape batch = IndexVectors(op.Input(1), options.index_vector_dim).BatchDims();
    Shape found;
    for (int i = 0; i < updates.rank(); ++i)
      if (!Contains(options.update_window_dims, i)) found.push_back(updates.dim(i));
    if (found == batch) return Ok();
    return OperandError(Code::kUnsupportedShape, 2, "updates", Text("shape ", updates.dims(), " without update_window_dims must be that of the indices, ", batch));
  }
  static Status Infer(const Op& op, OpTypes& out) {
    const auto options = op.Options<WithBody<Options>>();
    TFLOWER_CHECK(CheckOptions(op, options.options));
    TFLOWER_CHECK(CheckUpdates(op, options.options));
    TFLOWER_TRY([[maybe_unused]] const Update update, UpdateOf(options.body));
    return out.SameAs(0, op.Input(0));
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const auto options = op.Options<WithBody<Options>>();
    TFLOWER_TRY(const Update update, UpdateOf(options.body));
    const Tensor input = op.Input(0), output = op.Output(0);
    CopyBytes(input.raw(), output.mutable_raw(), output.num_elements() * ElementBytes(output.dtype()), eval.parallel());
    if (input.dtype() == DType::kFloat16) {
      Run<uint16_t>(op, options.options, [update](uint16_t a, uint16_t b) {
        return update == Update::kReplace ? b : HalfFromFloat(Combine(update, FloatFromHalf(a), FloatFromHalf(b)));
      });
    } else {
      VisitNumeric(input.dtype(), [&](auto zero) {
        using T = decltype(zero);
        Run<T>(op, options.options, [update](T a, T b) { return Combine(update, a, b); });
      });
    }
    return Ok();
  }

 private:
  template <class T, class F>
  static void Run(const Op& op, const Options& options, const F& combine) {
    const Tensor input = op.Input(0), updates = op.Input(2), output = op.Output(0);
    if (updates.num_elements() == 0 || output.num_elements() == 0) return;
    const IndexVectors starts(op.Input(1), options.index_vector_dim);
    const Shape strides = StridesOf(input.dims());
    const T* from = updates.data<T>();
    T* const to = output.mutable_data<T>();
    Shape at = Shape::Filled(updates.rank(), 0);
    do {
      Shape place = Shape::Filled(input.rank(), 0), batch;
      for (int i = 0, dim = 0; i < at.rank(); ++i) {
        if (!Contains(options.update_window_dims, i)) {
          batch.push_back(at[i]);
          continue;
        }
        while (Contains(options.inserted_window_dims, dim)) ++dim;
        place[dim++] = at[i];
      }
      bool inside = true;
      int64_t offset = 0;
      for (size_t k = 0; k < options.scatter_dims_to_operand_dims.size; ++k) {
        const auto dim = static_cast<int>(options.scatter_dims_to_operand_dims[k]);
        const int64_t start = starts.At(batch, static_cast<int64_t>(k));
        if (start < -place[dim] || start >= input.dim(dim)) inside = false;  // a start far outside must not overflow
        else place[dim] += start;
      }
      for (int i = 0; i < input.rank(); ++i) {
        inside = inside && place[i] >= 0 && place[i] < input.dim(i);
        if (inside) offset += place[i] * strides[i];
      }
      if (inside) to[offset] = combine(to[offset], *from);
      ++from;
    } while (NextIndex(at, updates.dims()));
  }
};

constexpr DTypeSet kValues = Types({DType::kFloat16, DType::kFloat32, DType::kFloat64, DType::kInt8, DType::kInt16, DType::kInt32, DType::kInt64, DType::kUInt8,
                                    DType::kUInt16, DType::kUInt32, DType::kUInt64, DType::kBool});
constexpr tflower_kernel kRows[] = {Kernel<StablehloScatter>(tfl::Builtin::STABLEHLO_SCATTER, {.inputs = {kValues, kIndex, kValues}, .outputs = {kValues}})};

}  // namespace
TFLOWER_KERNEL_FAMILY(stablehlo_scatter, kRows);
}  // namespace tflower::kernels
