// BodyReader: values of a loop's body as forms.
#pragma once

#include <string>
#include <unordered_map>
#include <vector>

#include "read/arrays.h"
#include "read/form.h"
#include "read/loop.h"

namespace tflower::rnn {

class BodyReader {
 public:
  BodyReader(Builder& build, const Loop& loop) : build_(build), loop_(loop) {}

  // The form of a value [..., width], for each row; null where it is none, and `why` says because of what. Lives as long as the reader.
  const Form* Read(const Value& v);
  const std::string& why() const { return why_; }
  Atoms& atoms() { return atoms_; }
  const Loop& loop() const { return loop_; }
  Builder& build() { return build_; }
  // What variable i is at the start of a round.
  const Atom* State(int i);
  // What an atom of kind kInput reads.
  const Element& ElementAt(int index) const { return elements_[static_cast<size_t>(index)]; }

 private:
  std::optional<Form> Make(const Value& v);
  std::optional<Form> ReadConstant(const Value& v, int64_t width);
  std::optional<Form> ReadVariable(const Value& v, int i);
  std::optional<Form> ReadOperator(const Value& v, const Operator& op, int result);
  std::optional<Form> ReadSum(const Value& v, const Operator& op, float sign);
  std::optional<Form> ReadProduct(const Value& v, const Operator& op);
  std::optional<Form> ReadQuotient(const Value& v, const Operator& op);
  std::optional<Form> ReadSquaredDifference(const Value& v, const Operator& op);
  std::optional<Form> ReadMean(const Value& v, const Operator& op);
  std::optional<Form> ReadApply(tfl::Builtin function, const Form& x);
  std::optional<Form> ReadFullyConnected(const Operator& op);
  std::optional<Form> ReadBatchMatMul(const Operator& op);
  std::optional<Form> ReadElement(const Value& v);
  std::optional<Form> ReadSelect(const Value& v);
  std::optional<Form> ReadSplit(const Value& v, const Operator& op, int result);
  std::optional<Form> ReadSlice(const Value& v, const Operator& op);
  std::optional<Form> ReadJoin(const Value& v, const Operator& op);
  std::optional<Form> ReadSameRows(const Value& v, const Value& x);
  std::optional<Form> ReadClip(const Value& v, const Operator& op);
  std::optional<Form> Operand(const Value& v, const Value& x);
  std::optional<Form> No(std::string why);

  Builder& build_;
  const Loop& loop_;
  Atoms atoms_;
  std::vector<Element> elements_;
  std::unordered_map<const tflower_value*, std::optional<Form>> memo_;
  std::string why_;
};

}  // namespace tflower::rnn
