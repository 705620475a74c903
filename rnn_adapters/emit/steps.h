// FormSteps: any cell that reads as forms, step by step in builtin operators. What forms take of the step's input is one product for a chunk of steps; what they
// take of one atom by weights is one product for all of them; the rest is written out.
#pragma once

#include <deque>
#include <map>
#include <set>
#include <span>
#include <vector>

#include <tflower/builder.h>

#include "emit/chunks.h"
#include "read/body.h"

namespace tflower::rnn {

class FormSteps : public ChunkedCell {
 public:
  // next: of the loop variables `states`. Forms must outlive this.
  FormSteps(BodyReader& body, std::vector<int> states, std::vector<const Form*> next, std::vector<const Form*> recorded)
      : body_(body), build_(body.build()), states_(std::move(states)), next_(std::move(next)), recorded_(std::move(recorded)) {}

  // Declines what cannot be written out. Before all else.
  Status Plan();
  const std::vector<const Atom*>& inputs() const { return inputs_; }     // what is read of the step's input
  const std::vector<const Atom*>& outer() const { return outer_; }       // what is read beside
  bool multiplies_state() const { return !products_.empty(); }
  int64_t operators() const { return operators_; }                       // of a step, about
  void SetInput(const JoinedSequence* input) { input_ = input; }

  Status Begin(const Value& x, int steps, int axis, std::span<const Value> outer) override;
  Result<std::vector<Value>> Step(int i, std::vector<Value>& states) override;

 private:
  // A form that is more than an atom.
  struct Sum {
    const Form* form;
    int of_input = -1;                  // its place in what is taken of the input
    std::vector<const Atom*> by_weights;
    std::vector<const Form*> pieces;    // columns of different origin, in order; then it is nothing else
  };
  // What an atom is multiplied with, for several sums.
  struct Weights {
    std::vector<const Form*> forms;
    Value matrix, bias, sizes;           // in the present graph
    std::vector<Value> parts;            // in the present step
  };

  // Functions of sums that are made of the same atoms by weights, such as gates: one sum, one function, and a split.
  struct Group {
    Form joined;
    std::vector<const Form*> insides;    // of its members
    std::vector<const Atom*> members;
    Value sizes;                         // in the present graph
    std::vector<Value> parts;            // in the present step
  };

  void FindGroups(const Form& form, std::set<const Atom*>& seen);
  Result<Value> ValueInGroup(const Atom& atom, Group& group);
  Status PlanForm(const Form& form);
  std::vector<const Form*> PiecesOf(const Form& form);
  Status PlanAtom(const Atom& atom);
  bool TakesByWeights(const Form& form, const Atom* atom) const;
  bool CarriesBias(const Sum& sum, const Atom* atom) const { return sum.of_input < 0 && sum.by_weights.front() == atom; }
  Result<std::vector<Value>> SplitColumns(const Value& x, const std::vector<const Form*>& forms, const Value& sizes, const Value& axis);
  Result<Value> Sizes(const std::vector<const Form*>& forms);

  Result<Value> ValueOf(const Form& form);
  Result<Value> ValueOf(const Atom& atom);
  Result<Value> PartOfState(const Atom& atom);
  Result<Value> Part(const Atom* atom, const Form& form);
  Result<Value> Blend(const std::vector<const Term*>& terms);
  Result<Value> AddTerm(const Value& sum, const Term& term);
  Result<Value> AddBias(const Value& sum, const Form& form);

  BodyReader& body_;
  Builder& build_;
  const std::vector<int> states_;
  const std::vector<const Form*> next_, recorded_;
  const JoinedSequence* input_ = nullptr;
  std::map<const Form*, Sum> sums_;
  std::deque<Form> pieces_;
  std::map<const Atom*, Weights> products_;
  std::vector<const Atom*> multiplied_;  // keys of products_, as met
  std::set<const Atom*> planned_;
  std::deque<Group> groups_;
  std::map<const Atom*, Group*> group_of_;
  std::vector<const Form*> input_forms_;
  std::vector<const Atom*> inputs_, outer_;
  int64_t operators_ = 0;
  // In the present graph: by place, then by step.
  std::vector<std::vector<Value>> of_input_;
  std::map<const Atom*, Value> outer_values_;
  Value columns_;
  // In the present step.
  int step_ = 0;
  std::map<const Form*, Value> form_values_;
  std::map<const Atom*, Value> atom_values_;
};

}  // namespace tflower::rnn
