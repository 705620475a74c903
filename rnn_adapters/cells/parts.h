// What cells are made of: sums of two products, activations, clips.
#pragma once

#include <array>
#include <optional>

#include "read/form.h"

namespace tflower::rnn {

// a * b + c * d, without coefficients.
struct TwoProducts {
  const Atom* first;
  const Atom* second;
};
std::optional<TwoProducts> AsTwoProducts(const Form& form);
// The other factor, where one factor of the product is exactly `factor`.
const Form* OtherFactor(const Atom& product, const Form& factor);
// x, where the form is function(x).
const Form* Inside(const Form& form, tfl::Builtin function);
// {x, v} where the form is x clipped to [-v, v]; {form, 0} where it is not clipped.
struct Clipped {
  const Form* form;
  float clip;
};
std::optional<Clipped> Unclipped(const Form& form);
// The form is 1 - x.
bool IsOneMinus(const Form& form, const Form& x);

}  // namespace tflower::rnn
