// Host side of tflower_lower_api: one callback's view of the target graph, for lowerings, composite rules and pattern rules.
//
// Views handed out stay valid until the object dies. What a failed callback emitted has no users and is swept away by the caller.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <unordered_map>
#include <optional>
#include <string>
#include <vector>

#include "ir/graph.h"
#include "lower/typer.h"
#include "tflower/abi.h"

namespace tflower::lower {

// What a lowering, or a rule for what is being lowered, may ask of the walk over the graph, beyond making operators. Pattern rules have none of it.
class WalkServices {
 public:
  virtual ~WalkServices() = default;
  virtual Result<ir::Value*> ReadVariable(ir::Value* handle) = 0;
  virtual Status AssignVariable(ir::Value* handle, ir::Value* value) = 0;
  virtual Result<ir::Value*> HandleTensor(ir::Value* handle, uint32_t part) = 0;
  struct HandleSite {
    const tflower_lowering* row;
    const tflower_node* node;
  };
  virtual Result<HandleSite> HandleNode(ir::Value* handle) = 0;
  virtual Result<std::span<const std::byte>> ReadAsset(std::string_view path) = 0;
  // Runs `fill` on a new subgraph, which belongs to the model then.
  virtual Result<ir::Subgraph*> InSubgraph(std::string_view name, const std::function<Status(ir::Subgraph&)>& fill) = 0;
};

class LowerContext : public tflower_lower_ctx {
 public:
  // Who is being served, for messages and provenance. order: where new operators go (0 = at the end).
  struct Site {
    std::string_view op, node, plugin, rule;
    uint64_t order = 0;
  };
  using Options = std::map<std::string, std::string, std::less<>>;  // what the user chose, by name
  LowerContext(Typer& typer, ir::Subgraph& graph, Site site, std::vector<std::string>* notes, WalkServices* services = nullptr, const Options* options = nullptr);
  LowerContext(const LowerContext&) = delete;
  LowerContext& operator=(const LowerContext&) = delete;

  const tflower_value* ViewOf(ir::Value* v);
  const tflower_operator* ViewOf(ir::Operator* op);
  static ir::Value* FromView(const tflower_value* view);

  // What the callback did.
  std::vector<ir::Value*> bound;                                    // by output; null = not bound
  std::vector<std::pair<ir::Value*, ir::Value*>> replacements;      // rules
  // After a status other than TFLOWER_OK: the reason, completed with op, node and plugin.
  Error TakeError(tflower_status status);

 private:
  friend struct LowerApi;
  struct ValueView {
    tflower_value abi{};
    ir::Value* value = nullptr;
    std::vector<int64_t> dims;
    std::vector<uint64_t> keys;
  };
  struct ElementsView {
    std::vector<int64_t> values;
    std::vector<uint8_t> known;
    std::vector<uint64_t> keys;
  };
  struct OperatorView {
    tflower_operator abi{};
    std::vector<const tflower_value*> inputs, outputs;
  };
  struct SubgraphView {
    std::vector<const tflower_value*> inputs, outputs;
  };

  tflower_status Record(Error error);
  Status EmitLoop(const tflower_loop& loop, const tflower_value** outputs);
  // Calls back for the condition or the body of a loop, whose graph that is; the results are made its outputs.
  Status FillLoopGraph(ir::Subgraph& graph, const tflower_loop& loop, bool condition);
  Status Elements(ir::Value* v, tflower_elements* out);
  // types: of an operator whose kernel may be missing; null = it must be there.
  Status Emit(const tflower_operator* op, const tflower_type* types, const tflower_value** outputs);

  Typer& typer_;
  ir::Subgraph* graph_;  // that of a loop while its callbacks run
  Site site_;
  std::vector<std::string>* notes_;
  WalkServices* services_;
  const Options* options_;
  std::deque<ValueView> values_;
  std::unordered_map<const ir::Value*, ValueView*> by_value_;
  std::deque<ElementsView> elements_;
  std::deque<OperatorView> operators_;
  std::unordered_map<const ir::Operator*, const tflower_operator*> by_operator_;
  std::unordered_map<const tflower_operator*, ir::Operator*> operator_of_;
  std::deque<SubgraphView> subgraphs_;
  std::optional<Error> error_;
};

}  // namespace tflower::lower
