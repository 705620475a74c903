// VariableTable: the variables of a SavedModel, bound to the checkpoint when first asked for.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "import/binding.h"

namespace tflower::tf {

// Where everything that concerns variables lies. All must outlive the table.
struct VariableSources {
  const FileBytes& file;
  const Scope& main;
  FunctionLibrary& library;
  const std::map<std::string, std::string, std::less<>>& assets;  // node name -> path
  std::string checkpoint_prefix;                                  // "" = the model has no checkpoint
  std::string_view object_graph;
  std::string restore_op;
};

class VariableTable {
 public:
  explicit VariableTable(VariableSources sources) : sources_(std::move(sources)) {}
  // See Graph::FindVariable.
  Result<const Variable*> Find(std::string_view node_name);
  // See Graph::VerifyCheckpoint.
  Status VerifyCheckpoint();

 private:
  Status Bind();
  Status BindAll();
  void BindAssets();
  Result<std::unique_ptr<Variable>> Make(int32_t index, const Node& node);
  Result<std::unique_ptr<Variable>> MakeStored(const Node& node, const std::vector<Claim>& claims);
  Status CheckAgreement(const Node& node, const std::vector<Claim>& claims) const;

  VariableSources sources_;
  std::unique_ptr<Checkpoint> checkpoint_;
  bool bound_ = false;
  std::optional<Error> bind_error_;
  Claims claims_;
  std::map<int32_t, std::string> asset_of_;  // variables that hold an asset's path
  std::map<int32_t, std::unique_ptr<Variable>> made_;
};

}  // namespace tflower::tf
