// Evaluates the rules of contracts.txt on one operator.
#include "sdk/schema/contract.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <iterator>
#include <optional>
#include <string>

#include "sdk/schema/op_table.h"

namespace tflower::tfl {
namespace {

using C = Step::Code;

#include <tflower/tfl_contracts.inc>

using Number = std::optional<double>;

constexpr int64_t kMaxContents = 65536;  // of `each` that are looked at: kernels do not rely on more

double ReadScalar(FieldType type, const void* from) {
  const auto read = [from]<class T>(T value) {
    std::memcpy(&value, from, sizeof value);
    return static_cast<double>(value);
  };
  switch (type) {
    case FieldType::kBool: case FieldType::kUint8: return read(uint8_t{});
    case FieldType::kInt8: return read(int8_t{});
    case FieldType::kInt16: return read(int16_t{});
    case FieldType::kUint16: return read(uint16_t{});
    case FieldType::kInt32: return read(int32_t{});
    case FieldType::kUint32: return read(uint32_t{});
    case FieldType::kInt64: return read(int64_t{});
    case FieldType::kUint64: return read(uint64_t{});
    case FieldType::kFloat32: return read(float{});
    case FieldType::kFloat64: return read(double{});
    default: return 0;
  }
}

// Element i of an operand with known contents of a type that numbers come in.
Number ReadElement(const tflower_tensor& t, int64_t i) {
  Number out;
  VisitNumeric(static_cast<DType>(t.dtype), [&]<class T>(T value) {
    if constexpr (std::is_same_v<T, bool>) {
      out = static_cast<const uint8_t*>(t.data)[i];
    } else {
      std::memcpy(&value, static_cast<const std::byte*>(t.data) + static_cast<size_t>(i) * sizeof(T), sizeof(T));
      out = static_cast<double>(value);
    }
  });
  return out;
}

bool KnownShape(const tflower_tensor& t) {
  return t.rank >= 0 && std::all_of(t.dims, t.dims + t.rank, [](int64_t d) { return d >= 0; });
}
Number CountOf(const tflower_tensor& t) {
  if (!KnownShape(t)) return {};
  double n = 1;
  for (int32_t i = 0; i < t.rank; ++i) n *= static_cast<double>(t.dims[i]);
  return n;
}

// Shapes that broadcast, as far as their dims are known.
Number Broadcasts(const tflower_tensor& a, const tflower_tensor& b) {
  if (a.rank < 0 || b.rank < 0) return {};
  bool known = true;
  for (int32_t i = 1; i <= std::min(a.rank, b.rank); ++i) {
    const int64_t x = a.dims[a.rank - i], y = b.dims[b.rank - i];
    if (x < 0 || y < 0) known = false;
    else if (x != y && x != 1 && y != 1) return 0;
  }
  return known ? Number(1) : Number();
}
Number SameShape(const tflower_tensor& a, const tflower_tensor& b) {
  if (a.rank < 0 || b.rank < 0) return {};
  if (a.rank != b.rank) return 0;
  bool known = true;
  for (int32_t i = 0; i < a.rank; ++i) {
    if (a.dims[i] < 0 || b.dims[i] < 0) known = false;
    else if (a.dims[i] != b.dims[i]) return 0;
  }
  return known ? Number(1) : Number();
}
Number Arithmetic(C code, double a, double b) {
  switch (code) {
    case C::kAdd: return a + b;
    case C::kSub: return a - b;
    case C::kMul: return a * b;
    case C::kDiv: return b == 0 ? Number() : Number(a / b);
    case C::kMod: return b == 0 ? Number() : Number(std::fmod(a, b));
    case C::kMax: return std::max(a, b);
    case C::kEq: return a == b;
    case C::kNe: return a != b;
    case C::kLt: return a < b;
    case C::kLe: return a <= b;
    case C::kGt: return a > b;
    default: return a >= b;
  }
}

// One operator, and one rule on it.
class Evaluation {
 public:
  Evaluation(const Contract& contract, const tflower_op& op) : contract_(contract), op_(op), info_(*FindOp(op.code)) {}

  // How often the rule has to hold: for each element of what `each` names, or each of a repeated operand.
  int64_t Repeats(std::span<const Step> steps) const {
    Number repeats = 1;
    for (const Step& step : steps) {
      if (step.code == C::kEach) repeats = Looked(Operand(step.a, 0) != nullptr && Operand(step.a, 0)->data != nullptr ? CountOf(*Operand(step.a, 0)) : 0);
      else if (step.code == C::kEachOfOption) repeats = Looked(static_cast<double>(Vector(step.a).size));
      else if (NamesOperand(step.code) && RuleOf(step.a) != nullptr && RuleOf(step.a)->repeated) repeats = static_cast<double>(RepeatsOf(step.a));
    }
    return static_cast<int64_t>(repeats.value_or(0));
  }

