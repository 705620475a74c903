// Forms: linear algebra on coefficients.
#include "read/form.h"

#include <algorithm>
#include <cstring>

namespace tflower::rnn {
namespace {

using Kind = Coefficient::Kind;

void AppendBytes(std::string& key, const void* data, size_t size) { key.append(static_cast<const char*>(data), size); }
template <class T> void Append(std::string& key, const T& x) { AppendBytes(key, &x, sizeof x); }

void AppendKey(std::string& key, const Form& form) {
  Append(key, form.width);
  std::vector<std::string> terms;
  for (const Term& t : form.terms) {
    std::string text;
    Append(text, t.atom), Append(text, t.of.kind), Append(text, t.of.row), Append(text, t.of.scale);
    AppendBytes(text, t.of.factors.data(), t.of.factors.size() * sizeof(float));
    if (t.of.kind == Kind::kMatrix) Append(text, t.of.matrix.Hash());
    terms.push_back(std::move(text));
  }
  std::sort(terms.begin(), terms.end());
  Append(key, terms.size());
  for (const std::string& t : terms) key += t;
  for (int64_t i = 0; i < form.width; ++i) Append(key, form.bias_at(i) + 0.0f);  // -0 is 0
}

void AddTerm(Form& form, const Term& term) {
  for (Term& t : form.terms) {
    if (t.atom != term.atom || t.of.kind != term.of.kind || t.of.row != term.of.row || t.of.kind == Kind::kMatrix) continue;
    t.of.scale += term.of.scale;
    for (size_t i = 0; i < t.of.factors.size(); ++i) t.of.factors[i] += term.of.factors[i];
    return;
  }
  form.terms.push_back(term);
}

bool IsPlaced(const Term& t) { return t.of.kind == Kind::kPlaced && t.of.scale == 1; }

// A sum of what is computed stays one operand, as it may be one cell's output: its terms under one name. The step's input is none of it: wrappers add that.
Form WithSumsNamed(Atoms& atoms, const Form& a) {
  const auto belongs = [](const Term& t, const Term& to) {
    return t.of.row == to.of.row && t.atom->width == to.atom->width && t.atom->kind != AtomKind::kInput;
  };
  Form out{a.width, {}, {}};
  std::vector<bool> done(a.terms.size(), false);
  for (size_t i = 0; i < a.terms.size(); ++i) {
    if (done[i]) continue;
    Form sum{a.terms[i].atom->width, {}, {}};
    for (size_t j = i; j < a.terms.size(); ++j) {
      if (j != i && !(belongs(a.terms[j], a.terms[i]) && belongs(a.terms[i], a.terms[j]))) continue;
      done[j] = true;
      sum.terms.push_back(a.terms[j]);
      sum.terms.back().of.row = 0;
    }
    const bool computed = std::ranges::any_of(sum.terms, [](const Term& t) { return t.atom->kind != AtomKind::kState && t.atom->kind != AtomKind::kOuter; });
    if (sum.terms.size() > 1 && computed) {
      Term named{atoms.Get({.kind = AtomKind::kLinear, .width = sum.width, .a = {sum}}), {}};
      named.of.row = a.terms[i].of.row;
      out.terms.push_back(std::move(named));
      continue;
    }
    for (Term& t : sum.terms) {
      t.of.row = a.terms[i].of.row;
      out.terms.push_back(std::move(t));
    }
  }
  return out;
}

int64_t RowsOf(const Term& t) { return t.of.kind == Kind::kMatrix ? t.of.matrix.rows() : t.atom->width; }

constexpr int64_t kMaxElements = int64_t{1} << 26;  // of a matrix that is multiplied out

}  // namespace

const Atom* Atoms::Get(Atom atom) {
  std::string key;
  Append(key, atom.kind), Append(key, atom.width), Append(key, atom.index), Append(key, atom.first), Append(key, atom.function), Append(key, atom.low), Append(key, atom.high);
  std::vector<std::string> operands;
  for (const Form& f : atom.a) AppendKey(operands.emplace_back(), f);
  if (atom.kind == AtomKind::kProduct) std::sort(operands.begin(), operands.end());
  for (const std::string& o : operands) key += o;
  const auto [it, is_new] = known_.try_emplace(std::move(key), nullptr);
  if (is_new) it->second = &atoms_.emplace_back(std::move(atom));
  return it->second;
}

std::optional<Matrix> MatrixOf(const Form& form, const Atom* atom) {
  if (form.width > kMaxElements / std::max<int64_t>(atom->width, 1)) return std::nullopt;
  Matrix m = Matrix::Own(form.width, atom->width);
  for (const Term& t : form.terms) {
    if (t.atom != atom) continue;
    for (int64_t r = 0; r < RowsOf(t); ++r) {
      float* row = m.mutable_row(t.of.row + r);
      const float factor = t.of.factors.empty() ? 1.0f : t.of.factors[static_cast<size_t>(r)];
      if (t.of.kind == Kind::kMatrix) for (int64_t c = 0; c < atom->width; ++c) row[c] += factor * t.of.matrix.at(r, c);
      else row[r] += t.of.kind == Kind::kDiagonal ? factor : t.of.scale;
    }
  }
  return m;
}

std::optional<std::vector<float>> DiagonalOf(const Form& form, const Atom* atom) {
  if (form.width != atom->width) return std::nullopt;
  std::vector<float> out(static_cast<size_t>(form.width), 0.0f);
  for (const Term& t : form.terms) {
    if (t.atom != atom) continue;
    if (t.of.kind == Kind::kMatrix || t.of.row != 0) return std::nullopt;
    for (size_t i = 0; i < out.size(); ++i) out[i] += t.of.kind == Kind::kDiagonal ? t.of.factors[i] : t.of.scale;
  }
  return out;
}

bool Same(const Form& a, const Form& b) {
  std::string left, right;
  AppendKey(left, a);
  AppendKey(right, b);
  return left == right;
}

const Atom* OnlyAtom(const Form& form) {
  if (form.terms.size() != 1 || std::any_of(form.bias.begin(), form.bias.end(), [](float b) { return b != 0; })) return nullptr;
  const Term& t = form.terms[0];
  return t.of.kind == Kind::kPlaced && t.of.scale == 1 && t.of.row == 0 && t.atom->width == form.width ? t.atom : nullptr;
}

Form Of(const Atom* atom) { return {atom->width, {{atom, {}}}, {}}; }

Form Constant(int64_t width, std::vector<float> values) { return {width, {}, std::move(values)}; }

Form Sum(const Form& a, const Form& b, float sign) {
  Form out = a;
  const Form& right = sign == 1 ? b : Scaled(b, std::vector<float>(static_cast<size_t>(b.width), sign));
  for (const Term& t : right.terms) AddTerm(out, t);
  if (!right.bias.empty()) {
    out.bias.resize(static_cast<size_t>(out.width), 0.0f);
    for (size_t i = 0; i < out.bias.size(); ++i) out.bias[i] += right.bias[i];
  }
  return out;
}

Form Scaled(const Form& a, const std::vector<float>& factors) {
  Form out = a;
  const bool equal = std::all_of(factors.begin(), factors.end(), [&](float f) { return f == factors[0]; });
  for (Term& t : out.terms) {
    if (t.of.kind == Kind::kPlaced && equal) {
      t.of.scale *= factors[0];
      continue;
    }
    const auto rows = factors.begin() + t.of.row;
    if (t.of.factors.empty()) t.of.factors.assign(static_cast<size_t>(RowsOf(t)), t.of.kind == Kind::kPlaced ? t.of.scale : 1.0f);
    for (size_t i = 0; i < t.of.factors.size(); ++i) t.of.factors[i] *= rows[static_cast<std::ptrdiff_t>(i)];
    if (t.of.kind == Kind::kPlaced) t.of.kind = Kind::kDiagonal, t.of.scale = 1;
  }
  for (size_t i = 0; i < out.bias.size(); ++i) out.bias[i] *= factors[i];
  return out;
}

Form Product(Atoms& atoms, const Matrix& weights, const Form& a) {
  Form out{weights.rows(), {}, {}};
  const bool placed = std::ranges::all_of(a.terms, IsPlaced);
  if (!placed || !a.bias.empty()) {
    const Atom* whole = atoms.Get({.kind = AtomKind::kLinear, .width = a.width, .a = {a}});
    out.terms.push_back({whole, {.kind = Kind::kMatrix, .matrix = weights}});
    return out;
  }
  for (const Term& t : WithSumsNamed(atoms, a).terms) AddTerm(out, {t.atom, {.kind = Kind::kMatrix, .matrix = weights.Cols(t.of.row, t.atom->width)}});
  return out;
}

Form Spread(const Form& form, int64_t width) {
  Form out{width, {}, {}};
  if (!form.bias.empty()) out.bias.assign(static_cast<size_t>(width), form.bias[0]);
  for (const Term& t : form.terms) {
    Matrix ones = Matrix::Own(width, t.atom->width);
    for (int64_t r = 0; r < width; ++r)
      for (int64_t c = 0; c < t.atom->width; ++c) ones.mutable_row(r)[c] = t.of.kind == Kind::kMatrix ? t.of.matrix.at(0, c) : 1.0f;
    out.terms.push_back({t.atom, {.kind = Kind::kMatrix, .matrix = ones}});
    const float factor = (t.of.factors.empty() ? 1.0f : t.of.factors[0]) * (t.of.kind == Kind::kPlaced ? t.of.scale : 1.0f);
    if (factor != 1) out.terms.back().of.factors.assign(static_cast<size_t>(width), factor);
  }
  return out;
}

const Atom* SpreadAtom(const Form& form) {
  if (form.terms.size() != 1 || std::any_of(form.bias.begin(), form.bias.end(), [](float b) { return b != 0; })) return nullptr;
  const Term& t = form.terms[0];
  if (form.width == 1 && OnlyAtom(form) != nullptr) return t.atom;
  if (t.of.kind != Kind::kMatrix || t.of.row != 0 || t.atom->width != 1 || t.of.matrix.rows() != form.width || !t.of.factors.empty()) return nullptr;
  for (int64_t r = 0; r < form.width; ++r) if (t.of.matrix.at(r, 0) != 1) return nullptr;
  return t.atom;
}

Form Joined(const std::vector<Form>& parts) {
  Form out;
  for (const Form& p : parts) out.width += p.width;
  int64_t at = 0;
  for (const Form& p : parts) {
    for (Term t : p.terms) {
      t.of.row += at;
      AddTerm(out, t);
    }
    if (!p.bias.empty()) {
      out.bias.resize(static_cast<size_t>(out.width), 0.0f);
      std::copy(p.bias.begin(), p.bias.end(), out.bias.begin() + at);
    }
    at += p.width;
  }
  return out;
}

// Cut where it is made: of what is computed element by element, the columns are those of its operands.
const Atom* Atoms::Cut(const Atom* atom, int64_t first, int64_t count) {
  if (first == 0 && count == atom->width) return atom;
  const auto key = std::tuple(atom, first, count);
  if (const auto known = cut_.find(key); known != cut_.end()) return known->second;
  Atom part = *atom;
  part.width = count;
  part.first = atom->a.empty() ? atom->first + first : 0;
  for (Form& f : part.a) f = rnn::Cut(*this, f, first, count);
  return cut_[key] = Get(std::move(part));
}

Form Cut(Atoms& atoms, const Form& a, int64_t first, int64_t count) {
  Form out{count, {}, {}};
  if (!a.bias.empty()) out.bias.assign(a.bias.begin() + first, a.bias.begin() + first + count);
  for (const Term& t : a.terms) {
    const int64_t begin = std::max(first, t.of.row), end = std::min(first + count, t.of.row + RowsOf(t));
    if (begin >= end) continue;
    const int64_t from = begin - t.of.row;
    Term part = t;
    part.of.row = begin - first;
    if (!t.of.factors.empty()) part.of.factors.assign(t.of.factors.begin() + from, t.of.factors.begin() + from + (end - begin));
    if (t.of.kind == Kind::kMatrix) part.of.matrix = t.of.matrix.Rows(from, end - begin);
    else part.atom = atoms.Cut(t.atom, from, end - begin);
    AddTerm(out, part);
  }
  return out;
}

}  // namespace tflower::rnn
