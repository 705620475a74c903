// The one string op that needs no run-time strings: hashes that have only one bucket to go to.
#include "index.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kBuckets[] = {Int("num_buckets")};

// tf.lookup.StaticVocabularyTable with one bucket for unknown words hashes them, too.
Status LowerHashBucket(const Node& node, Builder& build) {
  if (const int64_t n = node.Int("num_buckets"); n != 1)
    return Error(Code::kUnsupportedAttribute, "is " + std::to_string(n) + ": TFLite has no operator that hashes strings").What("num_buckets")
        .Hint("use one bucket (num_oov_buckets=1), or hash outside of the model");
  TFLOWER_TRY(const Value shape, ShapeOf(build, node.Input(0)));
  TFLOWER_TRY(const Value zero, build.Scalar<int64_t>(0));
  return build.Bind(0, build.Emit(tfl::Fill{}, {shape, zero}));
}

constexpr Operand kText = Of(Types({DType::kString}), 0, TFLOWER_MAX_RANK);

constexpr OpDef kOps[] = {
    {"StringToHashBucketFast", {kText}, kBuckets, LowerHashBucket, "FILL SHAPE"},
};
}  // namespace
TFLOWER_OP_FAMILY(string, kOps);
}  // namespace tflower::tf_ops
