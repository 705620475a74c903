// Einsum of one or two operands -> BATCH_MATMUL or, with constant weights, FULLY_CONNECTED, with the transposes, reshapes and sums around it
// that the equation asks for.
//
// Labels of a product fall into four groups: batch (in both operands and the result), contracted (in both, not in the result), and the free ones
// of either side. Each operand is brought to [batch..., free, contracted] and multiplied; the right one is taken transposed (adj_y).
// A label that an operand repeats takes its diagonal; one that the result repeats makes a diagonal matrix. Complex operands are multiplied by parts.
// Source: tf.einsum.
#include <algorithm>
#include <map>
#include <string>

#include "index.h"
#include "product.h"
#include "re_im.h"
#include "working.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kAttrs[] = {String("equation"), Int("N"), Type("T")};

Error Refuse(std::string why) { return Error(Code::kUnsupportedAttribute, std::move(why)).What("equation"); }

struct Term {
  Value v;
  std::string labels;  // one character a dimension
  int64_t dim(char label) const { return v.dim(static_cast<int>(labels.find(label))); }
  bool has(char label) const { return labels.find(label) != std::string::npos; }
};

struct Equation {
  std::vector<std::string> inputs;
  std::string output;
};

// "ab,bc->ac" in parts; without "->" the result has the labels that occur once, in order.
Result<Equation> Parse(std::string_view text) {
  std::string t;
  for (char c : text) if (c != ' ') t += c;
  Equation e;
  const size_t arrow = t.find("->");
  std::string inputs = t.substr(0, arrow);
  for (size_t begin = 0; begin <= inputs.size();) {
    const size_t end = std::min(inputs.find(',', begin), inputs.size());
    e.inputs.push_back(inputs.substr(begin, end - begin));
    begin = end + 1;
  }
  if (arrow != std::string::npos) {
    e.output = t.substr(arrow + 2);
    return e;
  }
  std::map<char, int> count;
  for (const std::string& in : e.inputs) for (char c : in) ++count[c];
  if (count['.'] > 0) e.output = "...";
  for (const auto& [label, n] : count) if (n == 1 && label != '.') e.output += label;
  return e;
}

// "..." as labels of its own: the trailing digits "0123", so that ellipses of different ranks align at the right.
Result<std::string> Expand(const std::string& labels, size_t ellipsis_rank) {
  const size_t at = labels.find("...");
  if (at == std::string::npos) {
    for (char c : labels) if (!isalpha(static_cast<unsigned char>(c))) return Refuse("'" + std::string(1, c) + "' is not a label");
    return labels;
  }
  std::string digits;
  for (size_t i = ellipsis_rank; i-- > 0;) digits += static_cast<char>('0' + i);
  return labels.substr(0, at) + digits + labels.substr(at + 3);
}

Result<Term> TermOf(const Value& v, const std::string& labels) {
  const bool ellipsis = labels.find("...") != std::string::npos;
  const size_t named = labels.size() - (ellipsis ? 3 : 0);
  const size_t rank = static_cast<size_t>(v.rank());
  if (named > rank || (!ellipsis && named != rank)) return Error(Code::kInvalidGraph, "'" + labels + "' does not fit an operand of rank " + std::to_string(rank)).What("equation");
  if (rank - named > 10) return Refuse("the ellipsis stands for too many dimensions");
  TFLOWER_TRY(std::string expanded, Expand(labels, rank - named));
  return Term{v, std::move(expanded)};
}

// t with its dimensions in the order of `labels`.
Result<Term> Permute(Builder& build, const Term& t, const std::string& labels) {
  if (t.labels == labels) return t;
  std::vector<int32_t> perm;
  for (char c : labels) perm.push_back(static_cast<int32_t>(t.labels.find(c)));
  TFLOWER_TRY(const Value p, build.Vector(std::span<const int32_t>(perm)));
  TFLOWER_TRY(const Value v, build.Emit(tfl::Transpose{}, {t.v, p}));
  return Term{v, labels};
}

