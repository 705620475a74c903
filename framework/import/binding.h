// Which checkpoint tensor belongs to which variable node: two independent routes that give claims.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "import/checkpoint.h"
#include "import/file_bytes.h"
#include "import/function_library.h"
#include "import/tf_graph.h"
#include "tflower/status.h"

namespace tflower::tf {

// "The value of this variable node is that part of the checkpoint."
struct Claim {
  std::string key;
  std::string slice;  // RestoreV2's shape_and_slices entry; "" = all
  const char* route = "";
};
using Claims = std::map<int32_t, std::vector<Claim>>;  // by index of the node in the main graph

// Object route, as tf.saved_model.load does it: the object graph says which objects a function's trailing inputs are; the
// checkpoint's own object graph, walked along the same child names from the root, says under which key an object is stored.
// Names of variables play no part: they are not unique. Adds to `claims`. `object_graph`: serialized SavedObjectGraph.
Status BindByObjects(const FileBytes& file, const Scope& main, std::string_view object_graph, Checkpoint& checkpoint, Claims& claims);

// Restore route: follows the saver's restore op through calls to RestoreV2 -> Assign(VariableOp) -> variable node. The only
// one for TF1; for TF2 it may bind other variables than those that the signatures read. Adds to `claims`.
// kLimit: the restore graph is absurdly large.
Status BindByRestore(const Scope& main, FunctionLibrary& library, std::string_view restore_op, Claims& claims);

// True for ops that call the function of their attribute f with all their inputs.
bool IsCall(const Node& node);

// True for the ops whose nodes are variables: VarHandleOp, VariableV2, Variable.
bool IsVariable(const Node& node);

}  // namespace tflower::tf
