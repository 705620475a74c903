// A reduction without keep_dims whose result is reshaped to what keep_dims gives: one operator.
#include <tflower/pattern.h>

namespace tflower::tfl_rules {
namespace {

template <class TflOp>
Status KeepDims(const MatchView& m, Builder& build) {
  auto options = m.Op("reduce").As<TflOp>();
  if (options.keep_dims) return Declined();
  options.keep_dims = true;
  TFLOWER_TRY(const Value kept, build.Emit(options, {m["x"], m["axes"]}));
  if (!kept.SameShape(m.root())) return Declined("the shape is not that of keep_dims");
  return build.Substitute(m.root(), kept);
}

constexpr Pattern Reshaped(const char* reduce) { return Match("RESHAPE", {Match(reduce, {Any("x"), Const("axes")}, "reduce", kSingleUse)}); }

constexpr RuleDef kRules[] = {
    {"mean-keep-dims", 120, Reshaped("MEAN"), KeepDims<tfl::Mean>, "MEAN"},
    {"sum-keep-dims", 120, Reshaped("SUM"), KeepDims<tfl::Sum>, "SUM"},
    {"max-keep-dims", 120, Reshaped("REDUCE_MAX"), KeepDims<tfl::ReduceMax>, "REDUCE_MAX"},
    {"min-keep-dims", 120, Reshaped("REDUCE_MIN"), KeepDims<tfl::ReduceMin>, "REDUCE_MIN"},
};
}  // namespace
TFLOWER_RULE_FAMILY(reduce_reshape, kRules);
}  // namespace tflower::tfl_rules
