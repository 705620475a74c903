// ScopeBuilder: turns serialized NodeDefs into a Scope: views, a name table, and inputs resolved to nodes.
#pragma once

#include <functional>
#include <string_view>
#include <vector>

#include "import/file_bytes.h"
#include "import/tf_graph.h"
#include "tflower/status.h"

namespace tflower::tf {

// Parses one entry of a map<string, AttrValue>.
Result<Attr> ParseAttrEntry(const FileBytes& file, std::string_view bytes);

// Use: Add every node, then Index, then Link. The Scope may be moved afterwards, views stay valid.
class ScopeBuilder {
 public:
  ScopeBuilder(const FileBytes& file, Scope& scope) : file_(file), scope_(scope) {}

  void Reserve(size_t nodes);
  // kMalformed, or kInvalidGraph: no name, no op, data inputs after control inputs.
  Status Add(std::string_view node_def);
  // Makes names findable. kInvalidGraph: two nodes of one name.
  Status Index();
  // Resolves all inputs by the rules of the scope: `resolve` takes "node:1", or "^node" for a control input.
  using Resolve = std::function<Result<Input>(std::string_view ref)>;
  Status Link(const Resolve& resolve);

 private:
  struct Counts {
    uint32_t inputs = 0, control_inputs = 0, attrs = 0;
  };
  const FileBytes& file_;
  Scope& scope_;
  std::vector<Counts> counts_;  // per node; spans are set when the storage no longer grows
};

// "node", "node:1" or "^node", as main graphs and signatures write it. kInvalidGraph: no such node, broken number.
Result<Input> ResolveInMain(const Scope& scope, std::string_view ref);

}  // namespace tflower::tf
