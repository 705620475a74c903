// Masks: a loop that selects between new and old states by a condition for each row and step. Sequence lengths are such conditions, too.
#pragma once

#include <optional>

#include "read/loop.h"

namespace tflower::rnn {

// What a value of the body is in rows in which the step counts, and in the others.
struct Masked {
  Value counts, otherwise;
};
// Nothing where v is not selected by loop.mask.
std::optional<Masked> ByMask(Builder& build, const Loop& loop, const Value& v);

// Variable i is carried, and stays as it is at steps that do not count.
bool IsKept(Builder& build, const Loop& loop, int i);

// Sets the mask of the loop: the condition by which a state is kept. Leaves it null where none is.
void FindMask(Builder& build, Loop& loop);

// In each row the mask holds for the first steps only, so many as there are: for lengths.
bool IsPrefix(Builder& build, const Loop& loop);

}  // namespace tflower::rnn
