// QUANTIZE and DEQUANTIZE: real numbers to integers with scale and zero point, back, and from one quantisation to another.
// Source: TFLite operators and versions; float16 and bfloat16 to float32 are in cast/.
#include <numeric>

#include "byte_table/byte_table.h"
#include "common/copy.h"
#include "common/packed_int.h"
#include "common/quantized.h"
#include "quantize/convert.h"

namespace tflower::kernels {
namespace {

constexpr DTypeSet kPacked = Types({DType::kInt4, DType::kUInt4, DType::kInt2});
constexpr DTypeSet kStored = kQuantized | kI32 | kPacked;

// Scales of a tensor along one axis, or one for all: element i belongs to channel i / inner % channels.
struct Channels {
  std::span<const float> scales;
  std::span<const int64_t> zeros;
  int64_t inner = 1;
  size_t At(int64_t i) const { return scales.size() == 1 ? 0 : static_cast<size_t>(i / inner) % scales.size(); }
  bool one() const { return scales.size() == 1; }
  Affine First() const { return {scales[0], static_cast<int32_t>(zeros[0])}; }
};

bool Narrow(DType type) { return type == DType::kInt8 || type == DType::kUInt8 || type == DType::kInt16; }
size_t NarrowBytes(DType type) { return type == DType::kInt16 ? 2 : 1; }

Result<Channels> ChannelsOf(const Tensor& t, const std::string& name) {
  if (t.scales().empty()) return std::move(Error(Code::kUnsupportedType, Text("is ", t.dtype(), " without scale and zero point"))).What(name);
  const IntBounds bounds = BoundsOf(t.dtype());
  for (const int64_t zero : t.zero_points()) {
    if (zero < bounds.lo || zero > bounds.hi) return std::move(Error(Code::kInvalidGraph, Text("zero point ", zero, " is no ", t.dtype()))).What(name);
  }
  Channels channels{t.scales(), t.zero_points()};
  if (t.scales().size() == 1) return channels;
  const int axis = t.quantized_dimension();
  if (axis < 0 || axis >= t.rank() || t.dim(axis) != static_cast<int64_t>(t.scales().size())) {
    return std::move(Error(Code::kInvalidGraph, Text(t.scales().size(), " scales for dimension ", axis, " of shape ", t.dims()))).What(name);
  }
  channels.inner = Product(t.dims(), axis + 1, t.rank());
  return channels;
}

struct Quantize {
  static constexpr DTypeSet kFrom = kF32 | kQuantized | kI32;

  // The output's type is what the model declares.
  template <DType kOut>
  struct To {
    ByteTable table;  // from bytes to bytes
    static Status Infer(const Op& op, OpTypes& out) {
      if (op.Input(0).dtype() != DType::kFloat32) TFLOWER_CHECK(CheckQuantized(op, 1));
      return out.Set(0, kOut, op.Input(0).dims());
    }
    static bool ByTable(const Op& op) { return Contains(kBytes, op.Input(0).dtype()) && Contains(kBytes, kOut); }
    Status Prepare(const Op& op, PrepareContext&) {
      if (!ByTable(op)) return Ok();
      TFLOWER_TRY(const Requantization r, RequantizationOf(op));
      uint8_t all[256];
      std::iota(all, all + 256, uint8_t{0});
      RequantizeRef(r, all, op.Input(0).dtype(), 256, kOut, table.values);
      return Ok();
    }
    Status Eval(const Op& op, const EvalContext& eval) const {
      if (op.Input(0).dtype() == DType::kFloat32) return FromReal(op, eval);
      if (!ByTable(op)) return Requantize(op, eval);
      table.Map(op.Input(0).raw(), op.Output(0).mutable_raw(), op.Output(0).num_elements(), eval.parallel());
      return Ok();
    }
  };
  static Result<Requantization> RequantizationOf(const Op& op) {
    TFLOWER_TRY(const Affine from, InputAffine(op, 0));
    TFLOWER_TRY(const Affine to, OutputAffine(op));
    return Requantization{from.zero, to.zero, MultiplierOf(from.real_scale() / to.real_scale())};
  }
  static Status FromReal(const Op& op, const EvalContext& eval) {
    const Tensor output = op.Output(0);
    TFLOWER_TRY(const Channels channels, ChannelsOf(output, "output 0"));
    const IntBounds bounds = BoundsOf(output.dtype());
    const float* const x = op.Input(0).data<float>();
    if (channels.one() && Narrow(output.dtype())) {
      eval.parallel().For(output.num_elements(), kParallelBytes / 4, [&](int64_t begin, int64_t end) {
        StoreReals(x + begin, static_cast<size_t>(end - begin), channels.First(), output.dtype(), output.mutable_data<char>() + static_cast<size_t>(begin) * NarrowBytes(output.dtype()));
      });
      return Ok();
    }
    VisitNumeric(output.dtype(), [&](auto zero) {
      using T = decltype(zero);
      T* const y = output.mutable_data<T>();
      eval.parallel().For(output.num_elements(), kParallelBytes / 4, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
          const size_t c = channels.At(i);
          y[i] = static_cast<T>(bounds.Clamp(RoundedInt(x[i] / channels.scales[c]) + channels.zeros[c]));
        }
      });
    });
    return Ok();
  }
  static Status Requantize(const Op& op, const EvalContext& eval) {
    const Tensor input = op.Input(0), output = op.Output(0);
    TFLOWER_TRY(const Requantization r, RequantizationOf(op));
    const IntBounds bounds = BoundsOf(output.dtype());
    if (Narrow(output.dtype()) && (Narrow(input.dtype()) || input.dtype() == DType::kInt32)) {
      const size_t bytes = input.dtype() == DType::kInt32 ? 4 : NarrowBytes(input.dtype());
      eval.parallel().For(output.num_elements(), kParallelBytes / 4, [&](int64_t begin, int64_t end) {
        kernels::Requantize(r, input.data<char>() + static_cast<size_t>(begin) * bytes, input.dtype(), static_cast<size_t>(end - begin), output.dtype(),
                   output.mutable_data<char>() + static_cast<size_t>(begin) * NarrowBytes(output.dtype()));
      });
      return Ok();
    }
    VisitNumeric(input.dtype(), [&](auto in) {
      VisitNumeric(output.dtype(), [&](auto out) {
        using In = decltype(in);
        using Out = decltype(out);
        const In* const x = input.data<In>();
        Out* const y = output.mutable_data<Out>();
        eval.parallel().For(output.num_elements(), kParallelBytes / 4, [&](int64_t begin, int64_t end) {
          for (int64_t i = begin; i < end; ++i) {
            const auto centred = static_cast<int32_t>(static_cast<uint32_t>(static_cast<int32_t>(x[i])) - static_cast<uint32_t>(r.x_zero));
            y[i] = static_cast<Out>(bounds.Clamp(static_cast<int64_t>(Scaled(centred, r.factor)) + r.y_zero));
          }
        });
      });
    });
    return Ok();
  }
};