// v with these dims; at most one may be unknown.
Result<Value> ReshapeTo(Builder& build, const Value& v, const std::vector<int64_t>& dims) {
  if (std::equal(dims.begin(), dims.end(), v.dims().begin(), v.dims().end())) return v;
  if (std::count(dims.begin(), dims.end(), -1) > 1)
    return Error(Code::kUnsupportedShape, "more than one dimension of an operand is unknown").Hint("fix dimensions with --input-shape");
  TFLOWER_TRY(const Value shape, build.Vector(dims));
  return build.Emit(tfl::Reshape{}, {v, shape});
}

// t with one dimension for a label that it has twice: of the matrices of these two, flattened, every (n + 1)st element.
Result<Term> Diagonal(Builder& build, const Term& t, size_t first, size_t second) {
  const char label = t.labels[first];
  const int64_t n = t.v.dim(static_cast<int>(first));
  if (n < 0 || t.v.dim(static_cast<int>(second)) != n) return Error(Code::kUnsupportedShape, "the dimensions of '" + std::string(1, label) + "' must be known and equal").What("equation");
  Term rest{t.v, ""};
  std::vector<int32_t> perm, begin, end, strides;
  std::vector<int64_t> dims;
  for (size_t i = 0; i < t.labels.size(); ++i) {
    if (i == first || i == second) continue;
    rest.labels += t.labels[i];
    perm.push_back(static_cast<int32_t>(i));
    dims.push_back(t.v.dim(static_cast<int>(i)));
  }
  begin.assign(dims.size() + 1, 0);
  end = begin;
  strides.assign(dims.size(), 1);
  strides.push_back(static_cast<int32_t>(std::min<int64_t>(n, INT32_MAX - 1)) + 1);
  perm.insert(perm.end(), {static_cast<int32_t>(first), static_cast<int32_t>(second)});
  dims.push_back(n * n);
  TFLOWER_TRY(const Value order, build.Vector(std::span<const int32_t>(perm)));
  TFLOWER_TRY(const Value inner, build.Emit(tfl::Transpose{}, {t.v, order}));
  TFLOWER_TRY(const Value flat, ReshapeTo(build, inner, dims));
  TFLOWER_TRY(const Value from, build.Vector(std::span<const int32_t>(begin)));
  TFLOWER_TRY(const Value to, build.Vector(std::span<const int32_t>(end)));
  TFLOWER_TRY(const Value by, build.Vector(std::span<const int32_t>(strides)));
  const int32_t all = static_cast<int32_t>((int64_t{1} << dims.size()) - 1);
  TFLOWER_TRY(rest.v, build.Emit(tfl::StridedSlice{.begin_mask = all, .end_mask = all}, {flat, from, to, by}));
  rest.labels += label;
  return rest;
}

// t without repeated labels.
Result<Term> Diagonals(Builder& build, Term t) {
  for (size_t i = 0; i < t.labels.size(); ++i) {
    const size_t again = t.labels.find(t.labels[i], i + 1);
    if (again == std::string::npos) continue;
    TFLOWER_TRY(t, Diagonal(build, t, i, again));
    return Diagonals(build, t);
  }
  return t;
}

// Labels that neither the result nor the other operand has are summed away.
Result<Term> SumAway(Builder& build, const Term& t, const std::string& keep) {
  std::vector<int32_t> axes;
  std::string left;
  for (size_t i = 0; i < t.labels.size(); ++i) {
    if (keep.find(t.labels[i]) == std::string::npos) axes.push_back(static_cast<int32_t>(i));
    else left += t.labels[i];
  }
  if (axes.empty()) return t;
  TFLOWER_TRY(const Value a, build.Vector(std::span<const int32_t>(axes)));
  TFLOWER_TRY(const Value v, build.Emit(tfl::Sum{.keep_dims = false}, {t.v, a}));
  return Term{v, left};
}

