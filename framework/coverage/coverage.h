// Coverage: what the plugins at hand make of every op of a model, or of all ops that there are, without converting anything.
//
// Told from manifests and rows alone: that an op is covered does not say that each of its uses is (types, attributes, shapes decide).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "import/tf_graph.h"
#include "registry/registry.h"
#include "runtime/model/view.h"
#include "tflower/status.h"

namespace tflower::coverage {

enum class State { kBuiltin, kSelect, kCustom, kMissing };
std::string_view StateName(State state);

// What becomes of one op.
struct Entry {
  std::string op;                   // TF op, implements-name, or operator
  State state = State::kMissing;
  std::string plugin, version;      // who covers it; empty when missing
  std::string emits;                // operators, or what kernels take
  std::string note;                 // limits of what is covered; why it is not covered
  std::vector<std::string> nodes;   // models only: the users' names, functions' bodies in "function/name"
};

// Every TensorFlow op, covered or not, and every composite function. Sorted by name. Opens the plugins' libraries.
std::vector<Entry> TensorflowOps(const Registry& registry);
// Every builtin operator of TFLite, and custom ones that there are kernels for: who runs it.
std::vector<Entry> Operators(const Registry& registry);

// The ops that the model's signatures need, or the operators of a .tflite file. Sorted by name. kInvalidGraph and others for functions that
// cannot be read.
Result<std::vector<Entry>> OfModel(const Registry& registry, const tf::Graph& graph);
std::vector<Entry> OfModel(const Registry& registry, const runtime::ModelView& model);

}  // namespace tflower::coverage