  Number Run(std::span<const Step> steps, int64_t turn) {
    turn_ = turn;
    top_ = 0;
    for (const Step& step : steps) Do(step);
    return top_ == 1 ? stack_[0] : Number();
  }

  // The value that a step puts on the stack, for messages.
  Number Leaf(const Step& step) { return Run({&step, 1}, turn_); }

  const tflower_tensor* Operand(uint8_t index, int64_t turn) const {
    const bool output = index >= kFirstOutput;
    size_t i = output ? index - kFirstOutput : index;
    if (const OperandRule* rule = RuleOf(index); rule != nullptr && rule->repeated) i += static_cast<size_t>(turn);
    if (output) return op_.outputs != nullptr && i < op_.num_outputs ? op_.outputs[i] : nullptr;
    return i < op_.num_inputs ? op_.inputs[i] : nullptr;
  }
  const tflower_tensor* Operand(uint8_t index) const { return Operand(index, turn_); }

  const OperandRule* RuleOf(uint8_t index) const {
    const auto rules = index >= kFirstOutput ? contract_.outputs : contract_.inputs;
    const size_t i = index >= kFirstOutput ? index - kFirstOutput : index;
    return i < rules.size() ? &rules[i] : nullptr;
  }
  const FieldInfo& Field(uint8_t index) const { return info_.fields[index]; }

  static bool NamesOperand(C code) { return (code >= C::kRank && code <= C::kScale) || (code >= C::kSameShape && code <= C::kBroadcast); }

 private:
  static Number Looked(Number contents) { return contents ? std::min(*contents, static_cast<double>(kMaxContents)) : contents; }

  struct Bytes {
    const std::byte* data = nullptr;
    size_t size = 0;
  };

  size_t RepeatsOf(uint8_t index) const {
    const bool output = index >= kFirstOutput;
    const size_t first = output ? index - kFirstOutput : index, count = output ? (op_.outputs == nullptr ? 0 : op_.num_outputs) : op_.num_inputs;
    return count > first ? count - first : 0;
  }

  // The options' struct lies behind op_.options; a shorter one (an older plugin's) lacks fields, which are unknown then.
  const std::byte* Options(uint8_t index, size_t size) const {
    const size_t offset = Field(index).struct_offset;
    return op_.options.data != nullptr && offset + size <= op_.options.size ? static_cast<const std::byte*>(static_cast<const void*>(op_.options.data)) + offset : nullptr;
  }
  Bytes Vector(uint8_t index) const {
    Bytes out;
    if (const std::byte* at = Options(index, sizeof out)) std::memcpy(&out, at, sizeof out);
    return out;
  }
  Number Option(uint8_t index) const {
    const std::byte* at = Options(index, ScalarSize(Field(index).type));
    return at == nullptr || ScalarSize(Field(index).type) == 0 ? Number() : Number(ReadScalar(Field(index).type, at));
  }
  Number EachOfOption(uint8_t index) const {
    const Bytes vector = Vector(index);
    if (static_cast<size_t>(turn_) >= vector.size) return {};
    return ReadScalar(Field(index).element, vector.data + static_cast<size_t>(turn_) * ScalarSize(Field(index).element));
  }

  void Push(Number n) {
    if (top_ < stack_.size()) stack_[top_++] = n;
  }
  Number Pop() { return top_ == 0 ? Number() : stack_[--top_]; }

  void Do(const Step& step) {
    if (step.code >= C::kAdd && step.code != C::kNeg && step.code < C::kAnd) {
      const Number b = Pop(), a = Pop();
      Push(a && b ? Arithmetic(step.code, *a, *b) : Number());
    } else if (step.code >= C::kAnd || step.code == C::kNeg) {
      Logic(step.code);
    } else if (step.code == C::kInTypes) {
      const Number type = Pop();
      Push(type ? Number(Contains(step.types, static_cast<DType>(*type))) : Number());
    } else if (NamesOperand(step.code)) {
      Push(OfOperand(step));
    } else {
      Push(OfOperator(step));
    }
  }

