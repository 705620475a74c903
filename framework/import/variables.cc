#include "import/variables.h"

#include "import/slices.h"

namespace tflower::tf {
namespace {

class StoredVariable final : public Variable {
 public:
  StoredVariable(Checkpoint& checkpoint, StoredTensor stored) : checkpoint_(checkpoint), stored_(std::move(stored)) {}

  Status Verify() const override {
    for (const auto& [piece, box] : stored_.pieces)
      if (Status status = checkpoint_.Verify(*piece); !status.ok()) return std::move(status.error()).Note("the value of '" + std::string(node) + "'");
    return Ok();
  }
  Result<TensorData> Data() const override {
    TFLOWER_CHECK(Verify());
    return UncheckedData();
  }
  Result<TensorData> UncheckedData() const override { return ReadStored(checkpoint_, stored_); }
  const std::vector<int64_t>& StoredDims() const { return stored_.wanted.length; }

 private:
  Checkpoint& checkpoint_;
  StoredTensor stored_;
};

// A scalar string: the path of an asset's file.
class AssetVariable final : public Variable {
 public:
  explicit AssetVariable(const std::string& path) : path_(path) { dtype = DataType::kString; }
  Status Verify() const override { return Ok(); }
  Result<TensorData> Data() const override { return UncheckedData(); }
  Result<TensorData> UncheckedData() const override {
    TensorData tensor;
    tensor.dtype = DataType::kString;
    tensor.strings = {path_};
    return tensor;
  }