// The terms that say how large a label is: the first that has it, unless that one broadcasts.
const Term& Owner(std::span<const Term* const> terms, char label) {
  const Term* owner = nullptr;
  for (const Term* t : terms) if (t->has(label) && (owner == nullptr || owner->dim(label) == 1)) owner = t;
  return *owner;
}

int64_t SizeOf(std::span<const Term* const> terms, const std::string& labels) {
  int64_t n = 1;
  for (char c : labels) {
    const int64_t d = Owner(terms, c).dim(c);
    n = n < 0 || d < 0 ? -1 : n * d;
  }
  return n;
}

// The same at run time, an int32 vector of one element.
Result<Value> ComputedSize(Builder& build, std::span<const Term* const> terms, const std::string& labels) {
  TFLOWER_TRY(Value n, build.Vector({1}));
  for (char c : labels) {
    const Term& owner = Owner(terms, c);
    TFLOWER_TRY(const Value shape, ShapeOf(build, owner.v));
    TFLOWER_TRY(const Value at, build.Vector({static_cast<int32_t>(owner.labels.find(c))}));
    TFLOWER_TRY(const Value d, build.Emit(tfl::Gather{}, {shape, at}));
    TFLOWER_TRY(n, build.Emit(tfl::Mul{}, {n, d}));
  }
  return n;
}

// v with one dimension for each group of labels, whose sizes the terms say.
Result<Value> Regroup(Builder& build, const Value& v, std::span<const Term* const> terms, const std::vector<std::string>& groups) {
  std::vector<int64_t> dims;
  for (const std::string& labels : groups) dims.push_back(SizeOf(terms, labels));
  if (std::equal(dims.begin(), dims.end(), v.dims().begin(), v.dims().end()) && std::count(dims.begin(), dims.end(), -1) == 0) return v;
  if (v.rank() == static_cast<int>(groups.size()) && std::all_of(groups.begin(), groups.end(), [](const std::string& g) { return g.size() == 1; })) return v;
  if (std::count(dims.begin(), dims.end(), -1) <= 1) return ReshapeTo(build, v, dims);
  std::vector<Value> sizes;
  for (size_t i = 0; i < groups.size(); ++i) {
    TFLOWER_TRY(const Value size, dims[i] < 0 ? ComputedSize(build, terms, groups[i]) : build.Vector({static_cast<int32_t>(dims[i])}));
    sizes.push_back(size);
  }
  TFLOWER_TRY(const Value shape, build.Emit(tfl::Concatenation{.axis = 0}, sizes));
  return ReshapeBy(build, v, shape);
}

std::vector<std::string> Each(const std::string& labels) {
  std::vector<std::string> groups;
  for (char c : labels) groups.emplace_back(1, c);
  return groups;
}

struct Groups {
  std::string batch, contracted, left, right;
};

Groups GroupsOf(const Term& x, const Term& y, const std::string& output) {
  Groups g;
  for (char c : output) {
    if (x.has(c) && y.has(c)) g.batch += c;
    else if (x.has(c)) g.left += c;
    else g.right += c;
  }
  for (char c : x.labels) if (y.has(c) && output.find(c) == std::string::npos) g.contracted += c;
  return g;
}

// Constant weights without batch: x [left..., contracted] times [right, contracted].
Result<Value> ByFullyConnected(Builder& build, const Term& x0, const Term& y0, const Groups& g) {
  TFLOWER_TRY(const Term x, Permute(build, x0, g.left + g.contracted));
  TFLOWER_TRY(const Term y, Permute(build, y0, g.right + g.contracted));
  const Term* const left[] = {&x};
  const Term* const right[] = {&y};
  std::vector<std::string> rows = Each(g.left);
  rows.push_back(g.contracted);
  TFLOWER_TRY(const Value flat, Regroup(build, x.v, left, rows));
  TFLOWER_TRY(const Value weights, Regroup(build, y.v, right, {g.right, g.contracted}));
  return build.Emit(tfl::FullyConnected{.keep_num_dims = flat.rank() > 2}, {flat, weights, Value()});
}

