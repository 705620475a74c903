// OpTable: which outputs an op has, in which order: the model's own op list first, TensorFlow's behind it.
// Both are needed: the list of a SavedModel leaves out what only functions called by functions contain.
#pragma once

#include <map>
#include <optional>
#include <string_view>

#include "import/file_bytes.h"
#include "import/tf_graph.h"
#include "tflower/status.h"

namespace tflower::tf {

// Parses a serialized OpDef; views into `file`.
Result<OpDef> ParseOpDef(const FileBytes& file, std::string_view bytes);

class OpTable {
 public:
  // Adds the ops of a serialized OpList.
  Status Add(const FileBytes& file, std::string_view op_list);
  const OpDef* Find(std::string_view op) const;

  // The flat number of the first tensor of the output argument `out_arg` of `node`. nullopt: nothing is known of the op (then
  // it has one output argument, as nearly all ops have, or its only one). kInvalidGraph: the op has no such output, or its length attribute
  // is missing or negative.
  Result<std::optional<int32_t>> FirstOutput(const Node& node, std::string_view out_arg) const;

  // How many tensors the node gives, as far as is known: 1 for an op that nothing is known of. kInvalidGraph as above.
  Result<int32_t> CountOutputs(const Node& node) const;

 private:
  const OpDef* Definition(std::string_view op) const;  // null: of an op that nothing is known of

  std::map<std::string_view, OpDef> ops_;
  mutable std::map<std::string_view, OpDef> known_;  // of TensorFlow's ops, those asked for
};

}  // namespace tflower::tf