 private:
  const std::string& path_;  // in VariableSources::assets
};

// A tensor without elements, which some writers leave out of the checkpoint.
class EmptyVariable final : public Variable {
 public:
  Status Verify() const override { return Ok(); }
  Result<TensorData> Data() const override { return UncheckedData(); }
  Result<TensorData> UncheckedData() const override {
    TensorData tensor;
    tensor.dtype = dtype;
    tensor.dims = dims;
    return tensor;
  }
};

Result<PartialShape> DeclaredShape(const Node& node) {
  const Attr* attr = node.Find("shape");
  if (!attr) return PartialShape();
  return AttrShape(*attr);
}

Result<DataType> DeclaredType(const Node& node) {
  const Attr* attr = node.Find("dtype");
  if (!attr) return Error(Code::kInvalidGraph, "the variable has no dtype").Op(node.op).Node(node.name);
  return AttrType(*attr);
}

bool Fits(const PartialShape& declared, const std::vector<int64_t>& dims) {
  if (!declared) return true;
  if (declared->size() != dims.size()) return false;
  for (size_t i = 0; i < dims.size(); ++i)
    if ((*declared)[i] != -1 && (*declared)[i] != dims[i]) return false;
  return true;
}

// VariableV2 of unknown shape is written with the shape [] (or any other); only VarHandleOp's is a promise.
bool DeclaresShape(const Node& node) { return node.op == "VarHandleOp"; }

bool HasNoElements(const PartialShape& declared) {
  if (!declared) return false;
  bool empty = false;
  for (const int64_t dim : *declared) {
    if (dim < 0) return false;
    empty = empty || dim == 0;
  }
  return empty;
}

Error About(Error error, const Node& node) {
  if (!error.node.empty() && error.node != node.name) error.notes.push_back("stored as '" + error.node + "'");
  return std::move(error).Op(node.op).Node(node.name);
}

}  // namespace

Result<const Variable*> VariableTable::Find(std::string_view node_name) {
  const Node* node = sources_.main.FindNode(node_name);
  if (!node || !IsVariable(*node)) return Error(Code::kInvalidGraph, "not a variable of the main graph").Node(node_name);
  const auto index = static_cast<int32_t>(sources_.main.IndexOf(*node));
  auto& made = made_[index];
  if (!made) {
    TFLOWER_CHECK(Bind());
    TFLOWER_TRY(made, Make(index, *node));
    made->node = node->name;
  }
  return static_cast<const Variable*>(made.get());
}

Status VariableTable::VerifyCheckpoint() {
  TFLOWER_CHECK(Bind());
  return checkpoint_ ? checkpoint_->VerifyAll() : Ok();
}

Status VariableTable::Bind() {
  if (!bound_) {
    bound_ = true;
    if (Status status = BindAll(); !status.ok()) bind_error_ = std::move(status.error());
  }
  return bind_error_ ? Status(*bind_error_) : Ok();
}

Status VariableTable::BindAll() {
  BindAssets();
  if (sources_.checkpoint_prefix.empty()) return Ok();
  TFLOWER_TRY(Checkpoint checkpoint, Checkpoint::Open(sources_.checkpoint_prefix));
  checkpoint_ = std::make_unique<Checkpoint>(std::move(checkpoint));
  TFLOWER_CHECK(BindByObjects(sources_.file, sources_.main, sources_.object_graph, *checkpoint_, claims_));
  return BindByRestore(sources_.main, sources_.library, sources_.restore_op, claims_);
}

// A variable that is assigned an asset's path when the model is loaded.
void VariableTable::BindAssets() {
  const auto nodes = sources_.main.nodes();
  for (const Node& node : nodes) {
    if ((node.op != "AssignVariableOp" && node.op != "Assign") || node.inputs.size() < 2) continue;
    const Node* value = &nodes[static_cast<size_t>(node.inputs[1].node)];
    if (value->op == "Identity" && !value->inputs.empty()) value = &nodes[static_cast<size_t>(value->inputs[0].node)];
    const auto asset = sources_.assets.find(value->name);
    if (asset != sources_.assets.end()) asset_of_.emplace(node.inputs[0].node, asset->second);
  }
}

Result<std::unique_ptr<Variable>> VariableTable::Make(int32_t index, const Node& node) {
  if (const auto claims = claims_.find(index); claims != claims_.end()) {
    auto made = MakeStored(node, claims->second);
    if (!made.ok()) return About(std::move(made.error()), node);
    return made;
  }
  if (const auto asset = asset_of_.find(index); asset != asset_of_.end())
    return std::unique_ptr<Variable>(std::make_unique<AssetVariable>(asset->second));
  return Error(Code::kUnboundVariable, checkpoint_ ? "the variable has no value: nothing in the checkpoint belongs to it"
                                                   : "the variable has no value: the model has no checkpoint")
      .Op(node.op).Node(node.name)
      .Hint(checkpoint_ ? "initialise the variable before saving the model" : "freeze the graph, or convert the SavedModel");
}

Result<std::unique_ptr<Variable>> VariableTable::MakeStored(const Node& node, const std::vector<Claim>& claims) {
  TFLOWER_TRY(const DataType dtype, DeclaredType(node));
  TFLOWER_TRY(const PartialShape declared, DeclaredShape(node));
  const Claim& claim = claims.front();
  const CheckpointEntry* entry = checkpoint_->Find(claim.key);
  if (!entry && HasNoElements(declared)) {
    auto empty = std::make_unique<EmptyVariable>();
    empty->dtype = dtype;
    empty->dims = *declared;
    return std::unique_ptr<Variable>(std::move(empty));
  }
  if (!entry)
    return Error(Code::kUnboundVariable, "the " + std::string(claim.route) + " binds the variable to '" + claim.key +
                                             "', which the checkpoint does not hold").File(checkpoint_->index().path());
  TFLOWER_CHECK(CheckAgreement(node, claims));

  TFLOWER_TRY(Box wanted, ParseSliceSpec(claim.slice, entry->dims));
  TFLOWER_TRY(StoredTensor stored, FindStored(*checkpoint_, *entry, std::move(wanted)));
  if (entry->dtype != dtype)
    return checkpoint_->Malformed(*entry, "the variable is " + std::string(DataTypeName(dtype)) + ", the stored tensor " +
                                              std::string(DataTypeName(entry->dtype)));
  if (DeclaresShape(node) && !Fits(declared, stored.wanted.length))
    return checkpoint_->Malformed(*entry, "the stored tensor's shape is not the variable's");
  auto variable = std::make_unique<StoredVariable>(*checkpoint_, std::move(stored));
  variable->dtype = dtype;
  variable->dims = variable->StoredDims();
  variable->checkpoint_key = claim.key;
  return std::unique_ptr<Variable>(std::move(variable));
}

// All claims must name equal contents: Keras stores each weight twice, so that keys may differ.
Status VariableTable::CheckAgreement(const Node& node, const std::vector<Claim>& claims) const {
  const Claim& first = claims.front();
  const CheckpointEntry* entry = checkpoint_->Find(first.key);
  for (const Claim& claim : claims) {
    if (claim.key == first.key && claim.slice == first.slice) continue;
    const CheckpointEntry* other = checkpoint_->Find(claim.key);
    const bool comparable = other && entry->slices.empty() && other->slices.empty() && claim.slice.empty() && first.slice.empty();
    if (comparable && other->crc == entry->crc && other->size == entry->size && other->dtype == entry->dtype) continue;
    return Error(Code::kInvalidGraph, "the " + std::string(first.route) + " gives the variable the value '" + first.key + "', the " +
                                          claim.route + " gives it '" + claim.key + "', and they differ")
        .Op(node.op).Node(node.name);
  }
  return Ok();
}

}  // namespace tflower::tf
