// TensorFlow Text's tokenisers as the custom operators of its own TFLite kernels.  Source: what TFLite's converter writes for them.
#include <tflower/flex_map.h>

#include "call.h"

namespace tflower::composites {
namespace {

bool IsString(const Value& v, int max_rank) { return !v.is_resource() && v.dtype() == DType::kString && v.rank() <= max_rank; }

// A string tensor of rank r gives its tokens and r row splits.
Status LowerWhitespace(const Node& call, Builder& build) {
  if (call.num_inputs() != 1 || !IsString(call.Input(0), 2)) return Declined("takes strings of rank 0, 1 or 2");
  if (call.num_outputs() != call.Input(0).rank() + 1) return Declined("gives the tokens and a row split for each dimension");
  return ReplaceByCustom(call, build, "tftext:WhitespaceTokenizer", {});
}

constexpr AttrDef kNgramsAttrs[] = {Int("width"), String("string_separator"), Int("axis", -1), String("reduction_type", OneOf("STRING_JOIN"))};

Status LowerNgrams(const Node& call, Builder& build) {
  if (call.num_inputs() < 1 || call.num_outputs() != call.num_inputs() || !IsString(call.Input(0), TFLOWER_MAX_RANK)) return Declined("takes strings, with row splits or without, and gives as many results");
  if (call.Int("axis") != -1) return Declined("makes n-grams along the last axis only");
  FlexMapWriter options;
  options.Int("axis", -1);
  options.String("reduction_type", call.String("reduction_type"));
  options.String("string_separator", call.String("string_separator"));
  options.Int("width", call.Int("width"));
  return ReplaceByCustom(call, build, "tftext:Ngrams", options.Finish());
}

constexpr AttrDef kSgnnAttrs[] = {Ints("hash_seed"), Int("buckets")};

Status LowerSgnn(const Node& call, Builder& build) {
  TFLOWER_CHECK(CheckArity(call, 2, 1));
  if (!IsString(call.Input(0), 1)) return Declined("takes a vector of strings and row splits");
  FlexMapWriter options;
  options.Int("buckets", call.Int("buckets"));
  options.Ints("hash_seed", call.Ints("hash_seed"));
  return ReplaceByCustom(call, build, "tftext:custom:SgnnProjection", options.Finish());
}

constexpr RuleDef kRules[] = {
    Composite("tftext:WhitespaceTokenizer", LowerWhitespace, "tftext:WhitespaceTokenizer"),
    Composite("tftext:Ngrams", LowerNgrams, "tftext:Ngrams", kNgramsAttrs),
    Composite("tftext:custom:SgnnProjection", LowerSgnn, "tftext:custom:SgnnProjection", kSgnnAttrs),
};

}  // namespace
TFLOWER_RULE_FAMILY(tftext, kRules);
}  // namespace tflower::composites