Result<Value> ByBatchMatMul(Builder& build, const Term& x0, const Term& y0, const Groups& g) {
  TFLOWER_TRY(const Term x, Permute(build, x0, g.batch + g.left + g.contracted));
  // Either [batch, right, contracted] (adj_y) or [batch, contracted, right]: whichever needs no transpose.
  const bool straight = y0.labels == g.batch + g.contracted + g.right;
  TFLOWER_TRY(const Term y, straight ? Result<Term>(y0) : Permute(build, y0, g.batch + g.right + g.contracted));
  const Term* const left[] = {&x};
  const Term* const right[] = {&y};
  std::vector<std::string> x_groups = Each(g.batch), y_groups = x_groups;
  x_groups.insert(x_groups.end(), {g.left, g.contracted});
  if (straight) y_groups.insert(y_groups.end(), {g.contracted, g.right});
  else y_groups.insert(y_groups.end(), {g.right, g.contracted});
  TFLOWER_TRY(const Value a, Regroup(build, x.v, left, x_groups));
  TFLOWER_TRY(const Value b, Regroup(build, y.v, right, y_groups));
  return Product(build, a, b, {.transpose_y = !straight});
}

Result<Term> Multiply(Builder& build, Term x, Term y, const std::string& output) {
  TFLOWER_TRY(x, SumAway(build, x, output + y.labels));
  TFLOWER_TRY(y, SumAway(build, y, output + x.labels));
  // The result's free labels come left first: operands are swapped where the output says otherwise.
  const auto first_free = std::find_if(output.begin(), output.end(), [&](char c) { return x.has(c) != y.has(c); });
  if (!y.v.is_constant() && first_free != output.end() && y.has(*first_free)) std::swap(x, y);
  const Groups g = GroupsOf(x, y, output);
  const bool dense = y.v.is_constant() && y.v.num_elements() > 0 && x.v.num_elements() != 0 && g.batch.empty() && y.v.is_static() && x.v.dtype() == DType::kFloat32 && !g.contracted.empty();
  TFLOWER_TRY(Value v, dense ? ByFullyConnected(build, x, y, g) : ByBatchMatMul(build, x, y, g));
  const Term* const terms[] = {&x, &y};
  TFLOWER_TRY(v, Regroup(build, v, terms, Each(g.batch + g.left + g.right)));
  return Permute(build, Term{v, g.batch + g.left + g.right}, output);
}

// The terms' sum of products; the output's labels are all different.
Result<Term> Evaluate(Builder& build, const std::vector<Term>& terms, const std::string& output) {
  if (terms.size() == 2) return Multiply(build, terms[0], terms[1], output);
  TFLOWER_TRY(const Term summed, SumAway(build, terms[0], output));
  return Permute(build, summed, output);
}

// The same for complex operands: linear in each.
Result<Term> EvaluateComplex(Builder& build, const std::vector<Term>& terms, const std::string& output) {
  std::vector<ReIm> parts;
  for (const Term& t : terms) {
    TFLOWER_TRY(const ReIm z, PartsOf(build, t.v));
    parts.push_back(z);
  }
  const auto of = [&](bool imaginary_x, bool imaginary_y) -> Result<Value> {
    std::vector<Term> real = terms;
    for (size_t i = 0; i < real.size(); ++i) real[i].v = (i == 0 ? imaginary_x : imaginary_y) ? parts[i].im : parts[i].re;
    TFLOWER_TRY(const Term t, Evaluate(build, real, output));
    return t.v;
  };
  ReIm sum;
  TFLOWER_TRY(sum.re, of(false, false));
  TFLOWER_TRY(sum.im, of(true, false));
  if (terms.size() == 2) {
    TFLOWER_TRY(const Value im_im, of(true, true));
    TFLOWER_TRY(const Value re_im, of(false, true));
    TFLOWER_TRY(sum.re, build.Emit(tfl::Sub{}, {sum.re, im_im}));
    TFLOWER_TRY(sum.im, build.Emit(tfl::Add{}, {sum.im, re_im}));
  }
  TFLOWER_TRY(const Value joined, JoinParts(build, sum));
  return Term{joined, output};
}

