#include "import/tf_graph.h"

#include <algorithm>

#include "import/graph_impl.h"

namespace tflower::tf {

Graph::Graph(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Graph::Graph(Graph&&) noexcept = default;
Graph& Graph::operator=(Graph&&) noexcept = default;
Graph::~Graph() = default;

const std::string& Graph::path() const { return impl_->path; }
bool Graph::is_saved_model() const { return impl_->saved_model; }
int Graph::producer_version() const { return impl_->producer; }
const std::string& Graph::tensorflow_version() const { return impl_->tensorflow_version; }
const Scope& Graph::main() const { return impl_->main; }
const std::vector<Signature>& Graph::signatures() const { return impl_->signatures; }

Result<const Function*> Graph::FindFunction(std::string_view name) const { return impl_->library.Find(name); }
bool Graph::HasFunction(std::string_view name) const { return impl_->library.Has(name); }
std::vector<std::string_view> Graph::FunctionNames() const { return impl_->library.Names(); }

Result<const Variable*> Graph::FindVariable(std::string_view node_name) const { return impl_->variables->Find(node_name); }

Status Graph::VerifyCheckpoint() const { return impl_->variables->VerifyCheckpoint(); }

const std::string* Graph::FindAsset(std::string_view tensor_or_node) const {
  const auto found = impl_->assets.find(tensor_or_node.substr(0, tensor_or_node.find(':')));
  return found == impl_->assets.end() ? nullptr : &found->second;
}

bool Graph::IsAssetFile(std::string_view path) const {
  return std::ranges::any_of(impl_->assets, [&](const auto& asset) { return asset.second == path; });
}

const Node* Graph::init_op() const { return impl_->init_op.empty() ? nullptr : FindNode(impl_->init_op); }
const OpDef* Graph::FindOpDef(std::string_view op) const { return impl_->ops.Find(op); }

}  // namespace tflower::tf
