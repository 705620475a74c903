// Loops over cells that no operator has -> a loop over chunks of steps.
#include <algorithm>
#include <set>

#include <tflower/pattern.h>

#include "emit/results.h"
#include "emit/steps.h"
#include "read/ancestors.h"

namespace tflower::rnn {
namespace {

// What the loop carries: states, and what is written of each step.
struct Carried {
  std::vector<int> states;
  std::vector<const Form*> next, recorded;

  void Record(const Form* form) {
    if (std::ranges::none_of(recorded, [&](const Form* f) { return Same(*f, *form); })) recorded.push_back(form);
  }
};

void Collect(const Form& form, std::set<const Atom*>& atoms) {
  for (const Term& t : form.terms) {
    if (!atoms.insert(t.atom).second) continue;
    for (const Form& f : t.atom->a) Collect(f, atoms);
  }
}

// What no step reads, such as the last output of layers with masks, need not be carried: it is recorded.
void DropUnread(Carried& carried) {
  std::set<const Atom*> read;
  for (const Form* f : carried.recorded) Collect(*f, read);
  for (size_t i = carried.states.size(); i-- > 0;) {
    const auto is_part = [&](const Atom* atom) { return atom->kind == AtomKind::kState && atom->index == carried.states[i]; };
    if (std::ranges::any_of(read, is_part)) continue;
    carried.states.erase(carried.states.begin() + static_cast<std::ptrdiff_t>(i));
    carried.next.erase(carried.next.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

Result<Carried> Read(BodyReader& body) {
  const Loop& loop = body.loop();
  Carried out;
  std::vector<const Form*> written;
  for (int i = 0; i < loop.num_variables(); ++i) {
    if (loop.roles[static_cast<size_t>(i)] != Loop::Role::kCarried) continue;
    const Write write = WriteTo(body.build(), loop, i);
    const Value value = write.item ? write.item : loop.body.Output(i);
    const Form* const form = value.rank() == 2 ? body.Read(value) : nullptr;
    if (form == nullptr) return Declined();
    if (write.item) {
      written.push_back(form);
      continue;
    }
    out.states.push_back(i);
    out.next.push_back(form);
    out.Record(form);  // the last is found there, if it is found nowhere else
  }
  for (const Form* form : written) out.Record(form);
  DropUnread(out);
  return out.states.empty() ? Result<Carried>(Declined()) : out;
}

// Does the next value of a float state come from a product with it, and through an activation? Then its user means it as a cell.
bool IsCell(Builder& build, const Loop& loop, int i) {
  constexpr size_t kMost = 1024;  // values
  const Value state = loop.body.Input(i);
  if (state.dtype() != DType::kFloat32 || state.rank() != 2) return false;
  const Value next = loop.body.Output(i);
  bool reads = false, multiplies = false, activates = false;
  VisitAncestors(build, {&next, 1}, Value(), kMost, [&](const Operator& op) {
    reads = reads || std::ranges::any_of(op.Inputs(), [&](const Value& in) { return in == state; });
    multiplies = multiplies || op.code() == tfl::Builtin::FULLY_CONNECTED || op.code() == tfl::Builtin::BATCH_MATMUL;
    activates = activates || op.code() == tfl::Builtin::LOGISTIC || op.code() == tfl::Builtin::TANH;
    return reads && multiplies && activates;
  });
  return reads && multiplies && activates;
}

// What the loop's user should know, if it is nearly a layer.
Error Missed(Builder& build, const Loop& loop, const std::string& why) {
  for (int i = 0; i < loop.num_variables(); ++i)
    if (loop.roles[static_cast<size_t>(i)] == Loop::Role::kCarried && IsCell(build, loop, i)) return Declined(why);
  return Declined();
}

Status FuseSteps(const Operator& op, Builder& build) {
  if (build.Option("rnn") == "loop") return Declined();
  TFLOWER_TRY(const Loop loop, ReadLoop(build, op));
  if (!loop.problem.empty()) return Missed(build, loop, loop.problem);
  BodyReader body(build, loop);
  const Result<Carried> read = Read(body);
  if (!read.ok()) return Missed(build, loop, body.why());
  const Carried& carried = read.value();
  FormSteps steps(body, carried.states, carried.next, carried.recorded);
  if (const Status planned = steps.Plan(); !planned.ok()) return Missed(build, loop, planned.error().message);
  if (steps.inputs().empty()) return Missed(build, loop, "it reads no sequence");
  if (!steps.multiplies_state()) return Declined();
  TFLOWER_TRY(const std::optional<Packing> made, Packing::Make(build, loop));
  const Packing* const packing = made ? &*made : nullptr;
  TFLOWER_TRY(const JoinedSequence input, Join(body, packing, {}, steps.inputs()));
  steps.SetInput(&input);
  ChunkedLayer layer{.x = input.sequence, .operators = steps.operators()};
  for (const int i : carried.states) layer.states.push_back(op.Input(i));
  for (const Atom* atom : steps.outer()) layer.outer.push_back(op.Input(atom->index));
  for (const Form* form : carried.recorded) layer.widths.push_back(form->width);
  TFLOWER_TRY(const ChunkedResult result, EmitChunks(body, layer, steps));
  std::vector<Track> tracks;
  for (size_t i = 0; i < carried.recorded.size(); ++i) {
    Track& track = tracks.emplace_back(Track{*carried.recorded[i], Value(), result.recorded[i]});
    for (size_t k = 0; k < carried.states.size(); ++k) if (Same(*carried.next[k], track.form)) track.last = result.states[k];
  }
  return Results(body, packing).Replace(tracks);
}

constexpr RuleDef kRules[] = {{.id = "rnn-steps", .benefit = 10, .emits = "WHILE", .fuse_loop = FuseSteps}};

}  // namespace
TFLOWER_RULE_FAMILY(steps, kRules);
}  // namespace tflower::rnn
