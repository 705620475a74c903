#include "coverage/coverage.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "import/known_ops.h"
#include "lower/rows.h"
#include "runtime/exec/host_ops.h"
#include "runtime/plan/find_kernel.h"
#include "sdk/schema/op_table.h"
#include "tflower/dtype.h"

namespace tflower::coverage {
namespace {

// Names separated by spaces. Operators of tflower itself ("tflower.Erf") become builtins by rules.
State StateOf(std::string_view emits) {
  State state = State::kBuiltin;
  for (std::string_view rest = emits; !rest.empty();) {
    const std::string_view name = rest.substr(0, rest.find(' '));
    if (name.starts_with("Flex")) return State::kSelect;
    if (!name.empty() && tfl::FindOp(name) == nullptr && !name.starts_with("tflower.")) state = State::kCustom;
    rest.remove_prefix(std::min(name.size() + 1, rest.size()));
  }
  return state;
}

std::string TypesText(DTypeSet types) {
  std::string out;
  for (int t = 0; t < kNumDTypes; ++t)
    if ((types >> t & 1) != 0) out += (out.empty() ? "" : "|") + std::string(NameOf(static_cast<DType>(t)));
  return out;
}

std::string OperandText(const tflower_operand_def& def, uint32_t i) {
  std::vector<std::string> parts;
  if (def.dtypes != 0) parts.push_back(TypesText(def.dtypes));
  if (def.min_rank == def.max_rank) parts.push_back(fmt::format("rank {}", def.min_rank));
  else if (def.min_rank > 0 || def.max_rank < TFLOWER_MAX_RANK) parts.push_back(fmt::format("rank {} to {}", def.min_rank, def.max_rank));
  if ((def.flags & TFLOWER_OPERAND_CONSTANT) != 0) parts.push_back("constant");
  const bool rest = (def.flags & TFLOWER_OPERAND_VARIADIC) != 0;
  return parts.empty() ? "" : fmt::format("input {}{}: {}", i, rest ? "..." : "", fmt::join(parts, ", "));
}

std::string AttrText(const tflower_attr_def& def) {
  if (def.num_one_of > 0) {
    std::string out;
    for (uint32_t i = 0; i < def.num_one_of; ++i) out += (i == 0 ? "" : "|") + std::string(def.one_of[i]);
    return fmt::format("{}: {}", def.name, out);
  }
  return def.check != nullptr && def.rule != nullptr ? fmt::format("{} {}", def.name, def.rule) : "";
}

// What the row itself allows; the lowering may be stricter.
std::string Limits(const tflower_lowering& row) {
  std::string out;
  const auto add = [&](const std::string& text) { if (!text.empty()) out += (out.empty() ? "" : "; ") + text; };
  for (uint32_t i = 0; i < row.num_inputs; ++i)
    add(OperandText(lower::OperandOf(row, i), i));
  for (uint32_t i = 0; i < row.num_attrs; ++i)
    add(AttrText(*reinterpret_cast<const tflower_attr_def*>(reinterpret_cast<const char*>(row.attrs) + size_t{i} * row.attr_def_size)));
  return out;
}

void SetPlugin(const Provider& provider, Entry& entry) {
  entry.plugin = provider.plugin_id;
  entry.version = provider.plugin_version;
}

Entry OfOp(const Registry& registry, std::string_view op) {
  Entry entry{.op = std::string(op)};
  const Result<LoweringRef> found = registry.FindLowering(op);
  if (!found.ok()) {
    entry.note = found.error().message;
    return entry;
  }
  const tflower_lowering& row = *found.value().row;
  entry.emits = row.emits == nullptr ? "" : row.emits;
  entry.state = StateOf(entry.emits);
  SetPlugin(found.value().provider, entry);
  entry.note = Limits(row);
  return entry;
}

std::optional<Entry> OfComposite(const Registry& registry, std::string_view name) {
  const Result<RuleRef> found = registry.FindComposite(name);
  if (!found.ok()) return std::nullopt;
  const char* emits = found.value().row->emits;
  Entry entry{.op = std::string(name), .emits = emits == nullptr ? "" : emits, .note = "composite function; where the rule declines, its own ops"};
  SetPlugin(found.value().provider, entry);
  entry.state = StateOf(entry.emits);
  return entry;
}

std::vector<Entry> Values(std::map<std::string, Entry, std::less<>> map) {
  std::vector<Entry> out;
  for (auto& [op, entry] : map) out.push_back(std::move(entry));
  return out;
}

// The ops of a graph's signatures, through functions.
class ModelWalk {
 public:
  ModelWalk(const Registry& registry, const tf::Graph& graph) : registry_(registry), graph_(graph) {}

  Result<std::vector<Entry>> Run() {
    std::vector<int32_t> roots;
    for (const tf::Signature& s : graph_.signatures())
      for (const tf::TensorInfo& t : s.outputs) roots.push_back(t.node);
    Scan(graph_.main(), "", std::move(roots));
    while (!functions_.empty()) {
      const std::string name = functions_.back();
      functions_.pop_back();
      TFLOWER_TRY(const tf::Function* f, graph_.FindFunction(name));
      if (AddComposite(*f)) continue;
      std::vector<int32_t> nodes;
      for (const tf::Input& r : f->results) nodes.push_back(r.node);
      Scan(f->body, std::string(f->name) + "/", std::move(nodes));
    }
    return Values(std::move(entries_));
  }

