// The entry of a plugin written in C++: TFLOWER_PLUGIN turns families of rows into the ABI's tables and defines tflower_plugin_main.
//
//   #include <tflower/plugin.h>
//   TFLOWER_PLUGIN("com.acme.ops", "1.0.0", {.ops = kOpFamilies, .kernels = kKernelFamilies})
//
// where kOpFamilies is an array of pointers to families. Everything is made on the first call, from constant data.
#pragma once

#include <string_view>
#include <vector>

#include "tflower/kernel_def.h"
#include "tflower/op_def.h"
#include "tflower/pattern.h"

namespace tflower {

struct PluginFamilies {
  std::span<const OpFamily* const> ops = {};
  std::span<const RuleFamily* const> rules = {};
  std::span<const KernelFamily* const> kernels = {};
};

namespace internal {

inline tflower_status Report(tflower_lower_ctx* ctx, const Error& error) {
  if (error.code == Code::kOk) return TFLOWER_ERROR;  // the host recorded the reason itself
  const std::string source = std::string(error.where.file_name()) + ":" + std::to_string(error.where.line());
  return ctx->api->fail(ctx, static_cast<uint32_t>(error.code), Str(error.what), Str(error.message), Str(error.hint), Str(source));
}

inline tflower_status LowerThunk(const tflower_lowering* self, tflower_lower_ctx* ctx, const tflower_node* node) noexcept {
  const auto* def = static_cast<const OpDef*>(self->user);
  Builder build(ctx);
  Status status = def->lower(Node(node, self->attrs), build);
  return status.ok() ? TFLOWER_OK : Report(ctx, status.error());
}
inline tflower_status RewriteThunk(const tflower_rule* self, tflower_lower_ctx* ctx, const tflower_match* match) noexcept {
  const auto* def = static_cast<const RuleDef*>(self->user);
  Builder build(ctx);
  Status status = def->rewrite(MatchView(match, self->nodes), build);
  return status.ok() ? TFLOWER_OK : Report(ctx, status.error());
}
inline tflower_status FuseLoopThunk(const tflower_rule* self, tflower_lower_ctx* ctx, const tflower_match* match) noexcept {
  const auto* def = static_cast<const RuleDef*>(self->user);
  Builder build(ctx);
  Status status = def->fuse_loop(Operator(match->ops[0]), build);
  return status.ok() ? TFLOWER_OK : Report(ctx, status.error());
}
inline tflower_status LowerCallThunk(const tflower_rule* self, tflower_lower_ctx* ctx, const tflower_node* call) noexcept {
  const auto* def = static_cast<const RuleDef*>(self->user);
  Builder build(ctx);
  Status status = def->lower_call(Node(call, self->attrs), build);
  return status.ok() ? TFLOWER_OK : Report(ctx, status.error());
}

inline tflower_lowering RowOf(const OpDef& def) {
  tflower_lowering row{};
  row.struct_size = sizeof row;
  row.op = def.op;
  row.inputs = def.inputs.list;
  row.num_inputs = def.inputs.count;
  row.attrs = def.attrs.data();
  row.num_attrs = static_cast<uint32_t>(def.attrs.size());
  row.attr_def_size = sizeof(tflower_attr_def);
  row.operand_def_size = sizeof(tflower_operand_def);
  row.emits = def.emits;
  row.priority = def.priority;
  row.role = static_cast<uint32_t>(def.role);
  row.user = &def;
  row.lower = def.lower != nullptr ? &LowerThunk : nullptr;
  row.refused = def.refused;
  return row;
}
inline tflower_rule RowOf(const RuleDef& def) {
  tflower_rule row{};
  row.struct_size = sizeof row;
  row.kind = def.implements != nullptr ? TFLOWER_RULE_COMPOSITE : def.fuse_loop != nullptr ? TFLOWER_RULE_LOOP : TFLOWER_RULE_PATTERN;
  row.id = def.id;
  row.benefit = def.benefit;
  row.nodes = def.pattern.nodes;
  row.num_nodes = def.pattern.count;
  row.pattern_node_size = sizeof(tflower_pattern_node);
  row.flags = def.probed ? 0 : TFLOWER_RULE_UNPROBED;
  row.implements = def.implements;
  row.emits = def.emits;
  row.user = &def;
  row.rewrite = def.fuse_loop != nullptr ? &FuseLoopThunk : &RewriteThunk;
  row.lower_call = def.lower_call != nullptr ? &LowerCallThunk : nullptr;
  row.attrs = def.attrs.data();
  row.num_attrs = static_cast<uint32_t>(def.attrs.size());
  row.attr_def_size = sizeof(tflower_attr_def);
  return row;
}

// The ABI rows of a plugin, and pointers to them.
class Tables {
 public:
  explicit Tables(const PluginFamilies& families) {
    for (const OpFamily* f : families.ops) for (const OpDef& d : f->ops) lowerings_.push_back(RowOf(d));
    for (const RuleFamily* f : families.rules) for (const RuleDef& d : f->rules) rules_.push_back(RowOf(d));
    for (const auto& row : lowerings_) lowering_rows_.push_back(&row);
    for (const auto& row : rules_) rule_rows_.push_back(&row);
    for (const KernelFamily* f : families.kernels) for (const tflower_kernel& k : f->rows) kernel_rows_.push_back(&k);
  }
  tflower_status Get(std::string_view id, tflower_table* out) const {
    const std::vector<const void*>* rows = id == TFLOWER_LOWERINGS ? &lowering_rows_ : id == TFLOWER_RULES ? &rule_rows_ : id == TFLOWER_KERNELS ? &kernel_rows_ : nullptr;
    if (rows == nullptr || rows->empty()) return TFLOWER_DECLINED;
    out->count = static_cast<uint32_t>(rows->size());
    out->rows = rows->data();
    return TFLOWER_OK;
  }

 private:
  std::vector<tflower_lowering> lowerings_;
  std::vector<tflower_rule> rules_;
  std::vector<const void*> lowering_rows_, rule_rows_, kernel_rows_;
};

inline tflower_status FillPlugin(const tflower_host* host, tflower_plugin* out, const char* id, const char* version,
                                 tflower_status (*get_table)(const char*, tflower_table*) noexcept) {
  if (host->abi_major != TFLOWER_ABI_MAJOR || !TFLOWER_HAS(out, tflower_plugin, get_table)) return TFLOWER_ERROR;
  out->abi_major = TFLOWER_ABI_MAJOR;
  out->abi_min = 0;
  out->id = id;
  out->version = version;
  out->get_table = get_table;
  return TFLOWER_OK;
}

}  // namespace internal
}  // namespace tflower

#define TFLOWER_PLUGIN(id, version, ...)                                                                          \
  static tflower_status TflowerGetTable(const char* interface_id, tflower_table* out) noexcept {                  \
    static const ::tflower::internal::Tables tables(::tflower::PluginFamilies __VA_ARGS__);                       \
    return tables.Get(interface_id, out);                                                                         \
  }                                                                                                               \
  extern "C" TFLOWER_EXPORT tflower_status tflower_plugin_main(const tflower_host* host, tflower_plugin* out) {   \
    return ::tflower::internal::FillPlugin(host, out, id, version, &TflowerGetTable);                             \
  }
