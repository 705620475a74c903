// embedding_matmul(table, ids) -> EMBEDDING_LOOKUP.  Source: TensorFlow's documentation of tf.function(experimental_implements).
#include "call.h"

namespace tflower::composites {
namespace {

Status LowerEmbedding(const Node& call, Builder& build) {
  TFLOWER_CHECK(CheckArity(call, 2, 1));
  TFLOWER_TRY(const Value table, Tensor(call, build, 0));
  TFLOWER_TRY(const Value ids, Tensor(call, build, 1));
  if (ids.dtype() != DType::kInt32 || ids.rank() != 1) return Declined("EMBEDDING_LOOKUP takes a vector of int32 ids");
  if (table.rank() < 2 || table.dtype() != DType::kFloat32) return Declined("EMBEDDING_LOOKUP takes a float table of rank 2 or more");
  return build.Bind(0, build.Emit(tfl::EmbeddingLookup{}, {ids, table}));
}

constexpr RuleDef kRules[] = {{.id = "embedding_matmul", .emits = "EMBEDDING_LOOKUP", .implements = "embedding_matmul", .lower_call = LowerEmbedding}};

}  // namespace
TFLOWER_RULE_FAMILY(embedding, kRules);
}  // namespace tflower::composites