 private:
  bool AddComposite(const tf::Function& f) {
    for (const char* key : {"_implements", "api_implements"}) {
      const tf::Attr* attr = f.Find(key);
      if (attr == nullptr) continue;
      std::string_view name;
      if (const auto text = tf::AttrString(*attr); text.ok()) name = text.value();
      else if (const auto op = tf::AttrFunc(*attr); op.ok()) name = op.value().name;
      std::optional<Entry> entry = OfComposite(registry_, name);
      if (!entry) continue;
      const auto at = entries_.try_emplace(std::string(name), *std::move(entry)).first;
      at->second.nodes.emplace_back(f.name);
      return true;
    }
    return false;
  }

  void Scan(const tf::Scope& scope, const std::string& prefix, std::vector<int32_t> pending) {
    std::set<int32_t> seen;
    while (!pending.empty()) {
      const int32_t index = pending.back();
      pending.pop_back();
      if (index < 0 || !seen.insert(index).second) continue;
      for (const tf::Input& in : scope.nodes()[static_cast<size_t>(index)].inputs) pending.push_back(in.node);
    }
    for (const int32_t index : seen) Add(scope.nodes()[static_cast<size_t>(index)], prefix);
  }

  void Add(const tf::Node& node, const std::string& prefix) {
    const auto call = [&](std::string_view name) { if (graph_.HasFunction(name) && called_.insert(std::string(name)).second) functions_.emplace_back(name); };
    for (const tf::Attr& attr : node.attrs)
      if (!attr.name.starts_with('_')) tf::EachFunctionName(attr, call);
    if (graph_.HasFunction(node.op)) return call(node.op);
    auto at = entries_.find(node.op);
    if (at == entries_.end()) at = entries_.emplace(std::string(node.op), OfOp(registry_, node.op)).first;
    at->second.nodes.push_back(prefix + std::string(node.name));
  }

  const Registry& registry_;
  const tf::Graph& graph_;
  std::map<std::string, Entry, std::less<>> entries_;
  std::vector<std::string> functions_;
  std::set<std::string> called_;
};

}  // namespace

std::string_view StateName(State state) {
  constexpr std::string_view kNames[] = {"builtin", "select", "custom", "missing"};
  return kNames[static_cast<size_t>(state)];
}

std::vector<Entry> TensorflowOps(const Registry& registry) {
  std::set<std::string> names, composites;
  for (const tf::KnownOp& op : tf::KnownOps()) names.emplace(op.name);
  for (const PluginInfo& plugin : registry.Plugins()) {
    names.insert(plugin.lowering_ops.begin(), plugin.lowering_ops.end());
    composites.insert(plugin.composites.begin(), plugin.composites.end());
  }
  std::map<std::string, Entry, std::less<>> entries;
  for (const std::string& op : names) entries.emplace(op, OfOp(registry, op));
  for (const std::string& name : composites)
    if (std::optional<Entry> entry = OfComposite(registry, name)) entries.emplace(name, *std::move(entry));
  return Values(std::move(entries));
}

std::vector<Entry> Operators(const Registry& registry) {
  std::map<std::string, Entry, std::less<>> entries;
  for (const tfl::OpInfo& op : tfl::AllOps()) {
    const std::string_view name = op.name;
    if (op.code == tfl::Builtin::CUSTOM || name.starts_with("PLACEHOLDER")) continue;
    Entry& entry = entries.emplace(name, Entry{.op = std::string(name), .note = op.min_runtime.empty() ? "stock LiteRT has no kernel, either" : "no kernel"}).first->second;
    if (!runtime::IsHostOp(static_cast<int32_t>(op.code))) continue;
    entry.state = State::kBuiltin;
    entry.plugin = runtime::kRuntimeProvider;
    entry.note.clear();
  }
  for (const PluginInfo& plugin : registry.Plugins())
    for (const std::string& name : plugin.kernel_ops) {
      const auto [at, is_new] = entries.try_emplace(name, Entry{.op = name});
      Entry& entry = at->second;
      entry.state = tfl::FindOp(name) != nullptr ? State::kBuiltin : State::kCustom;
      for (const Candidate& c : registry.Explain(name).candidates) {
        if (c.kind != RowKind::kKernel || c.tied) continue;
        if (entry.plugin.empty()) entry.plugin = c.plugin_id, entry.version = c.plugin_version;
        if (entry.emits.empty()) entry.note.clear();
        entry.emits += (entry.emits.empty() ? "" : "; ") + c.detail;
      }
    }
  return Values(std::move(entries));
}

Result<std::vector<Entry>> OfModel(const Registry& registry, const tf::Graph& graph) { return ModelWalk(registry, graph).Run(); }

std::vector<Entry> OfModel(const Registry& registry, const runtime::ModelView& model) {
  const runtime::RegistryKernels kernels(registry);
  std::map<std::string, Entry, std::less<>> entries;
  for (const runtime::SubgraphView& graph : model.subgraphs())
    for (const runtime::OperatorView& op : graph.operators) {
      const Result<Provider> provider = runtime::FindProvider(kernels, graph, op);
      const auto [at, is_new] = entries.try_emplace(std::string(op.name), Entry{.op = std::string(op.name)});
      Entry& entry = at->second;
      const State state = !provider.ok() ? State::kMissing : op.custom_code.empty() ? State::kBuiltin : State::kCustom;
      if (is_new || state == State::kMissing) {  // one use without kernel, and the operator is missing
        entry.state = state;
        SetPlugin(provider.ok() ? provider.value() : Provider{}, entry);
        entry.note = provider.ok() ? "" : provider.error().message;
      }
      entry.nodes.emplace_back(op.outputs.empty() || op.outputs[0] < 0 ? std::string_view(graph.name) : graph.tensors[static_cast<size_t>(op.outputs[0])].name);
    }
  return Values(std::move(entries));
}

}  // namespace tflower::coverage
