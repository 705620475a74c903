/* A plugin in plain C with rows of every kind. Built several times: TEST_ID, TEST_VERSION, TEST_OP, TEST_PRIORITY. */
#include <string.h>

#include <tflower/abi.h>

static tflower_status Lower(const tflower_lowering* self, tflower_lower_ctx* ctx, const tflower_node* node) {
  (void)self, (void)ctx, (void)node;
  return TFLOWER_DECLINED;
}

static tflower_status Rewrite(const tflower_rule* self, tflower_lower_ctx* ctx, const tflower_match* match) {
  (void)self, (void)ctx, (void)match;
  return TFLOWER_DECLINED;
}

static tflower_status LowerCall(const tflower_rule* self, tflower_lower_ctx* ctx, const tflower_node* call) {
  (void)self, (void)ctx, (void)call;
  return TFLOWER_DECLINED;
}

static tflower_status Infer(const tflower_kernel* self, tflower_eval_ctx* ctx, const tflower_op* op, tflower_type* outputs) {
  (void)self, (void)ctx, (void)op, (void)outputs;
  return TFLOWER_DECLINED;
}

static tflower_status Eval(const tflower_kernel* self, tflower_eval_ctx* ctx, const tflower_op* op, void* state,
                           const void* packed, void* scratch) {
  (void)self, (void)ctx, (void)op, (void)state, (void)packed, (void)scratch;
  return TFLOWER_DECLINED;
}

#define FLOAT32 (1u << 0)
#define INT8 (1u << 9)

static const tflower_operand_def kInputs[] = {{.dtypes = FLOAT32, .min_rank = 0, .max_rank = 8}};
static const tflower_lowering kLowering = {.struct_size = sizeof(tflower_lowering),
                                           .op = TEST_OP,
                                           .inputs = kInputs,
                                           .num_inputs = 1,
                                           .operand_def_size = sizeof(tflower_operand_def),
                                           .emits = "ABS  NEG",
                                           .priority = TEST_PRIORITY,
                                           .num_outputs = 1,
                                           .lower = Lower};
static const void* const kLowerings[] = {&kLowering};

static const tflower_pattern_node kNodes[] = {{.op = "RELU", .num_inputs = 1, .inputs = {1}}, {.name = "x"}};
static const tflower_rule kPattern = {.struct_size = sizeof(tflower_rule),
                                      .kind = TFLOWER_RULE_PATTERN,
                                      .id = "test/relu",
                                      .benefit = TEST_PRIORITY,
                                      .num_nodes = 2,
                                      .nodes = kNodes,
                                      .pattern_node_size = sizeof(tflower_pattern_node),
                                      .emits = "RELU",
                                      .rewrite = Rewrite};
static const tflower_rule kComposite = {.struct_size = sizeof(tflower_rule),
                                        .kind = TFLOWER_RULE_COMPOSITE,
                                        .id = "test/cell",
                                        .benefit = 5,
                                        .implements = "Cell" TEST_OP,
                                        .emits = "",
                                        .lower_call = LowerCall};
static const void* const kRules[] = {&kPattern, &kComposite};

/* ADD: float at high priority for versions 1 to 2, any dtype as reference. Custom: one row. */
static const tflower_kernel kAddFloat = {.struct_size = sizeof(tflower_kernel),
                                         .code = 0,
                                         .min_version = 1,
                                         .max_version = 2,
                                         .priority = TEST_PRIORITY,
                                         .input_dtypes = {FLOAT32, FLOAT32},
                                         .output_dtypes = {FLOAT32},
                                         .infer = Infer,
                                         .eval = Eval};
static const tflower_kernel kAddReference = {.struct_size = sizeof(tflower_kernel),
                                             .flags = TFLOWER_KERNEL_REFERENCE,
                                             .code = 0,
                                             .min_version = 1,
                                             .max_version = 5,
                                             .priority = TEST_PRIORITY + 1000,
                                             .input_dtypes = {FLOAT32 | INT8, FLOAT32 | INT8},
                                             .infer = Infer,
                                             .eval = Eval};
static const tflower_kernel kCustom = {.struct_size = sizeof(tflower_kernel),
                                       .flags = TFLOWER_KERNEL_IMPURE | TFLOWER_KERNEL_IN_PLACE,
                                       .code = 32,
                                       .min_version = 1,
                                       .max_version = 1,
                                       .priority = 100,
                                       .custom_code = "test." TEST_OP,
                                       .infer = Infer,
                                       .eval = Eval};
static const void* const kKernels[] = {&kAddFloat, &kAddReference, &kCustom};

static tflower_status Fill(tflower_table* out, const void* const* rows, uint32_t count) {
  out->count = count;
  out->rows = rows;
  return TFLOWER_OK;
}

static tflower_status GetTable(const char* id, tflower_table* out) {
  if (strcmp(id, TFLOWER_LOWERINGS) == 0) return Fill(out, kLowerings, 1);
  if (strcmp(id, TFLOWER_RULES) == 0) return Fill(out, kRules, 2);
  if (strcmp(id, TFLOWER_KERNELS) == 0) return Fill(out, kKernels, 3);
  return TFLOWER_DECLINED;
}

TFLOWER_EXPORT tflower_status tflower_plugin_main(const tflower_host* host, tflower_plugin* out) {
  if (host->abi_major != TFLOWER_ABI_MAJOR) return TFLOWER_ERROR;
  out->abi_major = TFLOWER_ABI_MAJOR;
  out->abi_min = 0;
  out->id = TEST_ID;
  out->version = TEST_VERSION;
  out->get_table = GetTable;
  return TFLOWER_OK;
}
