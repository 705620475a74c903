// lingvo's cells: one rule for each name, in both spellings of the normalised one, and for the variant with coupled gates.
#include <tflower/plugin.h>

#include "cell.h"

namespace {
using namespace tflower;

template <bool coupled, bool normalized>
Status Lower(const Node& call, Builder& build) {
  return lingvo::LowerCell(call, build, {.coupled = coupled || call.Bool("couple_input_forget_gates"), .normalized = normalized});
}

// Those of the cell's parameters that change what it computes. They come with the name where that is a NameAttrList.
constexpr AttrDef kAttrs[] = {Float("cell_value_cap", 10.0), Float("forget_gate_bias", 0.0), String("output_nonlinearity", OneOf("tanh", "relu"), "tanh"),
                              Bool("couple_input_forget_gates", false)};

constexpr RuleDef Cell(const char* name, LowerCallFn lower) { return {.id = name, .emits = "LSTM", .implements = name, .lower_call = lower, .attrs = kAttrs}; }

constexpr RuleDef kRules[] = {
    Cell("LSTMCellSimple", Lower<false, false>),
    Cell("LSTMCellSimple,CoupleInputForgetGates", Lower<true, false>),
    Cell("LayerNormalizedLstmCellSimple", Lower<false, true>),
    Cell("LayerNormalizedLSTMCellSimple", Lower<false, true>),
    Cell("LayerNormalizedLstmCellSimple,CoupleInputForgetGates", Lower<true, true>),
    Cell("LayerNormalizedLSTMCellSimple,CoupleInputForgetGates", Lower<true, true>),
};
constexpr RuleFamily kCells{"cells", kRules};
constexpr const RuleFamily* kFamilies[] = {&kCells};
}  // namespace

TFLOWER_PLUGIN("tflower.lingvo", TFLOWER_PLUGIN_VERSION, {.rules = kFamilies})