  // With three values: what decides a result decides it also beside something unknown.
  void Logic(C code) {
    const Number b = Pop();
    if (code == C::kNeg) return Push(b ? Number(-*b) : b);
    if (code == C::kNot) return Push(b ? Number(*b == 0) : b);
    const Number a = Pop();
    const double decisive = code == C::kAnd ? 0 : 1;
    const auto decides = [decisive](const Number& n) { return n && (*n != 0) == (decisive != 0); };
    if (decides(a) || decides(b)) return Push(decisive);
    Push(a && b ? Number(1 - decisive) : Number());
  }

  Number OfOperator(const Step& step) const {
    switch (step.code) {
      case C::kNumber: return step.number;
      case C::kOption: return Option(step.a);
      case C::kEachOfOption: return EachOfOption(step.a);
      case C::kInputs: return op_.num_inputs;
      case C::kTypeAt: return Operand(step.a, step.b) == nullptr || Operand(step.a, step.b)->dtype < 0 ? Number() : Number(Operand(step.a, step.b)->dtype);
      default: return op_.num_outputs;
    }
  }

  Number OfOperand(const Step& step) {
    const tflower_tensor* t = Operand(step.a);
    if (step.code == C::kPresent) return t != nullptr;
    const Number index = step.code == C::kDim ? Pop() : Number();
    if (t == nullptr) return {};
    switch (step.code) {
      case C::kRank: return t->rank < 0 ? Number() : Number(t->rank);
      case C::kDim: return Dim(*t, index);
      case C::kCount: return CountOf(*t);
      case C::kType: return t->dtype < 0 ? Number() : Number(t->dtype);
      case C::kValue: return t->data != nullptr && CountOf(*t) == Number(1) ? ReadElement(*t, 0) : Number();
      case C::kEach: return t->data == nullptr ? Number() : ReadElement(*t, turn_);
      case C::kQuantized: return t->quant_count != 0;
      case C::kScales: return t->quant_count;
      case C::kScale: return t->quant_count == 0 ? Number() : Number(t->scale[0]);
      default: return OfTwo(step, *t);
    }
  }
  Number OfTwo(const Step& step, const tflower_tensor& a) const {
    const tflower_tensor* b = Operand(step.b);
    if (b == nullptr) return {};
    if (step.code == C::kSameShape) return SameShape(a, *b);
    return Broadcasts(a, *b);
  }
  static Number Dim(const tflower_tensor& t, Number index) {
    if (!index || t.rank < 0) return {};
    const auto i = static_cast<int64_t>(*index < 0 ? *index + t.rank : *index);
    return i < 0 || i >= t.rank || t.dims[i] < 0 ? Number() : Number(static_cast<double>(t.dims[i]));
  }

  const Contract& contract_;
  const tflower_op& op_;
  const OpInfo& info_;
  int64_t turn_ = 0;
  std::array<Number, 16> stack_{};
  size_t top_ = 0;
};

std::string Text(double n) {
  if (n == std::floor(n) && std::abs(n) < 1e15) return std::to_string(static_cast<int64_t>(n));
  return std::to_string(n);
}

// "input 1 (filter)".
std::string Label(const Contract& contract, uint8_t index, int64_t turn) {
  const bool output = index >= kFirstOutput;
  const auto rules = output ? contract.outputs : contract.inputs;
  const size_t i = output ? index - kFirstOutput : index;
  return (output ? "output " : "input ") + std::to_string(i + (rules[i].repeated ? static_cast<size_t>(turn) : 0)) + " (" + rules[i].name + ")";
}

std::string TextOf(const tflower_tensor& t) {
  std::string out(NameOf(static_cast<DType>(t.dtype)));
  if (t.rank < 0) return out;
  out += "[";
  for (int32_t i = 0; i < t.rank; ++i) out += (i == 0 ? "" : ", ") + std::to_string(t.dims[i]);
  return out + "]";
}

// What the values of a broken rule are: "stride_w is 0", "input 0 (input) is float32[2, 3]".
class Seen {
 public:
  Seen(const Contract& contract, Evaluation& evaluation, int64_t turn) : contract_(contract), evaluation_(evaluation), turn_(turn) {}