// Labels that `output` repeats, from their second time on, get names of their own; `twins` has each with the label that it repeats.
std::string WithoutRepeats(const std::string& output, std::vector<std::pair<char, char>>& twins) {
  std::string unique;
  for (char c : output) {
    const bool is_new = unique.find(c) == std::string::npos;
    if (!is_new) twins.push_back({c, static_cast<char>(1 + twins.size())});
    unique += is_new ? c : twins.back().second;
  }
  return unique;
}

// t (of labels without twins) in the order of `output` (with them): each twin makes a diagonal matrix of its label's vectors.
Result<Term> AddTwins(Builder& build, Term t, const std::vector<std::pair<char, char>>& twins, const std::string& output) {
  for (const auto& [label, twin] : twins) {
    std::string order;
    for (char c : t.labels) if (c != label) order += c;
    TFLOWER_TRY(const Term last, Permute(build, t, order + label));
    TFLOWER_TRY(t.v, build.Emit(tfl::MatrixDiag{}, {last.v}));
    t.labels = order + label + twin;
  }
  return Permute(build, t, output);
}

Result<Value> LowerEinsum(const Node& node, Builder& build) {
  TFLOWER_TRY(const Equation e, Parse(node.String("equation")));
  if (e.inputs.size() != static_cast<size_t>(node.num_inputs())) return Error(Code::kInvalidGraph, "has other operands than the node").What("equation");
  if (e.inputs.size() > 2) return Refuse("more than two operands are not supported");
  std::vector<Term> terms;
  size_t ellipsis = 0;
  for (size_t i = 0; i < e.inputs.size(); ++i) {
    TFLOWER_TRY(Term t, TermOf(node.Input(static_cast<int>(i)), e.inputs[i]));
    ellipsis = std::max<size_t>(ellipsis, static_cast<size_t>(std::count_if(t.labels.begin(), t.labels.end(), [](char c) { return isdigit(static_cast<unsigned char>(c)) != 0; })));
    TFLOWER_TRY(t, Diagonals(build, std::move(t)));
    terms.push_back(std::move(t));
  }
  TFLOWER_TRY(const std::string output, Expand(e.output, ellipsis));
  for (char c : output)
    if (std::none_of(terms.begin(), terms.end(), [&](const Term& t) { return t.has(c); })) return Error(Code::kInvalidGraph, "the result has label '" + std::string(1, c) + "', no operand does").What("equation");
  std::vector<std::pair<char, char>> twins;
  const std::string wanted = WithoutRepeats(output, twins);
  std::string computed;
  for (char c : wanted) if (output.find(c) != std::string::npos) computed += c;
  const bool is_complex = Contains(kComplexTypes, node.Input(0).dtype());
  TFLOWER_TRY(const Term sum, is_complex ? EvaluateComplex(build, terms, computed) : Evaluate(build, terms, computed));
  TFLOWER_TRY(const Term result, AddTwins(build, sum, twins, wanted));
  return CastTo(build, result.v, node.Input(0).dtype());
}

constexpr const char* kEmits =
    "ADD BATCH_MATMUL CAST CONCATENATION EXPAND_DIMS FILL FULLY_CONNECTED GATHER IMAG MATRIX_DIAG MUL NEG PACK REAL RESHAPE RFFT2D SHAPE SLICE STRIDED_SLICE SUB SUM TRANSPOSE";

constexpr OpDef kOps[] = {
    {"Einsum", {Variadic(Any())}, kAttrs, InFloat32<LowerEinsum>, kEmits},
};
}  // namespace
TFLOWER_OP_FAMILY(einsum, kOps);
}  // namespace tflower::tf_ops
