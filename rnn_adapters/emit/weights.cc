// Weights, as constants of their own.
#include "emit/weights.h"

#include <algorithm>

#include <tflower/pattern.h>

namespace tflower::rnn {
namespace {

Result<Value> MatrixValue(Builder& build, const Matrix& m) {
  const std::vector<float> dense = m.Dense();
  const int64_t dims[] = {m.rows(), m.cols()};
  return build.Constant<float>(dims, std::span<const float>(dense));
}

}  // namespace

bool IsZero(const std::vector<float>& x) {
  return std::ranges::all_of(x, [](float f) { return f == 0; });
}

bool IsZero(Builder& build, const Value& v) {
  const Operator fill = build.Producer(v);
  if (fill && fill.code() == tfl::Builtin::ZEROS_LIKE) return true;
  const Value contents = fill && fill.code() == tfl::Builtin::FILL ? fill.Input(1) : v;
  if (!contents.is_constant() || contents.dtype() != DType::kFloat32) return false;
  const Result<std::span<const float>> data = build.DataAs<float>(contents);
  return data.ok() && std::ranges::all_of(data.value(), [](float x) { return x == 0; });
}

Result<Value> InputWeights(BodyReader& body, const Form& gate, const JoinedSequence& input, const std::vector<float>& last) {
  Matrix all = Matrix::Own(gate.width, input.width);
  for (int64_t r = 0; input.marked && r < gate.width; ++r) all.mutable_row(r)[input.width - 1] = last[static_cast<size_t>(r)];
  for (const auto& [atom, first] : input.columns) {
    const std::optional<Matrix> part = MatrixOf(gate, atom);
    if (!part) return Declined("its weights are too large");
    for (int64_t r = 0; r < part->rows(); ++r)
      for (int64_t c = 0; c < part->cols(); ++c) all.mutable_row(r)[first + c] += part->at(r, c);
  }
  return MatrixValue(body.build(), all);
}

Result<Value> WeightsOf(Builder& build, const Form& form, const Atom* atom) {
  const std::optional<Matrix> m = MatrixOf(form, atom);
  if (!m) return Declined("its weights are too large");
  return MatrixValue(build, *m);
}

Result<Value> VectorOf(Builder& build, const std::vector<float>& x) {
  const int64_t n = static_cast<int64_t>(x.size());
  return build.Constant<float>(std::span<const int64_t>(&n, 1), std::span<const float>(x));
}

Result<Value> Bias(Builder& build, const Form& form) {
  return VectorOf(build, form.bias.empty() ? std::vector<float>(static_cast<size_t>(form.width)) : form.bias);
}

Result<Value> Peephole(Builder& build, const Form& gate, const std::vector<const Atom*>& atoms) {
  const auto reads = [&](const Atom* atom) { return std::ranges::any_of(gate.terms, [&](const Term& t) { return t.atom == atom; }); };
  if (std::ranges::none_of(atoms, reads)) return Value();
  std::optional<std::vector<float>> factors;
  for (const Atom* atom : atoms) {
    const std::optional<std::vector<float>> of = DiagonalOf(gate, atom);
    if (!of || (factors && *factors != *of)) return Declined("a gate reads the cell state by a matrix");
    factors = of;
  }
  return VectorOf(build, *factors);
}

Result<Value> StateBehind(Builder& build, const Value& state, const Value& last) {
  TFLOWER_TRY(const Value both, build.Emit(tfl::Concatenation{.axis = 1}, {state, last}));
  TFLOWER_TRY(const Value begin, build.Vector({0, 0}));
  TFLOWER_TRY(const Value size, build.Vector({-1, static_cast<int32_t>(state.dim(-1))}));
  return build.Emit(tfl::Slice{}, {both, begin, size});
}

Result<Value> StateOf(Builder& build, const Value& initial) {
  if (build.Option("rnn-state") != "variable" || !IsZero(build, initial)) return build.State(initial);
  return build.KeptState(initial);
}

}  // namespace tflower::rnn
