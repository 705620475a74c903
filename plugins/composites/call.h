// What the rules share: checks of a call, and custom operators that take its place.
#pragma once

#include <string>

#include <tflower/pattern.h>

namespace tflower::composites {

// A rule for calls of functions with this implements-name. Bodies of such functions are stand-ins for the most part, and random arguments (boxes whose
// corners are swapped, scores in no order) lead the others to results that mean nothing.
constexpr RuleDef Composite(const char* implements, LowerCallFn lower, const char* emits, std::span<const AttrDef> attrs = {}) {
  RuleDef rule{implements};
  rule.emits = emits;
  rule.implements = implements;
  rule.lower_call = lower;
  rule.attrs = attrs;
  rule.probed = false;
  return rule;
}

// Declines calls with other numbers of arguments and results.
inline Status CheckArity(const Node& call, int inputs, int outputs) {
  if (call.num_inputs() == inputs && call.num_outputs() == outputs) return Ok();
  return Declined("takes " + std::to_string(inputs) + " arguments and gives " + std::to_string(outputs) + " results, the function has " +
                  std::to_string(call.num_inputs()) + " and " + std::to_string(call.num_outputs()));
}

// A tensor; a variable's handle becomes what the variable holds.
inline Result<Value> Tensor(const Node& call, Builder& build, int i) {
  const Value v = call.Input(i);
  return v.is_resource() ? build.ReadVariable(v) : Result<Value>(v);
}

// The call as one custom operator of the same operands and results. Its kernel need not be installed.
inline Status ReplaceByCustom(const Node& call, Builder& build, std::string_view code, std::span<const std::byte> options) {
  std::vector<Value> in;
  for (int i = 0; i < call.num_inputs(); ++i) {
    TFLOWER_TRY(const Value v, Tensor(call, build, i));
    in.push_back(v);
  }
  std::vector<tflower_type> types;
  for (int i = 0; i < call.num_outputs(); ++i) types.push_back(call.OutputType(i));
  TFLOWER_TRY(const std::vector<Value> out, build.EmitCustom(code, options, std::span<const Value>(in), std::span<const tflower_type>(types)));
  for (int i = 0; i < call.num_outputs(); ++i) TFLOWER_CHECK(build.Bind(i, out[static_cast<size_t>(i)]));
  return Ok();
}

}  // namespace tflower::composites
