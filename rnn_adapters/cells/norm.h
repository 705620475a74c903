// Layer normalisation of a gate, as TFLite's LSTM has it.
#pragma once

#include <optional>
#include <vector>

#include "read/form.h"

namespace tflower::rnn {

// form = scale * (x - mean(x)) / sqrt(variance(x) + kNormEpsilon) + offset, column by column.
//
// That epsilon is the operator's own. Another one, e, comes to the same: x is what the loop normalises times sqrt(kNormEpsilon / e).
struct Normalized {
  Form x;
  std::vector<float> scale, offset;
};
inline constexpr double kNormEpsilon = 1e-8;

std::optional<Normalized> AsNormalized(const Form& form);

}  // namespace tflower::rnn
