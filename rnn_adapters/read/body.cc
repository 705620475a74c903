// BodyReader: one operator after the other, as the lowering made them. All that counts is what happens to a row; how rows are laid out does not.
#include "read/body.h"

#include <algorithm>
#include <limits>

#include <tflower/pattern.h>

#include "read/layout.h"
#include "read/mask.h"

namespace tflower::rnn {
namespace {

using tfl::Builtin;

constexpr size_t kMaxValues = 512;       // of a body that is looked at
constexpr size_t kMaxTerms = 256;        // of a form
constexpr int64_t kMaxWidth = 1 << 15;   // of a row

}  // namespace

std::optional<Form> BodyReader::No(std::string why) {
  if (why_.empty()) why_ = std::move(why);
  return std::nullopt;
}

const Form* BodyReader::Read(const Value& v) {
  if (!v) return nullptr;
  if (const auto known = memo_.find(v.abi()); known != memo_.end()) return known->second ? &*known->second : nullptr;
  std::optional<Form> form;
  if (memo_.size() < kMaxValues) {
    memo_[v.abi()] = std::nullopt;
    form = Make(v);
    if (form && form->terms.size() > kMaxTerms) form = No("its sums have too many terms");
  } else {
    No("it has too many operators");
  }
  std::optional<Form>& slot = memo_[v.abi()] = std::move(form);
  return slot ? &*slot : nullptr;
}

const Atom* BodyReader::State(int i) { return atoms_.Get({.kind = AtomKind::kState, .width = loop_.body.Input(i).dim(-1), .index = i}); }

std::optional<Form> BodyReader::Make(const Value& v) {
  if (v.dtype() != DType::kFloat32) return No("it computes in another type than float32");
  if (v.rank() == 0) return No("it computes with a scalar that is not constant");
  const int64_t width = v.dim(-1);
  if (width < 1 || width > kMaxWidth) return No("the width of its rows is not known, or too large");
  if (v.is_constant()) return ReadConstant(v, width);
  if (const int i = loop_.VariableOf(v); i >= 0) return ReadVariable(v, i);
  int result = 0;
  const Operator op = build_.Producer(v, &result);
  if (!op) return No("it takes a value from nowhere");
  return ReadOperator(v, op, result);
}

// The same in each row.
std::optional<Form> BodyReader::ReadConstant(const Value& v, int64_t width) {
  const Result<std::span<const float>> data = build_.DataAs<float>(v);
  if (!data.ok()) return No("a constant cannot be read");
  const std::span<const float> x = data.value();
  for (size_t i = static_cast<size_t>(width); i < x.size(); ++i)
    if (!(x[i] == x[i - static_cast<size_t>(width)])) return No("it adds something else to each row of the batch");
  return Constant(width, {x.begin(), x.begin() + std::min<std::ptrdiff_t>(width, static_cast<std::ptrdiff_t>(x.size()))});
}

std::optional<Form> BodyReader::ReadVariable(const Value& v, int i) {
  if (loop_.roles[static_cast<size_t>(i)] == Loop::Role::kCarried) {
    if (loop_.mask && !IsKept(build_, loop_, i)) return No("a state of it changes at steps that its mask leaves out");
    return Of(State(i));
  }
  return Of(atoms_.Get({.kind = AtomKind::kOuter, .width = v.dim(-1), .index = i}));
}

std::optional<Form> BodyReader::ReadOperator(const Value& v, const Operator& op, int result) {
  switch (op.code()) {
    case Builtin::FULLY_CONNECTED: return ReadFullyConnected(op);
    case Builtin::BATCH_MATMUL: return ReadBatchMatMul(op);
    case Builtin::ADD: return ReadSum(v, op, 1);
    case Builtin::SUB: return ReadSum(v, op, -1);
    case Builtin::NEG: {
      const std::optional<Form> x = Operand(v, op.Input(0));
      return x ? std::optional(Scaled(*x, std::vector<float>(static_cast<size_t>(x->width), -1.0f))) : std::nullopt;
    }
    case Builtin::MUL: return ReadProduct(v, op);
    case Builtin::DIV: return ReadQuotient(v, op);
    case Builtin::SQUARED_DIFFERENCE: return ReadSquaredDifference(v, op);
    case Builtin::MEAN: return ReadMean(v, op);
    case Builtin::GATHER: return ReadElement(v);
    case Builtin::SPLIT:
    case Builtin::SPLIT_V: return ReadSplit(v, op, result);
    case Builtin::SLICE: return ReadSlice(v, op);
    case Builtin::STRIDED_SLICE: return op.As<tfl::StridedSlice>().shrink_axis_mask != 0 ? ReadElement(v) : ReadSlice(v, op);
    case Builtin::CONCATENATION: return ReadJoin(v, op);
    case Builtin::RESHAPE:
    case Builtin::SQUEEZE:
    case Builtin::EXPAND_DIMS: return ReadSameRows(v, op.Input(0));
    case Builtin::PACK: return op.num_inputs() == 1 ? ReadSameRows(v, op.Input(0)) : No("it packs several values");
    case Builtin::SELECT:
    case Builtin::SELECT_V2: return ReadSelect(v);
    case Builtin::MINIMUM:
    case Builtin::MAXIMUM: return ReadClip(v, op);
    case Builtin::FILL: {
      const Result<std::span<const float>> x = op.Input(1).is_constant() ? build_.DataAs<float>(op.Input(1)) : Result<std::span<const float>>(Error());
      if (!x.ok() || x.value().size() != 1) return No("it fills a tensor with a value that is not constant");
      return Constant(v.dim(-1), std::vector<float>(static_cast<size_t>(v.dim(-1)), x.value()[0]));
    }
    case Builtin::LOGISTIC: case Builtin::TANH: case Builtin::RELU: case Builtin::RELU6: case Builtin::RELU_N1_TO_1: case Builtin::ELU: case Builtin::GELU:
    case Builtin::EXP: case Builtin::ABS: case Builtin::SQUARE: case Builtin::SQRT: case Builtin::RSQRT: case Builtin::HARD_SWISH: {
      const Form* x = Read(op.Input(0));
      return x != nullptr ? ReadApply(op.code(), *x) : std::nullopt;
    }
    default: return No(std::string("it computes with ") + NameOf(op.code()) + ", which no cell that is known here does");
  }
}

// An operand of v, an operator that takes two element by element; a single number counts for each column.
std::optional<Form> BodyReader::Operand(const Value& v, const Value& x) {
  if (x.is_constant() && x.num_elements() == 1) {
    const Result<std::span<const float>> data = x.dtype() == DType::kFloat32 ? build_.DataAs<float>(x) : Result<std::span<const float>>(Error());
    if (!data.ok()) return No("it computes in another type than float32");
    return Constant(v.dim(-1), std::vector<float>(static_cast<size_t>(v.dim(-1)), data.value()[0]));
  }
  const Form* form = Read(x);
  if (form == nullptr) return std::nullopt;
  const bool is_column = form->width == 1 && v.dim(-1) > 1 && form->terms.size() == 1 && form->terms[0].atom->width == 1;
  if (is_column && SameRows(v, x)) return Spread(*form, v.dim(-1));
  if (form->width != v.dim(-1) || (!form->is_constant() && !SameRows(v, x))) return No("it broadcasts over the batch or over the units");
  return *form;
}

namespace {

// a * b, with the factors of what is the same in all columns outside of the product.
Form ProductOf(Atoms& atoms, Form a, Form b) {
  std::vector<float> factors;
  for (Form* form : {&a, &b}) {
    if (form->terms.size() != 1 || !form->bias.empty() || form->terms[0].of.factors.empty() || form->terms[0].atom->width != 1 || form->width == 1) continue;
    std::vector<float> own = std::move(form->terms[0].of.factors);
    form->terms[0].of.factors.clear();
    if (factors.empty()) factors.assign(own.size(), 1.0f);
    for (size_t i = 0; i < own.size(); ++i) factors[i] *= own[i];
  }
  const Atom *left = SpreadAtom(a), *right = SpreadAtom(b);
  const bool one = left != nullptr && right != nullptr && a.width > 1;
  const Form product = one ? Spread(Of(atoms.Get({.kind = AtomKind::kProduct, .width = 1, .a = {Of(left), Of(right)}})), a.width)
                           : Of(atoms.Get({.kind = AtomKind::kProduct, .width = a.width, .a = {a, b}}));
  return factors.empty() ? product : Scaled(product, factors);
}

}  // namespace

std::optional<Form> BodyReader::ReadSum(const Value& v, const Operator& op, float sign) {
  const std::optional<Form> a = Operand(v, op.Input(0)), b = Operand(v, op.Input(1));
  if (!a || !b) return std::nullopt;
  return Sum(*a, *b, sign);
}

std::optional<Form> BodyReader::ReadProduct(const Value& v, const Operator& op) {
  std::optional<Form> a = Operand(v, op.Input(0)), b = Operand(v, op.Input(1));
  if (!a || !b) return std::nullopt;
  if (a->is_constant()) std::swap(a, b);
  const size_t width = static_cast<size_t>(a->width);
  if (b->is_constant()) return Scaled(*a, b->bias.empty() ? std::vector<float>(width) : b->bias);
  if (Same(*a, *b)) return ReadApply(Builtin::SQUARE, *a);
  return ProductOf(atoms_, *a, *b);
}

std::optional<Form> BodyReader::ReadApply(Builtin function, const Form& x) {
  return Of(atoms_.Get({.kind = AtomKind::kApply, .width = x.width, .function = function, .a = {x}}));
}

std::optional<Form> BodyReader::ReadSquaredDifference(const Value& v, const Operator& op) {
  const std::optional<Form> a = Operand(v, op.Input(0)), b = Operand(v, op.Input(1));
  if (!a || !b) return std::nullopt;
  return ReadApply(Builtin::SQUARE, Sum(*a, *b, -1));
}

// Of the columns of each row.
std::optional<Form> BodyReader::ReadMean(const Value& v, const Operator& op) {
  const Value x = op.Input(0);
  const Result<int64_t> axis = build_.Int(op.Input(1), "axis");
  if (!axis.ok() || (axis.value() != -1 && axis.value() != x.rank() - 1) || v.rank() != x.rank()) return No("it takes means across the batch");
  const Form* form = Read(x);
  if (form == nullptr) return std::nullopt;
  return Of(atoms_.Get({.kind = AtomKind::kMean, .width = 1, .a = {*form}}));
}

std::optional<Form> BodyReader::ReadQuotient(const Value& v, const Operator& op) {
  const std::optional<Form> a = Operand(v, op.Input(0)), b = Operand(v, op.Input(1));
  if (!a || !b) return std::nullopt;
  const Atom* const root = b->is_constant() ? nullptr : SpreadAtom(*b);
  if (root != nullptr && root->kind == AtomKind::kApply && root->function == Builtin::SQRT)
    return ProductOf(atoms_, *a, Spread(*ReadApply(Builtin::RSQRT, root->a[0]), a->width));
  if (!b->is_constant()) return No("it divides by what is not constant");
  std::vector<float> factors(static_cast<size_t>(a->width));
  for (size_t i = 0; i < factors.size(); ++i) factors[i] = 1.0f / b->bias_at(static_cast<int64_t>(i));
  return Scaled(*a, factors);
}

std::optional<Form> BodyReader::ReadFullyConnected(const Operator& op) {
  const auto options = op.As<tfl::FullyConnected>();
  const Value x = op.Input(0), w = op.Input(1), bias = op.Input(2);
  if (options.fused_activation_function != tfl::ActivationFunctionType::NONE || !w.is_constant() || w.dtype() != DType::kFloat32 || w.rank() != 2)
    return No("its weights are not constant");
  const Form* form = Read(x);
  if (form == nullptr) return std::nullopt;
  if (form->width != w.dim(1)) return No("a product of matrices regroups rows");
  const Result<std::span<const float>> data = build_.DataAs<float>(w);
  if (!data.ok()) return No("its weights cannot be read");
  Form out = Product(atoms_, Matrix(data.value().data(), w.dim(0), w.dim(1), w.dim(1), 1), *form);
  if (!bias) return out;
  const Form* added = bias.is_constant() ? Read(bias) : nullptr;
  if (added == nullptr) return No("its bias is not constant");
  return Sum(out, *added);
}

std::optional<Form> BodyReader::ReadBatchMatMul(const Operator& op) {
  const auto options = op.As<tfl::BatchMatMul>();
  const Value x = op.Input(0), w = op.Input(1);
  if (options.adj_x || !w.is_constant() || w.dtype() != DType::kFloat32 || w.rank() != 2) return No("its weights are not constant");
  const Form* form = Read(x);
  if (form == nullptr) return std::nullopt;
  const Result<std::span<const float>> data = build_.DataAs<float>(w);
  if (!data.ok()) return No("its weights cannot be read");
  const Matrix weights = options.adj_y ? Matrix(data.value().data(), w.dim(0), w.dim(1), w.dim(1), 1) : Matrix(data.value().data(), w.dim(1), w.dim(0), 1, w.dim(1));
  if (form->width != weights.cols()) return No("a product of matrices regroups rows");
  return Product(atoms_, weights, *form);
}

std::optional<Form> BodyReader::ReadElement(const Value& v) {
  const Result<Element> element = ElementOf(build_, loop_, v);
  if (!element.ok()) return No(element.error().message);
  const auto known = std::ranges::find(elements_, element.value());
  const int index = static_cast<int>(known - elements_.begin());
  if (known == elements_.end()) elements_.push_back(element.value());
  return Of(atoms_.Get({.kind = AtomKind::kInput, .width = v.dim(-1), .index = index}));
}

// By the mask of the steps: each row is made of the steps that count only, so it is what those compute.
std::optional<Form> BodyReader::ReadSelect(const Value& v) {
  const std::optional<Masked> masked = ByMask(build_, loop_, v);
  if (!masked) return No("it selects by something else than one mask for all of its states");
  return ReadSameRows(v, masked->counts);
}

std::optional<Form> BodyReader::ReadSplit(const Value& v, const Operator& op, int result) {
  const Value x = op.Input(op.code() == Builtin::SPLIT ? 1 : 0), axis = op.Input(op.code() == Builtin::SPLIT ? 0 : 2);
  const Result<int64_t> at = build_.Int(axis, "axis");
  if (!at.ok() || (at.value() != x.rank() - 1 && at.value() != -1)) return No("it is split across the batch");
  const Form* form = Read(x);
  if (form == nullptr) return std::nullopt;
  int64_t first = 0;
  for (int i = 0; i < result; ++i) first += op.Output(i).dim(-1);
  return Cut(atoms_, *form, first, v.dim(-1));
}

std::optional<Form> BodyReader::ReadSlice(const Value& v, const Operator& op) {
  const Value x = op.Input(0);
  const std::optional<int64_t> first = FirstColumn(build_, op, v);
  if (!first) return No("it is cut across the batch");
  const Form* form = Read(x);
  if (form == nullptr) return std::nullopt;
  return Cut(atoms_, *form, *first, v.dim(-1));
}

std::optional<Form> BodyReader::ReadJoin(const Value& v, const Operator& op) {
  const int axis = op.As<tfl::Concatenation>().axis;
  if (axis != v.rank() - 1 && axis != -1) return No("it joins rows of the batch");
  std::vector<Form> parts;
  for (const Value& in : op.Inputs()) {
    const Form* form = Read(in);
    if (form == nullptr) return std::nullopt;
    if (!SameRows(v, in)) return No("it joins tensors of different batches");
    parts.push_back(*form);
  }
  return Joined(parts);
}

std::optional<Form> BodyReader::ReadSameRows(const Value& v, const Value& x) {
  const Form* form = Read(x);
  if (form == nullptr) return std::nullopt;
  if (form->width != v.dim(-1) || !SameRows(v, x)) return No("it regroups rows");
  return *form;
}

std::optional<Form> BodyReader::ReadClip(const Value& v, const Operator& op) {
  std::optional<Form> a = Operand(v, op.Input(0)), b = Operand(v, op.Input(1));
  if (!a || !b) return std::nullopt;
  if (a->is_constant()) std::swap(a, b);
  const bool is_number = b->is_constant() && std::ranges::all_of(b->bias, [&](float x) { return x == b->bias[0]; });
  if (!is_number) return No("it takes the smaller or larger one of two values");
  constexpr float kNone = std::numeric_limits<float>::infinity();
  Atom clip{.kind = AtomKind::kClip, .width = a->width, .low = -kNone, .high = kNone, .a = {*a}};
  if (const Atom* inner = OnlyAtom(*a); inner != nullptr && inner->kind == AtomKind::kClip) clip = *inner;
  if (op.code() == Builtin::MINIMUM) clip.high = std::min(clip.high, b->bias_at(0));
  else clip.low = std::max(clip.low, b->bias_at(0));
  return Of(atoms_.Get(std::move(clip)));
}

}  // namespace tflower::rnn