// int4 and uint4 are made of real numbers only, as in TFLite.
template <DType kOut>
struct QuantizeNibbles {
  static Status Infer(const Op& op, OpTypes& out) { return out.Set(0, kOut, op.Input(0).dims()); }
  Status Prepare(const Op& op, PrepareContext& want) {
    want.Scratch(static_cast<uint64_t>(op.Output(0).num_elements()));
    return Ok();
  }
  Status Eval(const Op& op, const EvalContext& eval) const {
    const Tensor output = op.Output(0);
    TFLOWER_TRY(const Channels channels, ChannelsOf(output, "output 0"));
    const IntBounds bounds = BoundsOf(kOut);
    const float* const x = op.Input(0).data<float>();
    auto* const whole = eval.scratch<int8_t>();
    for (int64_t i = 0, n = output.num_elements(); i < n; ++i) {
      const size_t c = channels.At(i);
      whole[i] = static_cast<int8_t>(bounds.Clamp(RoundedInt(x[i] / channels.scales[c]) + channels.zeros[c]));
    }
    PackNibbles(whole, output.num_elements(), output.mutable_raw());
    return Ok();
  }
};

// Exact products, rounded once.
struct Dequantize {
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_TRY([[maybe_unused]] const Channels channels, ChannelsOf(op.Input(0), "input 0"));
    return SetOutput(out, 0, DType::kFloat32, op.Input(0).dims());
  }
  template <class At>
  static void Fill(const Channels& channels, const Tensor& output, const Parallel& parallel, At at) {
    float* const y = output.mutable_data<float>();
    parallel.For(output.num_elements(), kParallelBytes / 4, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) {
        const size_t c = channels.At(i);
        y[i] = static_cast<float>(static_cast<double>(channels.scales[c]) * static_cast<double>(at(i) - channels.zeros[c]));
      }
    });
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const Tensor input = op.Input(0), output = op.Output(0);
    TFLOWER_TRY(const Channels channels, ChannelsOf(input, "input 0"));
    if (Contains(kPacked, input.dtype())) {
      Fill(channels, output, eval.parallel(), [&, type = input.dtype()](int64_t i) { return int64_t{PackedIntAt(input.raw(), i, type)}; });
      return Ok();
    }
    if (channels.one() && Narrow(input.dtype())) {
      eval.parallel().For(output.num_elements(), kParallelBytes / 4, [&](int64_t begin, int64_t end) {
        LoadReals(input.data<char>() + static_cast<size_t>(begin) * NarrowBytes(input.dtype()), input.dtype(), static_cast<size_t>(end - begin), channels.First(), output.mutable_data<float>() + begin);
      });
      return Ok();
    }
    VisitNumeric(input.dtype(), [&](auto zero) {
      const auto* const x = input.data<decltype(zero)>();
      Fill(channels, output, eval.parallel(), [&](int64_t i) { return static_cast<int64_t>(x[i]); });
    });
    return Ok();
  }
};

template <DType kOut>
constexpr tflower_kernel QuantizeRow() {
  return Kernel<Quantize::To<kOut>>(tfl::Builtin::QUANTIZE, {.inputs = {Quantize::kFrom}, .outputs = {Types({kOut})}});
}

constexpr tflower_kernel kRows[] = {
    QuantizeRow<DType::kInt8>(),
    QuantizeRow<DType::kUInt8>(),
    QuantizeRow<DType::kInt16>(),
    QuantizeRow<DType::kInt32>(),
    Kernel<QuantizeNibbles<DType::kInt4>>(tfl::Builtin::QUANTIZE, {.inputs = {kF32}, .outputs = {Types({DType::kInt4})}}),
    Kernel<QuantizeNibbles<DType::kUInt4>>(tfl::Builtin::QUANTIZE, {.inputs = {kF32}, .outputs = {Types({DType::kUInt4})}}),
    Kernel<Dequantize>(tfl::Builtin::DEQUANTIZE, {.inputs = {kStored}, .outputs = {kF32}}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(quantize, kRows);
}  // namespace tflower::kernels
