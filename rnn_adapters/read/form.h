// Form: what a loop's body computes, as a linear form over atoms, for one row of the batch.
//
//   value = sum over terms of (coefficient x atom) + bias
//
// An atom is what is no linear form of anything: a step's input, a state, an activation of a form, a product of two forms. Each differs from all
// others, so equal forms have equal atoms, by address. Columns that are cut, joined, scaled, added and multiplied by weights stay linear forms:
// packed or separate weights, in any order, with or without biases, look the same here. See docs/architecture.md, "Recurrent loops".
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include <tflower/builder.h>

#include "read/matrix.h"

namespace tflower::rnn {

struct Atom;

// Rows [row, row + n) of the form, made of an atom with `width` columns: the columns as they are times a number, each times one of its own, or a
// matrix of them. Nothing is multiplied out before a cell is known, so no graph can make these large.
struct Coefficient {
  enum class Kind : uint8_t { kPlaced, kDiagonal, kMatrix };
  Kind kind = Kind::kPlaced;
  int64_t row = 0;
  float scale = 1;             // kPlaced
  std::vector<float> factors;  // kDiagonal; kMatrix: of its rows, or empty
  Matrix matrix;               // kMatrix
};

struct Term {
  const Atom* atom;
  Coefficient of;
};

struct Form {
  int64_t width = 0;
  std::vector<Term> terms;
  std::vector<float> bias;  // empty = zeros

  bool is_constant() const { return terms.empty(); }
  float bias_at(int64_t i) const { return bias.empty() ? 0.0f : bias[static_cast<size_t>(i)]; }
};

enum class AtomKind : uint8_t {
  kInput,    // index: BodyReader::ElementAt, the rows of an array that are read in this round
  kState,    // index: of the loop variable
  kOuter,    // index: of the loop variable, an invariant of the loop
  kApply,    // function of a[0], element by element
  kProduct,  // a[0] * a[1]
  kClip,     // a[0] between low and high
  kMean,     // of a[0]'s columns: one number for each row
  kLinear,   // a[0] under a name, as the operand of a product of matrices
};

struct Atom {
  AtomKind kind = AtomKind::kInput;
  int64_t width = 0;
  int index = 0;
  int64_t first = 0;                           // kInput, kState, kOuter: the columns begin there
  tfl::Builtin function = tfl::Builtin::TANH;  // kApply
  float low = 0, high = 0;                     // kClip
  std::vector<Form> a;
};

// Owns atoms, each once.
class Atoms {
 public:
  const Atom* Get(Atom atom);
  // Columns [first, first + count) of an atom, as an atom.
  const Atom* Cut(const Atom* atom, int64_t first, int64_t count);

 private:
  std::deque<Atom> atoms_;
  std::unordered_map<std::string, const Atom*> known_;
  std::map<std::tuple<const Atom*, int64_t, int64_t>, const Atom*> cut_;
};

// The same form: the same terms in any order, and the same bias.
bool Same(const Form& a, const Form& b);
// The atom that the form is, or null where it is more than that.
const Atom* OnlyAtom(const Form& form);

Form Of(const Atom* atom);
Form Constant(int64_t width, std::vector<float> values);
Form Sum(const Form& a, const Form& b, float sign = 1);
Form Scaled(const Form& a, const std::vector<float>& factors);
// weights [rows, a.width] x a. Composite forms become one atom each.
Form Product(Atoms& atoms, const Matrix& weights, const Form& a);
Form Joined(const std::vector<Form>& parts);
// Columns [first, first + count).
Form Cut(Atoms& atoms, const Form& a, int64_t first, int64_t count);
// One column, in each of `width` columns; and back: the atom that the form has in each column, or null.
Form Spread(const Form& form, int64_t width);
const Atom* SpreadAtom(const Form& form);
// What the form takes of an atom, as one matrix [form.width, atom.width]; nothing where that would be too large.
std::optional<Matrix> MatrixOf(const Form& form, const Atom* atom);
// The same where no column is mixed with another: a number for each; nothing for other coefficients.
std::optional<std::vector<float>> DiagonalOf(const Form& form, const Atom* atom);

}  // namespace tflower::rnn