  std::string Of(std::span<const Step> steps) {
    for (const Step& step : steps) {
      if (step.code == C::kOption || step.code == C::kEachOfOption) Option(step);
      else if (step.code == C::kEach || step.code == C::kValue) Value(step);
      else if (step.code == C::kInputs) Piece("it has " + Text(*evaluation_.Leaf(step)) + " inputs");
      else if (step.code == C::kOutputs) Piece("it has " + Text(*evaluation_.Leaf(step)) + " outputs");
      else if (step.code == C::kTypeAt) Operand(step.a, step.b);
      else if (Evaluation::NamesOperand(step.code)) {
        of_operand_ = true;
        of_shape_ = of_shape_ || step.code <= C::kCount || step.code == C::kSameShape || step.code == C::kBroadcast;
        Operand(step.a, turn_);
        if (step.code >= C::kSameShape && step.code <= C::kBroadcast) Operand(step.b, turn_);
      }
    }
    return text_;
  }
  // What a rule on these is about, most particular first.
  Code CodeOf() const {
    if (of_value_) return Code::kInvalidOperand;
    if (of_option_) return of_operand_ ? Code::kUnsupportedAttribute : Code::kInvalidGraph;
    return of_shape_ ? Code::kUnsupportedShape : Code::kUnsupportedType;
  }
  const std::string& first() const { return first_; }

 private:
  void Add(const std::string& what, const std::string& is) {
    if (first_.empty()) first_ = what;
    Piece(what + " is " + is);
  }
  void Piece(const std::string& piece) {
    if (text_.find(piece) == std::string::npos) text_ += (text_.empty() ? "" : ", ") + piece;
  }
  void Option(const Step& step) {
    of_option_ = true;
    const Number n = evaluation_.Leaf(step);
    if (n) Add(evaluation_.Field(step.a).name, Text(*n));
  }
  void Value(const Step& step) {
    of_value_ = true;
    const Number n = evaluation_.Leaf(step);
    if (n) Add(Label(contract_, step.a, turn_) + (step.code == C::kEach ? "[" + std::to_string(turn_) + "]" : ""), Text(*n));
  }
  void Operand(uint8_t index, int64_t turn) {
    const tflower_tensor* t = evaluation_.Operand(index, turn);
    Add(Label(contract_, index, turn), t == nullptr ? "absent" : TextOf(*t));
  }

