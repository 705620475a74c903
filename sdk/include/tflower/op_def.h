// How a TF op is lowered in C++: one row of facts (inputs, attributes with defaults and rules, what it emits) and one function of
// judgement. The host checks the facts before the function runs: arity, dtypes, ranks, every attribute known, of its kind and allowed.
//
//   constexpr AttrDef kPoolAttrs[] = {Ints("ksize", OneHW1), Ints("strides", OneHW1), String("padding", OneOf("SAME", "VALID")),
//                                     String("data_format", OneOf("NHWC", "NCHW"), "NHWC"), Type("T")};
//   constexpr OpDef kOps[] = {{"AvgPool", {Float(4)}, kPoolAttrs, LowerPool<tfl::AveragePool2D>, "AVERAGE_POOL_2D"}};
//   TFLOWER_OP_FAMILY(pool, kOps);
//
// An attribute that a node has, that the row has not, and whose name does not begin with '_' is refused: nothing is dropped in silence.
#pragma once

#include <array>
#include <span>

#include "tflower/builder.h"

namespace tflower {

// ---- attributes
using AttrDef = tflower_attr_def;

struct AttrRule {
  const char* one_of[6] = {};
  uint32_t num_one_of = 0;
  const char* text = nullptr;
  int32_t (*check)(const tflower_attr*) TFLOWER_NOEXCEPT = nullptr;
};
template <class... S>
consteval AttrRule OneOf(S... s) {
  static_assert(sizeof...(s) <= 6);
  return AttrRule{{s...}, sizeof...(s), nullptr, nullptr};
}
inline constexpr AttrRule kAnyValue{};

namespace internal {
inline int32_t IsOneHW1(const tflower_attr* a) noexcept { return a->count == 4 && a->ints[0] == 1 && a->ints[3] == 1; }
inline int32_t IsFalse(const tflower_attr* a) noexcept { return a->ints[0] == 0; }
inline int32_t IsTrue(const tflower_attr* a) noexcept { return a->ints[0] != 0; }
inline int32_t IsEmptyList(const tflower_attr* a) noexcept { return a->count == 0; }
constexpr AttrDef Def(const char* name, uint32_t kind, const AttrRule& rule, bool required) {
  AttrDef d{};
  d.name = name;
  d.kind = kind;
  d.flags = required ? TFLOWER_ATTR_REQUIRED : 0;
  d.num_one_of = rule.num_one_of;
  for (uint32_t i = 0; i < rule.num_one_of; ++i) d.one_of[i] = rule.one_of[i];
  d.rule = rule.text;
  d.check = rule.check;
  return d;
}
}  // namespace internal
inline constexpr AttrRule OneHW1{{}, 0, "must be [1, h, w, 1]", internal::IsOneHW1};
inline constexpr AttrRule MustBeFalse{{}, 0, "must be false", internal::IsFalse};
inline constexpr AttrRule MustBeTrue{{}, 0, "must be true", internal::IsTrue};
inline constexpr AttrRule MustBeEmpty{{}, 0, "must be empty", internal::IsEmptyList};

// Required when no default is given; else the op's own default, since TF leaves out attributes that equal it.
constexpr AttrDef Ints(const char* name, const AttrRule& rule = kAnyValue) { return internal::Def(name, TFLOWER_ATTR_LIST | TFLOWER_ATTR_INT, rule, true); }
template <size_t N>
constexpr AttrDef Ints(const char* name, const AttrRule& rule, const int64_t (&fallback)[N]) {
  AttrDef d = internal::Def(name, TFLOWER_ATTR_LIST | TFLOWER_ATTR_INT, rule, false);
  d.ints_default = fallback;
  d.ints_default_count = N;
  return d;
}
constexpr AttrDef IntsOrEmpty(const char* name, const AttrRule& rule = kAnyValue) { return internal::Def(name, TFLOWER_ATTR_LIST | TFLOWER_ATTR_INT, rule, false); }
constexpr AttrDef Floats(const char* name) { return internal::Def(name, TFLOWER_ATTR_LIST | TFLOWER_ATTR_FLOAT, kAnyValue, true); }
constexpr AttrDef Int(const char* name, const AttrRule& rule = kAnyValue) { return internal::Def(name, TFLOWER_ATTR_INT, rule, true); }
constexpr AttrDef Int(const char* name, int64_t fallback, const AttrRule& rule = kAnyValue) {
  AttrDef d = internal::Def(name, TFLOWER_ATTR_INT, rule, false);
  d.int_default = fallback;
  return d;
}
constexpr AttrDef Bool(const char* name, bool fallback, const AttrRule& rule = kAnyValue) {
  AttrDef d = internal::Def(name, TFLOWER_ATTR_BOOL, rule, false);
  d.int_default = fallback;
  return d;
}
constexpr AttrDef Float(const char* name, double fallback) {
  AttrDef d = internal::Def(name, TFLOWER_ATTR_FLOAT, kAnyValue, false);
  d.float_default = fallback;
  return d;
}
constexpr AttrDef String(const char* name, const AttrRule& rule = kAnyValue) { return internal::Def(name, TFLOWER_ATTR_STRING, rule, true); }
constexpr AttrDef String(const char* name, const AttrRule& rule, const char* fallback) {
  AttrDef d = internal::Def(name, TFLOWER_ATTR_STRING, rule, false);
  d.string_default = fallback;
  return d;
}
constexpr AttrDef Type(const char* name) { return internal::Def(name, TFLOWER_ATTR_TYPE, kAnyValue, true); }
constexpr AttrDef Type(const char* name, DType fallback) {
  AttrDef d = internal::Def(name, TFLOWER_ATTR_TYPE, kAnyValue, false);
  d.int_default = static_cast<int64_t>(fallback);
  return d;
}
// Known, and without meaning for inference (a name, a hint, a seed of nothing): accepted whatever it says.
constexpr AttrDef NoEffect(const char* name) { return internal::Def(name, TFLOWER_ATTR_ANY, kAnyValue, false); }

inline constexpr int64_t kOnes4[] = {1, 1, 1, 1};
inline constexpr int64_t kOnes5[] = {1, 1, 1, 1, 1};

// ---- inputs
using Operand = tflower_operand_def;
constexpr Operand Of(DTypeSet types, int min_rank, int max_rank, uint32_t flags = 0) { return {types, min_rank, max_rank, flags}; }
constexpr Operand Any(uint32_t flags = 0) { return Of(kAnyType, 0, TFLOWER_MAX_RANK, flags); }
constexpr Operand Float() { return Of(kFloats, 0, TFLOWER_MAX_RANK); }
constexpr Operand Float(int rank) { return Of(kFloats, rank, rank); }
constexpr Operand Ranked(int min_rank, int max_rank) { return Of(kAnyType, min_rank, max_rank); }
constexpr Operand Index(int min_rank = 0, int max_rank = TFLOWER_MAX_RANK) { return Of(kIndex, min_rank, max_rank); }
constexpr Operand Boolean() { return Of(kBoolean, 0, TFLOWER_MAX_RANK); }
constexpr Operand Constant(Operand of) { of.flags |= TFLOWER_OPERAND_CONSTANT; return of; }
// A variable's or table's handle as it is. Without it, a variable's handle is replaced by the variable's contents.
constexpr Operand Handle() { return Of(kAnyType, 0, TFLOWER_MAX_RANK, TFLOWER_OPERAND_RESOURCE); }
// The same, when the op changes what the handle stands for.
constexpr Operand WrittenHandle() { return Of(kAnyType, 0, TFLOWER_MAX_RANK, TFLOWER_OPERAND_RESOURCE | TFLOWER_OPERAND_WRITES); }
// A list of tensors: Builder::ReadList.
constexpr Operand List() { return Of(kAnyType, 0, TFLOWER_MAX_RANK, TFLOWER_OPERAND_LIST); }
constexpr Operand Variadic(Operand of = Any()) { of.flags |= TFLOWER_OPERAND_VARIADIC; return of; }

struct Operands {
  Operand list[16] = {};
  uint32_t count = 0;
  constexpr Operands(std::initializer_list<Operand> of) {
    for (const Operand& o : of) list[count++] = o;
  }
};

// ---- rows
using LowerFn = Status (*)(const Node&, Builder&);

// What an op is to the walk over the graph. All but kPlain and kHandle are the host's own work, without a function.
enum class Role : uint32_t {
  kPlain = TFLOWER_ROLE_PLAIN,
  kForward = TFLOWER_ROLE_FORWARD,            // outputs are the inputs, whatever these are
  kConst = TFLOWER_ROLE_CONST,                // attribute value
  kPlaceholder = TFLOWER_ROLE_PLACEHOLDER,
  kVariable = TFLOWER_ROLE_VARIABLE,          // a variable's handle
  kRefVariable = TFLOWER_ROLE_REF_VARIABLE,   // a variable that is read where it is used
  kHandle = TFLOWER_ROLE_HANDLE,              // another handle; its lowering runs in each subgraph that needs it as a tensor
  kCall = TFLOWER_ROLE_CALL,                  // attribute f
  kIf = TFLOWER_ROLE_IF,                      // attributes then_branch, else_branch
  kCase = TFLOWER_ROLE_CASE,                  // attribute branches
  kWhile = TFLOWER_ROLE_WHILE,                // attributes cond, body
  kNoEffect = TFLOWER_ROLE_NO_EFFECT,         // without outputs, dropped with a line in the report
  kRefused = TFLOWER_ROLE_REFUSED,            // not covered, for the reason in `refused`
};

struct OpDef {
  const char* op;
  Operands inputs;
  std::span<const AttrDef> attrs;
  LowerFn lower;
  const char* emits;
  int32_t priority = 100;
  Role role = Role::kPlain;
  const char* refused = nullptr;
};
// A row of an op that the host carries out.
constexpr OpDef HostOp(const char* op, Operands inputs, std::span<const AttrDef> attrs, Role role, const char* emits = "") {
  return {op, inputs, attrs, nullptr, emits, 100, role};
}

// An op that stays out, and why: the error message, and its line in docs/supported_ops.md. A row of any plugin that covers the op goes before it.
constexpr OpDef Refused(const char* op, const char* reason) { return {op, {}, {}, nullptr, "", 0, Role::kRefused, reason}; }

struct OpFamily {
  const char* name;
  std::span<const OpDef> ops;
};

// One operator in place of one node, same operands: {"Abs", {Any()}, kT, Rename<tfl::Abs>, "ABS"}.
template <class TflOp>
Status Rename(const Node& node, Builder& build) {
  const std::vector<Value> in = node.Inputs();
  return build.Replace(node, TflOp{}, std::span<const Value>(in));
}

}  // namespace tflower

// Defines the family `name` (the source file's stem) from an array of OpDef.
#define TFLOWER_OP_FAMILY(name, rows)            \
  extern const ::tflower::OpFamily family_##name; \
  constinit const ::tflower::OpFamily family_##name{#name, rows}
