// Arrays that a loop reads one element of in each round, and arrays that it fills so.
#pragma once

#include <tflower/builder.h>

#include "read/loop.h"

namespace tflower::rnn {

// One row, or one round's element, of an array that the loop fills.
struct Write {
  Value item;             // in the body, without the dimension of the steps
  bool every = false;     // at the place of the round; else to the only place, so that the last round's stays
  bool backwards = false; // every: the first round's is the last of the array
};
// What variable i, one that is carried, gets written; null item: it is no array that is filled so.
Write WriteTo(Builder& build, const Loop& loop, int i);

// In each round an element of an array, an invariant: along the axis of its steps, 0 or 1, at a place.
struct Element {
  int array = 0;
  int axis = 0;
  Place place;

  bool operator==(const Element&) const = default;
};
// v, in the body, as an element; declines where it is none. The array may be longer than there are steps.
Result<Element> ElementOf(Builder& build, const Loop& loop, const Value& v);

}  // namespace tflower::rnn