  const Contract& contract_;
  Evaluation& evaluation_;
  int64_t turn_;
  std::string text_, first_;
  bool of_option_ = false, of_value_ = false, of_operand_ = false, of_shape_ = false;
};

Error Broken(const Contract& contract, Evaluation& evaluation, const Rule& rule, int64_t turn) {
  Seen seen(contract, evaluation, turn);
  const std::string values = seen.Of(rule.steps);
  return Error(seen.CodeOf(), "must have " + std::string(rule.text) + ", but " + values).What(seen.first());
}

std::string NamesOf(DTypeSet types) {
  std::string out;
  for (int t = 0; t < kNumDTypes; ++t)
    if ((types >> t & 1) != 0) out += (out.empty() ? "" : ", ") + std::string(NameOf(static_cast<DType>(t)));
  return out;
}

Status CheckType(const Contract& contract, const Evaluation& evaluation, uint8_t index, int64_t turn) {
  const tflower_tensor* t = evaluation.Operand(index, turn);
  const OperandRule& rule = *evaluation.RuleOf(index);
  if (t == nullptr || t->dtype < 0 || Contains(rule.types, static_cast<DType>(t->dtype))) return Ok();
  return Error(Code::kUnsupportedType, "is " + std::string(NameOf(static_cast<DType>(t->dtype))) + ", must be " + NamesOf(rule.types)).What(Label(contract, index, turn));
}

Status CheckTypes(const Contract& contract, const Evaluation& evaluation, const tflower_op& op) {
  for (size_t i = 0; i < op.num_inputs && !contract.inputs.empty(); ++i) {
    const size_t rule = std::min(i, contract.inputs.size() - 1);
    TFLOWER_CHECK(CheckType(contract, evaluation, static_cast<uint8_t>(rule), static_cast<int64_t>(i - rule)));
  }
  for (size_t i = 0; op.outputs != nullptr && i < op.num_outputs && !contract.outputs.empty(); ++i) {
    const size_t rule = std::min(i, contract.outputs.size() - 1);
    TFLOWER_CHECK(CheckType(contract, evaluation, static_cast<uint8_t>(kFirstOutput + rule), static_cast<int64_t>(i - rule)));
  }
  return Ok();
}

std::string Allowed(std::span<const OperandRule> rules) {
  size_t required = 0;
  for (size_t i = 0; i < rules.size(); ++i)
    if (!rules[i].optional) required = i + 1;
  if (!rules.empty() && rules.back().repeated) return std::to_string(required) + " or more";
  return required == rules.size() ? std::to_string(required) : std::to_string(required) + " to " + std::to_string(rules.size());
}

// Operands at the end may be left out where they are optional.
bool CountFits(std::span<const OperandRule> rules, size_t count) {
  if (count > rules.size()) return !rules.empty() && rules.back().repeated;
  return std::all_of(rules.begin() + static_cast<std::ptrdiff_t>(count), rules.end(), [](const OperandRule& rule) { return rule.optional; });
}

// Operands are counted, and absent ones are allowed.
Status CheckCounts(const Contract& contract, const tflower_op& op) {
  if (!CountFits(contract.inputs, op.num_inputs))
    return Error(Code::kInvalidGraph, "has " + std::to_string(op.num_inputs) + ", the operator takes " + Allowed(contract.inputs)).What("inputs");
  if (!CountFits(contract.outputs, op.num_outputs))
    return Error(Code::kInvalidGraph, "has " + std::to_string(op.num_outputs) + ", the operator gives " + Allowed(contract.outputs)).What("outputs");
  for (size_t i = 0; i < op.num_inputs; ++i) {
    const size_t rule = std::min(i, contract.inputs.size() - 1);
    if (op.inputs[i] != nullptr || contract.inputs[rule].optional) continue;
    return Error(Code::kInvalidGraph, "is absent (tensor -1) but required").What(Label(contract, static_cast<uint8_t>(rule), static_cast<int64_t>(i - rule)));
  }
  return Ok();
}

// Options that are element types: kernels look them up in sets of types.
Status CheckTypeOptions(Evaluation& evaluation, const OpInfo& info) {
  for (size_t i = 0; i < info.fields.size(); ++i) {
    const FieldInfo& field = info.fields[i];
    if (field.enum_name == nullptr || std::string_view(field.enum_name) != "TensorType" || field.type == FieldType::kVector) continue;
    const Number value = evaluation.Leaf({C::kOption, static_cast<uint8_t>(i)});
    if (value && (*value < 0 || *value >= kNumDTypes)) return Error(Code::kUnsupportedAttribute, Text(*value) + " is no element type of the schema (0.." + std::to_string(kNumDTypes - 1) + ")").What(field.name);
  }
  return Ok();
}

}  // namespace

const Contract* FindContract(int32_t code) {
  if (code < 0 || static_cast<size_t>(code) >= std::size(kContracts)) return nullptr;
  return kContracts[code].max_version == 0 ? nullptr : &kContracts[code];
}

Status CheckContract(const Contract& contract, const tflower_op& op) {
  TFLOWER_CHECK(CheckCounts(contract, op));
  Evaluation evaluation(contract, op);
  TFLOWER_CHECK(CheckTypes(contract, evaluation, op));
  TFLOWER_CHECK(CheckTypeOptions(evaluation, *FindOp(op.code)));
  for (const Rule& rule : contract.requirements) {
    for (int64_t turn = 0, turns = evaluation.Repeats(rule.steps); turn < turns; ++turn) {
      const Number holds = evaluation.Run(rule.steps, turn);
      if (holds && *holds == 0) return Broken(contract, evaluation, rule, turn);
    }
  }
  return Ok();
}

DType ResultType(const Contract& contract, const tflower_op& op, size_t i) {
  const size_t output = contract.outputs.empty() || !contract.outputs.back().repeated ? i : std::min(i, contract.outputs.size() - 1);
  for (const ResultRule& rule : contract.results) {
    if (rule.output != output) continue;
    const Number type = Evaluation(contract, op).Run(rule.steps, 0);
    const bool known = type && *type >= 0 && *type < kNumDTypes && Contains(contract.outputs[output].types, static_cast<DType>(*type));
    return known ? static_cast<DType>(*type) : DType::kNone;
  }
  return DType::kNone;
}

int32_t VersionOf(const Contract& contract, const tflower_op& op) {
  Evaluation evaluation(contract, op);
  int32_t version = contract.min_version;
  for (const Rule& rule : contract.versions) {
    if (rule.version <= version || rule.steps.empty()) continue;
    for (int64_t turn = 0, turns = evaluation.Repeats(rule.steps); turn < turns; ++turn) {
      const Number holds = evaluation.Run(rule.steps, turn);
      if (holds && *holds != 0) version = rule.version;
    }
  }
  return version;
}

bool ComputesNothing(const tflower_kernel& kernel, std::span<const tflower_type> outputs) {
  const auto empty = [](const tflower_type& type) {
    const std::span dims(type.dims, static_cast<size_t>(type.rank));
    return std::ranges::find(dims, 0) != dims.end() && std::ranges::find(dims, -1) == dims.end() && BitsOf(static_cast<DType>(type.dtype)) != 0;
  };
  return (kernel.flags & TFLOWER_KERNEL_IMPURE) == 0 && !outputs.empty() && std::ranges::all_of(outputs, empty);
}

}  // namespace tflower::tfl
