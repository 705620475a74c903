// A TensorFlow graph as text.
#include <deque>
#include <set>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "dump/dump.h"

namespace tflower::dump {
namespace {

constexpr size_t kMaxText = 64;  // of one attribute

std::string Shorten(std::string text) {
  if (text.size() > kMaxText) text = text.substr(0, kMaxText) + "...";
  for (char& c : text) if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7f) c = '.';  // serialised protos, too
  return text;
}

std::string ShapeText(const tf::PartialShape& shape) {
  if (!shape) return "[?...]";
  std::string out;
  for (int64_t d : *shape) out += (out.empty() ? "" : ",") + (d < 0 ? "?" : std::to_string(d));
  return "[" + out + "]";
}

template <class T>
std::string ListText(const Result<std::vector<T>>& list) {
  return list.ok() ? Shorten(fmt::format("[{}]", fmt::join(list.value(), ","))) : "?";
}

template <class T>
std::string ScalarText(const Result<T>& value) {
  return value.ok() ? Shorten(fmt::format("{}", value.value())) : "?";
}

std::string ValueText(const tf::Attr& attr) {
  switch (tf::KindOf(attr)) {
    case tf::AttrKind::kInt: return ScalarText(tf::AttrInt(attr));
    case tf::AttrKind::kFloat: return ScalarText(tf::AttrFloat(attr));
    case tf::AttrKind::kBool: return ScalarText(tf::AttrBool(attr));
    case tf::AttrKind::kString: return "\"" + ScalarText(tf::AttrString(attr)) + "\"";
    case tf::AttrKind::kType: {
      const Result<tf::DataType> type = tf::AttrType(attr);
      return type.ok() ? std::string(tf::DataTypeName(type.value())) : "?";
    }
    case tf::AttrKind::kShape: {
      const Result<tf::PartialShape> shape = tf::AttrShape(attr);
      return shape.ok() ? ShapeText(shape.value()) : "?";
    }
    case tf::AttrKind::kFunc: {
      const Result<tf::FuncRef> function = tf::AttrFunc(attr);
      return function.ok() ? Shorten(std::string(function.value().name)) : "?";
    }
    case tf::AttrKind::kTensor: {
      const Result<tf::TensorData> tensor = tf::AttrTensor(attr);
      return tensor.ok() ? fmt::format("{}[{}]", tf::DataTypeName(tensor.value().dtype), fmt::join(tensor.value().dims, ",")) : "?";
    }
    case tf::AttrKind::kList: {
      if (const auto ints = tf::AttrInts(attr); ints.ok()) return ListText(ints);
      if (const auto floats = tf::AttrFloats(attr); floats.ok()) return ListText(floats);
      if (const auto strings = tf::AttrStrings(attr); strings.ok()) return ListText(strings);
      if (const auto types = tf::AttrTypes(attr); types.ok()) {
        std::string out;
        for (tf::DataType t : types.value()) out += (out.empty() ? "" : ",") + std::string(tf::DataTypeName(t));
        return Shorten("[" + out + "]");
      }
      return "[...]";
    }
    default: return "?";
  }
}

class Printer {
 public:
  explicit Printer(const tf::Graph& graph) : graph_(graph) {}

  std::string Run() {
    std::vector<int32_t> roots;
    for (const tf::Signature& s : graph_.signatures()) {
      out_ += fmt::format("signature {}\n", s.key);
      for (const tf::TensorInfo& t : s.inputs) out_ += fmt::format("  in  {}: {}{} = {}\n", t.key, tf::DataTypeName(t.dtype), ShapeText(t.shape), t.name);
      for (const tf::TensorInfo& t : s.outputs) {
        out_ += fmt::format("  out {}: {}{} = {}\n", t.key, tf::DataTypeName(t.dtype), ShapeText(t.shape), t.name);
        roots.push_back(t.node);
      }
    }
    out_ += "\ngraph\n";
    Nodes(graph_.main(), Needed(graph_.main(), std::move(roots)));
    while (!functions_.empty()) {
      const std::string name = functions_.front();
      functions_.pop_front();
      Function(name);
    }
    return std::move(out_);
  }

 private:
  // Nodes that the roots depend on, in the file's order.
  static std::set<int32_t> Needed(const tf::Scope& scope, std::vector<int32_t> pending) {
    std::set<int32_t> seen;
    while (!pending.empty()) {
      const int32_t index = pending.back();
      pending.pop_back();
      if (index < 0 || !seen.insert(index).second) continue;
      const tf::Node& node = scope.nodes()[static_cast<size_t>(index)];
      for (const auto inputs : {node.inputs, node.control_inputs})
        for (const tf::Input& in : inputs) pending.push_back(in.node);
    }
    return seen;
  }

  void Call(std::string_view name) {
    if (graph_.HasFunction(name) && known_.insert(std::string(name)).second) functions_.emplace_back(name);
  }

  void Function(const std::string& name) {
    out_ += fmt::format("\nfunction {}", Shorten(name));
    const Result<const tf::Function*> found = graph_.FindFunction(name);
    if (!found.ok()) {
      out_ += fmt::format(": {}\n", found.error().ToString());
      return;
    }
    const tf::Function& f = *found.value();
    std::vector<std::string_view> args;
    for (const tf::ArgDef& a : f.args) args.push_back(a.name);
    out_ += fmt::format("({})\n", fmt::join(args, ", "));
    for (const tf::Attr& attr : f.attrs)
      if (attr.name.ends_with("implements")) out_ += fmt::format("  {} {}\n", attr.name, ValueText(attr));
    std::vector<int32_t> roots;
    for (const tf::Input& r : f.results) roots.push_back(r.node);
    for (const tf::Input& r : f.control_results) roots.push_back(r.node);
    Nodes(f.body, Needed(f.body, std::move(roots)));
    std::vector<std::string_view> results;
    for (const tf::Input& r : f.results) results.push_back(r.ref);
    out_ += fmt::format("  return {}\n", fmt::join(results, ", "));
  }

  void Nodes(const tf::Scope& scope, const std::set<int32_t>& indices) {
    for (const int32_t index : indices) {
      const tf::Node& node = scope.nodes()[static_cast<size_t>(index)];
      std::vector<std::string_view> inputs;
      for (const tf::Input& in : node.inputs) inputs.push_back(in.ref);
      for (const tf::Input& in : node.control_inputs) inputs.push_back(in.ref);
      out_ += fmt::format("  {} = {}({})", node.name, node.op, fmt::join(inputs, ", "));
      for (const tf::Attr& attr : node.attrs) {
        tf::EachFunctionName(attr, [&](std::string_view name) { Call(name); });
        if (!attr.name.starts_with('_')) out_ += fmt::format(" {}={}", attr.name, ValueText(attr));
      }
      if (graph_.HasFunction(node.op)) Call(node.op);
      out_ += '\n';
    }
  }

  const tf::Graph& graph_;
  std::string out_;
  std::deque<std::string> functions_;
  std::set<std::string> known_;
};

}  // namespace

std::string Text(const tf::Graph& graph) { return Printer(graph).Run(); }

}  // namespace tflower::dump
