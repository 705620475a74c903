// STABLEHLO_RNG_BIT_GENERATOR: random bits of a state, and the state behind them, by Threefry 2x32 (20 rounds) or Philox 4x32-10.
// Source: the StableHLO specification of rng_bit_generator; Salmon et al., "Parallel random numbers: as easy as 1, 2, 3", 2011.
#include <array>
#include <bit>

#include "common/check.h"
#include "shared/philox.h"

namespace tflower::kernels {
namespace {

std::array<uint32_t, 2> Threefry(uint32_t k0, uint32_t k1, uint64_t counter) {
  constexpr int kRotations[2][4] = {{13, 15, 26, 6}, {17, 29, 16, 24}};
  const uint32_t keys[] = {k0, k1, k0 ^ k1 ^ 0x1BD11BDA};
  uint32_t a = static_cast<uint32_t>(counter) + keys[0], b = static_cast<uint32_t>(counter >> 32) + keys[1];
  for (uint32_t round = 0; round < 5; ++round) {
    for (const int by : kRotations[round % 2]) {
      a += b;
      b = std::rotl(b, by) ^ a;
    }
    a += keys[(round + 1) % 3];
    b += keys[(round + 2) % 3] + round + 1;
  }
  return {a, b};
}

// Operand: state of 64-bit words: key, counter (of Philox two words, the second of which may be missing: then it is the key).
// Results: the new state; bits in the shape that the model declares.
struct RngBits {
  static Status CheckState(const Op& op, tfl::RngAlgorithm algorithm) {
    TFLOWER_CHECK(CheckRank(op, 0, "initial_state", 1, 1));
    const int64_t words = op.Input(0).dim(0);
    if (algorithm < tfl::RngAlgorithm::DEFAULT || algorithm > tfl::RngAlgorithm::THREEFRY)
      return OptionError("algorithm", Text(static_cast<int>(algorithm), " is not an algorithm"));
    if (words == 2 || (words == 3 && algorithm != tfl::RngAlgorithm::THREEFRY)) return Ok();
    return OperandError(Code::kUnsupportedShape, 0, "initial_state", Text(words, " elements: Threefry has 2, Philox 2 or 3"));
  }
  static Status Infer(const Op& op, OpTypes& out) {
    TFLOWER_CHECK(CheckState(op, op.Options<tfl::StablehloRngBitGeneratorOptions>().algorithm));
    if (op.abi()->outputs == nullptr) return Error(Code::kInvalidGraph, "the shape of output 1 is not declared, and nothing else tells it");
    TFLOWER_CHECK(out.SameAs(0, op.Input(0)));
    return SetOutput(out, 1, op.Output(1).dtype(), op.Output(1).dims());
  }
  static Status Eval(const Op& op, const EvalContext&) {
    const uint64_t* const state = op.Input(0).data<uint64_t>();
    const auto k0 = static_cast<uint32_t>(state[0]), k1 = static_cast<uint32_t>(state[0] >> 32);
    const bool threefry = op.Options<tfl::StablehloRngBitGeneratorOptions>().algorithm == tfl::RngAlgorithm::THREEFRY;
    const uint64_t high = op.Input(0).dim(0) == 3 ? state[2] : state[0];
    uint64_t counter = state[1];
    auto* const bits = static_cast<uint32_t*>(op.Output(1).mutable_raw());
    const int64_t words = op.Output(1).num_elements() * ElementBytes(op.Output(1).dtype()) / 4;
    const auto copy = [&](const auto& from, int64_t i) {
      std::copy_n(from.begin(), std::min<int64_t>(static_cast<int64_t>(from.size()), words - i), bits + i);
      ++counter;  // of its 64 bits alone: nothing carries into the upper word
      return static_cast<int64_t>(from.size());
    };
    for (int64_t i = 0; i < words;) i += threefry ? copy(Threefry(k0, k1, counter), i) : copy(Philox(state[0], counter, high)(), i);
    auto* const next = op.Output(0).mutable_data<uint64_t>();
    std::copy_n(state, op.Input(0).dim(0), next);
    next[1] = counter;
    return Ok();
  }
};

constexpr DTypeSet kState = Types({DType::kUInt64});
constexpr DTypeSet kBits = Types({DType::kInt32, DType::kInt64, DType::kUInt32, DType::kUInt64});
constexpr tflower_kernel kRows[] = {Kernel<RngBits>(tfl::Builtin::STABLEHLO_RNG_BIT_GENERATOR, {.inputs = {kState}, .outputs = {kState, kBits}})};

}  // namespace
TFLOWER_KERNEL_FAMILY(rng_bits, kRows);
}  // namespace tflower::kernels
