// Plugins that break the rules; HOSTILE says how. All call themselves com.test.hostile 1.0.0 unless that is the point.
#include <cstring>

#include <tflower/abi.h>

#define WRONG_MAJOR 1
#define FUTURE_MINOR 2
#define NO_SYMBOL 3
#define MAIN_FAILS 4
#define MAIN_EMPTY 5
#define MAIN_THROWS 6
#define NULL_ROW 7
#define NULL_ROWS 8
#define SHORT_ROW 9
#define TABLE_FAILS 10
#define HUGE_COUNT 11
#define NO_FUNCTION 12
#define BAD_PATTERN 13
#define WRONG_ID 14
#define SHORT_STRUCT 15

namespace {

tflower_status Lower(const tflower_lowering*, tflower_lower_ctx*, const tflower_node*) noexcept { return TFLOWER_DECLINED; }
tflower_status Rewrite(const tflower_rule*, tflower_lower_ctx*, const tflower_match*) noexcept { return TFLOWER_DECLINED; }

constexpr tflower_lowering kLowering = {
    .struct_size = HOSTILE == SHORT_ROW ? 16u : static_cast<uint32_t>(sizeof(tflower_lowering)),
    .op = "HostileOp",
    .emits = "",
    .priority = 1,
    .lower = HOSTILE == NO_FUNCTION ? nullptr : Lower};
constexpr const void* kLowerings[] = {HOSTILE == NULL_ROW ? nullptr : &kLowering};

constexpr tflower_pattern_node kNodes[] = {{.op = "RELU", .num_inputs = 1, .inputs = {1000000}}};
constexpr tflower_rule kRule = {.struct_size = sizeof(tflower_rule),
                                .kind = TFLOWER_RULE_PATTERN,
                                .id = "hostile/rule",
                                .num_nodes = 1,
                                .nodes = kNodes,
                                .pattern_node_size = sizeof(tflower_pattern_node),
                                .emits = "",
                                .rewrite = Rewrite};
constexpr const void* kRules[] = {&kRule};

tflower_status GetTable(const char* id, tflower_table* out) noexcept {
  if (HOSTILE == TABLE_FAILS) return TFLOWER_ERROR;
  if (std::strcmp(id, TFLOWER_LOWERINGS) == 0) {
    out->count = HOSTILE == HUGE_COUNT ? 0xFFFFFFFFu : 1;
    out->rows = HOSTILE == NULL_ROWS ? nullptr : kLowerings;
    return TFLOWER_OK;
  }
  if (HOSTILE == BAD_PATTERN && std::strcmp(id, TFLOWER_RULES) == 0) {
    out->count = 1;
    out->rows = kRules;
    return TFLOWER_OK;
  }
  return TFLOWER_DECLINED;
}

}  // namespace

#if HOSTILE == NO_SYMBOL
#define tflower_plugin_main some_other_symbol
#endif

extern "C" TFLOWER_EXPORT tflower_status tflower_plugin_main(const tflower_host*, tflower_plugin* out) {
  if (HOSTILE == MAIN_THROWS) throw 1;
  if (HOSTILE == MAIN_FAILS) return TFLOWER_ERROR;
  if (HOSTILE == MAIN_EMPTY) return TFLOWER_OK;
  if (HOSTILE == SHORT_STRUCT) out->struct_size = 12;
  out->abi_major = HOSTILE == WRONG_MAJOR ? 9 : TFLOWER_ABI_MAJOR;
  out->abi_min = HOSTILE == FUTURE_MINOR ? 999 : 0;
  out->id = HOSTILE == WRONG_ID ? "com.test.somebody_else" : "com.test.hostile";
  out->version = "1.0.0";
  out->get_table = GetTable;
  return TFLOWER_OK;
}
