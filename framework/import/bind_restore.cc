#include <memory>
#include <optional>
#include <set>

#include "import/binding.h"

namespace tflower::tf {
namespace {

constexpr size_t kMaxSteps = 20'000'000;  // against restore functions that call each other a billion times

// The main graph, or one function as called from one node.
struct Frame {
  const Scope* scope = nullptr;
  const Function* function = nullptr;  // null: the main graph
  const Frame* up = nullptr;
  const Node* call = nullptr;          // in up's scope
};

// The tensor that a reference leads to, once arguments, calls and identities are followed. node null: it leads nowhere.
struct Origin {
  const Node* node = nullptr;
  const Frame* frame = nullptr;
  int32_t output = 0;
};

// RestoreV2's constant inputs.
struct Restore {
  std::vector<std::string_view> names, slices;
};

class Tracer {
 public:
  Tracer(const Scope& main, FunctionLibrary& library, Claims& claims) : library_(library), claims_(claims) { root_.scope = &main; }

  // Everything that the restore op runs: itself, and what it waits for (TF1: a NoOp with control inputs).
  Status Run(const Node& restore_op) {
    std::vector<const Node*> pending{&restore_op};
    std::set<const Node*> seen{&restore_op};
    while (!pending.empty()) {
      const Node& node = *pending.back();
      pending.pop_back();
      TFLOWER_CHECK(Visit(root_, node));
      const auto follow = [&](std::span<const Input> inputs) {
        for (const Input& input : inputs) {
          const Node* next = &root_.scope->nodes()[static_cast<size_t>(input.node)];
          if (seen.insert(next).second) pending.push_back(next);
        }
      };
      if (!IsCall(node)) follow(node.inputs);
      follow(node.control_inputs);
    }
    return Ok();
  }

 private:
  Status Visit(const Frame& frame, const Node& node) {
    TFLOWER_CHECK(Step());
    if (node.op == "AssignVariableOp" || node.op == "Assign") return Assign(frame, node);
    if (!IsCall(node)) return Ok();
    TFLOWER_TRY(const Frame* inner, Enter(frame, node));
    for (const Node& called : inner->scope->nodes()) TFLOWER_CHECK(Visit(*inner, called));
    return Ok();
  }

  Status Assign(const Frame& frame, const Node& node) {
    if (node.inputs.size() < 2) return Error(Code::kInvalidGraph, "the node needs two inputs").Op(node.op).Node(node.name);
    TFLOWER_TRY(const Origin variable, Trace(frame, node.inputs[0]));
    TFLOWER_TRY(const Origin value, Trace(frame, node.inputs[1]));
    if (!variable.node || variable.frame != &root_ || !IsVariable(*variable.node)) return Ok();
    if (!value.node || value.node->op != "RestoreV2") return Ok();  // not from the checkpoint: an asset, an initial value
    TFLOWER_TRY(const Restore* restore, ReadRestore(value));
    const auto output = static_cast<size_t>(value.output);
    if (output >= restore->names.size() || output >= restore->slices.size())
      return Error(Code::kInvalidGraph, "RestoreV2 has no output " + std::to_string(output)).Op("RestoreV2").Node(value.node->name);
    claims_[static_cast<int32_t>(root_.scope->IndexOf(*variable.node))].push_back(
        {std::string(restore->names[output]), std::string(restore->slices[output]), "restore function"});
    return Ok();
  }

  Result<Origin> Trace(const Frame& from, const Input& reference) {
    const Frame* frame = &from;
    Input input = reference;
    for (;;) {
      TFLOWER_CHECK(Step());
      if (input.arg >= 0) {
        if (!frame->up || static_cast<size_t>(input.arg) >= frame->call->inputs.size()) return Origin();
        input = frame->call->inputs[static_cast<size_t>(input.arg)];
        frame = frame->up;
        continue;
      }
      const Node& node = frame->scope->nodes()[static_cast<size_t>(input.node)];
      const auto output = static_cast<size_t>(input.output);
      if ((node.op == "Identity" || node.op == "IdentityN") && output < node.inputs.size()) {
        input = node.inputs[output];
      } else if (IsCall(node)) {
        TFLOWER_TRY(frame, Enter(*frame, node));
        if (output >= frame->function->results.size()) return Origin();
        input = frame->function->results[output];
      } else {
        return Origin{&node, frame, input.output};
      }
    }
  }

  Result<const Frame*> Enter(const Frame& frame, const Node& node) {
    auto& inner = frames_[{&frame, &node}];
    if (inner) return static_cast<const Frame*>(inner.get());
    const Attr* attr = node.Find("f");
    if (!attr) return Error(Code::kInvalidGraph, "the call names no function").Op(node.op).Node(node.name).What("f");
    TFLOWER_TRY(const FuncRef called, AttrFunc(*attr));
    TFLOWER_TRY(const Function* function, library_.Find(called.name));
    inner = std::make_unique<Frame>(Frame{&function->body, function, &frame, &node});
    return static_cast<const Frame*>(inner.get());
  }

  Result<const Restore*> ReadRestore(const Origin& origin) {
    auto& restore = restores_[{origin.frame, origin.node}];
    if (restore) return &*restore;
    const Node& node = *origin.node;
    if (node.inputs.size() < 3) return Error(Code::kInvalidGraph, "the node needs three inputs").Op(node.op).Node(node.name);
    Restore read;
    TFLOWER_TRY(read.names, ConstStrings(*origin.frame, node, 1));
    TFLOWER_TRY(read.slices, ConstStrings(*origin.frame, node, 2));
    restore = std::move(read);
    return static_cast<const Restore*>(&*restore);
  }

  Result<std::vector<std::string_view>> ConstStrings(const Frame& frame, const Node& node, size_t input) {
    constexpr uint64_t kLimitBytes = 256 << 20;
    TFLOWER_TRY(const Origin origin, Trace(frame, node.inputs[input]));
    const Attr* value = origin.node && origin.node->op == "Const" ? origin.node->Find("value") : nullptr;
    if (!value)
      return Error(Code::kInvalidGraph, "RestoreV2 takes names that are not constant")
          .Op(node.op).Node(node.name).What("input " + std::to_string(input));
    TFLOWER_TRY(TensorData tensor, AttrTensor(*value, kLimitBytes));
    if (tensor.dtype != DataType::kString) return Error(Code::kInvalidGraph, "RestoreV2's names are not strings").Op(node.op).Node(node.name);
    return std::move(tensor.strings);
  }

  Status Step() {
    if (++steps_ > kMaxSteps) return Error(Code::kLimit, "the restore function is too large to follow");
    return Ok();
  }

  FunctionLibrary& library_;
  Claims& claims_;
  Frame root_;
  std::map<std::pair<const Frame*, const Node*>, std::unique_ptr<Frame>> frames_;
  std::map<std::pair<const Frame*, const Node*>, std::optional<Restore>> restores_;
  size_t steps_ = 0;
};

}  // namespace

Status BindByRestore(const Scope& main, FunctionLibrary& library, std::string_view restore_op, Claims& claims) {
  const Node* node = main.FindNode(restore_op.substr(0, restore_op.find(':')));
  if (!node) return Ok();
  return Tracer(main, library, claims).Run(*node);
}

}  // namespace tflower::tf
