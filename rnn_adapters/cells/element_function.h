// ElementFunction: an activation as forms have it, y = scale * f(x) + offset, element by element.
#pragma once

#include <optional>

#include "read/form.h"

namespace tflower::rnn {

struct ElementFunction {
  enum class Kind : uint8_t { kNone, kApply, kClip };
  Kind kind = Kind::kNone;                     // kNone: f(x) = x
  tfl::Builtin function = tfl::Builtin::TANH;  // kApply
  float low = 0, high = 0;                     // kClip: x between these; infinite where there is no bound
  float scale = 1, offset = 0;

  // The same f; scale and offset may differ.
  bool SameCore(const ElementFunction& other) const { return kind == other.kind && (kind == Kind::kApply ? function == other.function : low == other.low && high == other.high); }
  bool Is(tfl::Builtin f) const { return kind == Kind::kApply && function == f && scale == 1 && offset == 0; }
  // 1 - y.
  ElementFunction OneMinus() const {
    ElementFunction out = *this;
    out.scale = -scale;
    out.offset = 1 - offset;
    return out;
  }
};

struct Activated {
  ElementFunction function;
  const Form* inside;
};
// Nothing where the form is no function of one form, all columns alike.
std::optional<Activated> AsActivated(const Form& form);

}  // namespace tflower::rnn
