// Computing in float32. While the wrapped lowering runs, the builder's table is one whose `bind` casts.
#include "float32.h"

namespace tflower::tf_ops {
namespace {

struct CastingApi : tflower_lower_api {
  const tflower_lower_api* host = nullptr;
  DType type = DType::kFloat32;
  uint32_t outputs = 0;
};

tflower_status BindCast(tflower_lower_ctx* ctx, uint32_t index, const tflower_value* value) noexcept {
  const auto* const api = static_cast<const CastingApi*>(ctx->api);
  if (index >= 32 || (api->outputs >> index & 1) == 0) return api->host->bind(ctx, index, value);
  Builder build(ctx);
  const Value v(value);
  const Result<Value> cast = v.dtype() == DType::kFloat32 ? CastTo(build, v, api->type) : Result<Value>(v);
  if (!cast.ok()) return TFLOWER_ERROR;  // the host has recorded why
  return api->host->bind(ctx, index, cast.value().abi());
}

}  // namespace

Status ComputeInFloat32(const Node& node, Builder& build, LowerFn lower, uint32_t outputs) {
  std::vector<Value> operands = node.Inputs();
  const auto other = std::find_if(operands.begin(), operands.end(), [](const Value& v) { return v && Contains(kOtherFloats, v.dtype()); });
  if (other == operands.end()) return lower(node, build);
  CastingApi api{};
  static_cast<tflower_lower_api&>(api) = *build.abi()->api;
  api.host = build.abi()->api;
  api.type = other->dtype();
  api.outputs = outputs;
  api.bind = BindCast;
  std::vector<const tflower_value*> inputs;
  for (const Value& v : operands) {
    if (!v || v.dtype() != api.type) {
      inputs.push_back(v.abi());
      continue;
    }
    TFLOWER_TRY(const Value wide, CastTo(build, v, DType::kFloat32));
    inputs.push_back(wide.abi());
  }
  tflower_node in_float32 = *node.abi();
  in_float32.inputs = inputs.data();
  build.abi()->api = &api;
  Status status = lower(Node(&in_float32, node.attr_defs()), build);
  build.abi()->api = api.host;
  return status;
}

}  // namespace tflower::tf_ops
