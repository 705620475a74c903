// What all rules for loops do: read the loop, find a cell in it, say why not.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <tflower/pattern.h>

#include "emit/results.h"

namespace tflower::rnn {

// Declines where the user wants loops.
inline Status WantsFusion(Builder& build) {
  if (build.Option("rnn") == "loop" || build.Option("rnn-state") == "loop") return Declined();
  return Ok();
}

// match(body, variable, why) finds a cell whose state a loop variable is; emit(body, cell, input, tracks) makes its operator, and tracks of what
// that computes. Cells may stand on each other. A loop with such a cell that stays a loop is declined with the reason, one without is not.
template <class Cell>
Status FuseCells(const Operator& op, Builder& build, std::optional<Cell> (*match)(BodyReader&, int, std::string&),
                 Status (*emit)(BodyReader&, const Cell&, const JoinedSequence&, std::vector<Track>&)) {
  TFLOWER_CHECK(WantsFusion(build));
  TFLOWER_TRY(const Loop loop, ReadLoop(build, op));
  BodyReader body(build, loop);
  std::string why;
  std::vector<Cell> cells;
  for (int i = 0; i < loop.num_variables(); ++i) {
    if (loop.roles[static_cast<size_t>(i)] != Loop::Role::kCarried) continue;
    if (std::optional<Cell> cell = match(body, i, why)) cells.push_back(std::move(*cell));
  }
  if (cells.empty()) return Declined(why);
  if (!loop.problem.empty()) return Declined(loop.problem);
  TFLOWER_TRY(const std::optional<Packing> made, Packing::Make(build, loop));
  const Packing* const packing = made ? &*made : nullptr;
  std::vector<Track> tracks;
  while (!cells.empty()) {  // each once all that it reads is there
    Status problem = Ok();
    size_t i = 0;
    for (; i < cells.size(); ++i) {
      const Result<JoinedSequence> input = Join(body, packing, tracks, cells[i].sources);
      if (input.ok()) {
        TFLOWER_CHECK(emit(body, cells[i], input.value(), tracks));
        break;
      }
      if (problem.ok()) problem = input.error();
    }
    if (i == cells.size()) return problem;
    cells.erase(cells.begin() + static_cast<std::ptrdiff_t>(i));
  }
  TFLOWER_CHECK(Results(body, packing).Replace(tracks));
  if (build.Option("rnn-state") == "variable") build.Report("keeps its state from one invocation to the next: call reset_all_variables() in front of each sequence");
  return Ok();
}

}  // namespace tflower::rnn
