// Loops: which frame each node runs in, and each frame as one While node.
//
// A loop variable is Enter -> Merge <- NextIteration; Switch(Merge, LoopCond) sends it to the body or to Exit. The condition is what
// LoopCond needs, the body what the NextIterations need, both up to the Merges, which are the functions' arguments. Enters with
// is_constant are seen in each round: arguments that the body hands on.
#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "import/control_flow_v1.h"
#include "import/tensor_ref.h"

namespace tflower::tf {
namespace {

constexpr int32_t kOutside = 0;  // the graph itself is frame 0
constexpr int32_t kAnyFrame = -1;  // constants that nothing holds back
constexpr int32_t kLost = -2;      // depends on nothing but what cannot be had

struct Frame {
  std::string_view name;
  int32_t parent = -1, depth = 0;
  std::vector<int32_t> nodes;  // that run in it, without those of loops inside
  std::vector<int32_t> exits;
};

// A tensor of the loop that its functions take as an argument.
struct LoopArg {
  int32_t inner = -1;           // Merge, or an Enter that is constant
  int32_t enter = -1;
  int32_t next_iteration = -1;  // -1: handed on as it is
};

Error Broken(std::string why) { return Error(Code::kInvalidGraph, std::move(why)); }
Error Unsupported(std::string why) { return Error(Code::kUnsupportedGraph, std::move(why)).Hint("export the model with TF2 control flow (tf.function)"); }

class Loops {
 public:
  Loops(Draft& draft, MadeUp& made_up) : draft_(draft), made_up_(made_up) { frames_.push_back({}); }

  void Extract() {
    const std::vector<bool> live = draft_.Live();
    const std::vector<int32_t> order = Ordered(draft_, live);
    Resize();
    for (const int32_t node : order) Place(node);
    for (const int32_t node : order) CheckBackEdge(node);
    for (const Input& result : draft_.results) CheckRoot(result);
    for (const Input& result : draft_.control_results) CheckRoot(result);
    for (size_t f = frames_.size() - 1; f > 0; --f) ExtractFrame(static_cast<int32_t>(f));
  }

 private:
  DraftNode& At(int32_t node) { return draft_.nodes[static_cast<size_t>(node)]; }
  int32_t& FrameOf(int32_t node) { return frame_of_[static_cast<size_t>(node)]; }
  Frame& FrameAt(int32_t frame) { return frames_[static_cast<size_t>(frame)]; }
  void Resize() {
    frame_of_.resize(draft_.nodes.size(), kAnyFrame);
    local_.resize(draft_.nodes.size(), {0, 0});
    in_condition_.resize(draft_.nodes.size(), -1);
    arg_of_.resize(draft_.nodes.size(), {-1, 0});
  }
  void Refuse(int32_t node, Error error) { draft_.Refuse(node, std::move(error)); }

  // ---- frames
  // The frame that the node's inputs are in; lost and constant ones are in any.
  int32_t FrameOfInputs(int32_t node) {
    int32_t frame = kAnyFrame;
    bool lost = false;
    for (const auto* edges : {&At(node).inputs, &At(node).controls})
      for (const Input& in : *edges) {
        if (in.node < 0) frame = frame == kAnyFrame ? kOutside : frame;
        if (in.node < 0 || (At(node).flow == FlowOp::kMerge && At(in.node).flow == FlowOp::kNextIteration)) continue;
        const int32_t other = FrameOf(in.node);
        lost = lost || other == kLost;
        if (other < kOutside || other == frame) continue;
        if (frame != kAnyFrame) {
          const auto text = [&](int32_t f) { return f == kOutside ? std::string("outside of loops") : "in the loop '" + std::string(FrameAt(f).name) + "'"; };
          Refuse(node, Broken("its inputs are " + text(frame) + " and " + text(other)));
          return kLost;
        }
        frame = other;
      }
    return frame == kAnyFrame && lost ? kLost : frame;
  }

  void Place(int32_t node) {
    const bool no_inputs = At(node).inputs.empty() && At(node).controls.empty();
    int32_t frame = FrameOfInputs(node);
    if (At(node).problem) frame = kLost;
    else if (no_inputs && At(node).op != "Const") frame = kOutside;
    const FlowOp flow = At(node).flow;
    if (frame == kLost && flow != FlowOp::kNone && !At(node).problem) Lose(node);
    else if (flow == FlowOp::kEnter) frame = EnterFrame(node, std::max(frame, kOutside));
    if (flow == FlowOp::kExit || flow == FlowOp::kNextIteration || flow == FlowOp::kLoopCond) {
      if (frame == kOutside || frame == kAnyFrame) {
        Refuse(node, Broken("is outside of a loop: nothing that it depends on comes from an Enter"));
        frame = kLost;
      }
    }
    if (flow == FlowOp::kExit && frame > kOutside) {
      FrameAt(frame).exits.push_back(node);
      frame = FrameAt(frame).parent;
    }
    FrameOf(node) = frame;
    if (frame > kOutside) FrameAt(frame).nodes.push_back(node);
  }

  // What is left of a node of control flow behind something that cannot be had: it passes that on.
  void Lose(int32_t index) {
    DraftNode& node = At(index);
    const auto lost = std::find_if(node.inputs.begin(), node.inputs.end(), [&](const Input& in) { return in.node >= 0 && FrameOf(in.node) == kLost; });
    if (lost == node.inputs.end()) return Refuse(index, Broken("waits for something that cannot be had"));
    node.inputs = {*lost};
    if (node.flow == FlowOp::kNextIteration) return;  // its Merge must still see what it is
    BecomeIdentity(index);
  }

  // Passes on its first input, which is all that is left of it.
  void BecomeIdentity(int32_t index) {
    DraftNode& node = At(index);
    node.op = "Identity";
    const Attr* t = node.Find("T");
    node.attrs = t != nullptr ? std::span(t, 1) : made_up_.Keep({TypeAttr(made_up_, "T", DataType::kBool)});
    node.flow = FlowOp::kIdentity;
    node.inputs.resize(std::min<size_t>(node.inputs.size(), 1));
  }

  int32_t EnterFrame(int32_t node, int32_t parent) {
    const Attr* attr = At(node).Find("frame_name");
    const Result<std::string_view> name = attr != nullptr ? AttrString(*attr) : Result<std::string_view>(Broken("the node lacks this attribute").What("frame_name"));
    if (!name.ok() || At(node).inputs.size() != 1) {
      Refuse(node, name.ok() ? Broken("must have one input") : name.error());
      return kLost;
    }
    if (FrameAt(parent).depth >= kMaxNestedFlow) {
      Refuse(node, Unsupported("loops are nested deeper than " + std::to_string(kMaxNestedFlow)));
      return kLost;
    }
    const auto [it, is_new] = by_name_.try_emplace({parent, name.value()}, static_cast<int32_t>(frames_.size()));
    if (is_new) frames_.push_back({name.value(), parent, FrameAt(parent).depth + 1, {}, {}});
    return it->second;
  }

  void CheckBackEdge(int32_t node) {
    for (const Input& in : At(node).inputs) {
      if (in.node < 0 || At(in.node).flow != FlowOp::kNextIteration) continue;
      if (At(node).flow != FlowOp::kMerge) return Refuse(node, Broken("reads '" + std::string(At(in.node).name) + "', a value of the next round, but is no Merge"));
      if (FrameOf(node) < kOutside) return Refuse(node, Broken("a loop's Merge must have one Enter and one NextIteration as inputs"));
      if (FrameOf(in.node) != FrameOf(node) && FrameOf(in.node) >= kOutside) return Refuse(node, Broken("its NextIteration '" + std::string(At(in.node).name) + "' is in another loop"));
    }
  }

  void CheckRoot(const Input& root) {
    if (root.node < 0 || FrameOf(root.node) <= kOutside) return;
    Refuse(root.node, Unsupported("is inside of the loop '" + std::string(FrameAt(FrameOf(root.node)).name) + "', so it has many values, none of which is an output").Hint("name what comes out of the loop instead"));
    FrameOf(root.node) = kLost;
  }

  // ---- one loop
  void ExtractFrame(int32_t f) {
    args_.clear();
    ++epoch_;
    int32_t culprit = -1;
    Status found = FindVariables(f, culprit);
    int32_t loop = -1;
    if (found.ok()) loop = MakeWhile(f);
    else loop = draft_.Impossible(culprit, std::move(found.error())).node;
    Resize();
    FrameOf(loop) = FrameAt(f).parent;
    if (FrameAt(f).parent > kOutside) FrameAt(FrameAt(f).parent).nodes.push_back(loop);
    for (const int32_t exit : FrameAt(f).exits) BecomeOutput(exit, loop);
    for (const int32_t node : FrameAt(f).nodes)
      if (!At(node).problem) draft_.Clear(node);
  }

  // Of a node that cannot be had itself.
  Status ErrorOf(int32_t node, int32_t& culprit) const {
    if (node < 0 || !draft_.nodes[static_cast<size_t>(node)].problem) return Ok();
    culprit = node;
    return draft_.problems.at(node);
  }

  // The loop's one LoopCond, and its variables.
  Status FindVariables(int32_t f, int32_t& culprit) {
    loop_cond_ = -1;
    culprit = FrameAt(f).nodes.empty() ? FrameAt(f).exits.front() : FrameAt(f).nodes.front();
    for (const int32_t node : FrameAt(f).nodes) {
      if (At(node).flow == FlowOp::kLoopCond) {
        culprit = node;
        if (loop_cond_ >= 0) return Broken("the loop has another LoopCond, '" + std::string(At(loop_cond_).name) + "'");
        if (At(node).inputs.size() != 1) return Broken("must have one input");
        loop_cond_ = node;
      }
      if (At(node).flow == FlowOp::kMerge) {
        culprit = node;
        TFLOWER_CHECK(FindVariable(f, node, culprit));
      }
    }
    if (loop_cond_ < 0)
      for (const int32_t node : FrameAt(f).nodes)
        if (At(node).flow == FlowOp::kSwitch && At(node).inputs.size() == 2) TFLOWER_CHECK(ErrorOf(At(node).inputs[1].node, culprit));
    if (loop_cond_ < 0) return Broken("its loop '" + std::string(FrameAt(f).name) + "' has no LoopCond, so nothing ends it");
    return Ok();
  }

  Status FindVariable(int32_t f, int32_t merge, int32_t& culprit) {
    const auto is_next = [&](const Input& in) { return in.node >= 0 && At(in.node).flow == FlowOp::kNextIteration; };
    const std::vector<Input>& inputs = At(merge).inputs;
    if (std::none_of(inputs.begin(), inputs.end(), is_next)) return Ok();  // of a conditional
    if (inputs.size() != 2 || (is_next(inputs[0]) && is_next(inputs[1]))) return Broken("a loop's Merge must have one Enter and one NextIteration as inputs");
    const Input &first = is_next(inputs[0]) ? inputs[1] : inputs[0], &next = is_next(inputs[0]) ? inputs[0] : inputs[1];
    TFLOWER_CHECK(ErrorOf(first.node, culprit));
    TFLOWER_CHECK(ErrorOf(next.node, culprit));
    if (first.node < 0 || At(first.node).flow != FlowOp::kEnter || FrameOf(first.node) != f) return Broken("a loop's Merge must have one Enter and one NextIteration as inputs");
    if (At(next.node).inputs.size() != 1) return Broken("its NextIteration '" + std::string(At(next.node).name) + "' must have one input");
    AddArg({merge, first.node, next.node});
    return Ok();
  }

  int32_t AddArg(LoopArg arg) {
    arg_of_[static_cast<size_t>(arg.inner)] = {epoch_, static_cast<int32_t>(args_.size())};
    args_.push_back(arg);
    return static_cast<int32_t>(args_.size() - 1);
  }
  int32_t ArgOf(int32_t node) const {
    const auto& [epoch, arg] = arg_of_[static_cast<size_t>(node)];
    return epoch == epoch_ ? arg : -1;
  }

  int32_t MakeWhile(int32_t f) {
    DraftNode loop;
    loop.op = "While";
    loop.name = LoopName(f);
    Draft condition, body;
    frame_ = f;
    cond_stamp_ = f;
    Region region(*this, condition, true);
    condition.results.push_back(region.Take(At(loop_cond_).inputs[0]));
    for (const int32_t node : FrameAt(f).nodes)  // what waits with the loop's own nodes is done in each round
      if (node == loop_cond_ || (At(node).flow == FlowOp::kMerge && ArgOf(node) >= 0) || IsLoopSwitch(node)) region.TakeControls(At(node).controls);
    for (const int32_t exit : FrameAt(f).exits) region.TakeControls(At(exit).controls);
    region.Fill();

    Region inner(*this, body, false);
    const size_t variables = args_.size();
    for (size_t i = 0; i < variables; ++i) {
      if (args_[i].next_iteration < 0) {
        body.results.push_back(ArgumentOf(static_cast<int32_t>(i)));
        continue;
      }
      body.results.push_back(inner.Take(At(args_[i].next_iteration).inputs[0]));
      inner.TakeControls(At(args_[i].next_iteration).controls);
    }
    inner.Fill();
    for (size_t i = variables; i < args_.size(); ++i) body.results.push_back(ArgumentOf(static_cast<int32_t>(i)));

    for (size_t i = 0; i < args_.size(); ++i) {
      const DraftNode& enter = At(args_[i].enter);
      loop.inputs.push_back(enter.inputs[0]);
      loop.controls.insert(loop.controls.end(), enter.controls.begin(), enter.controls.end());
      condition.args.push_back({made_up_.Keep("arg" + std::to_string(i)), ArgType(args_[i].enter), {}, {}, {}});
    }
    body.args = condition.args;
    std::vector<Attr> attrs;
    for (auto [draft, what] : {std::pair{&condition, "cond"}, std::pair{&body, "body"}}) {
      const std::string_view name = made_up_.Keep(made_up_.FreeName(std::string(loop.name) + "_" + what));
      attrs.push_back(FunctionAttr(made_up_, what, name));
      ExtractConditionals(*draft, made_up_);
      AddFunction(std::move(*draft), name, made_up_);
    }
    loop.attrs = made_up_.Keep(std::move(attrs));
    return draft_.Add(std::move(loop));
  }

  std::string_view LoopName(int32_t f) {
    const std::string_view name = PrefixOf(At(loop_cond_).name);
    return name.empty() ? FrameAt(f).name : name;
  }

  DataType ArgType(int32_t enter) {
    if (At(enter).op.starts_with("Ref")) return DataType::kResource;
    return draft_.TypeOf(At(enter).inputs[0]) == DataType::kResource ? DataType::kResource : draft_.TypeOf(TensorOf(enter));
  }

  bool IsLoopSwitch(int32_t node) {
    if (At(node).flow != FlowOp::kSwitch || At(node).inputs.size() != 2 || At(node).op == "_SwitchN") return false;
    Input pred = At(node).inputs[1];
    for (int steps = 0; steps < 8 && pred.node >= 0 && At(pred.node).flow == FlowOp::kIdentity && At(pred.node).inputs.size() == 1; ++steps) pred = At(pred.node).inputs[0];
    return pred.node >= 0 && pred.node == loop_cond_;
  }

  // Exit -> an output of the While.
  void BecomeOutput(int32_t exit, int32_t loop) {
    DraftNode& node = At(exit);
    if (node.problem) return;
    Input out = TensorOf(loop);
    if (!At(loop).problem) {
      Input from = node.inputs.size() == 1 ? node.inputs[0] : Input();
      if (from.node >= 0 && IsLoopSwitch(from.node) && from.output == 0) from = At(from.node).inputs[0];
      else from.node = -1;
      const bool lost = from.node >= 0 && At(from.node).problem;
      const int32_t arg = from.node >= 0 && from.output == 0 ? ArgOf(from.node) : -1;
      if (arg < 0 && !lost) return Refuse(exit, Unsupported("leaves its loop with a value that is no loop variable: its input must be Switch:0 of a loop's Merge and LoopCond"));
      out = lost ? from : TensorOf(loop, arg);
    }
    node.inputs = {out};
    node.controls.clear();
    BecomeIdentity(exit);
  }

  // ---- the nodes of a condition or body
  class Region {
   public:
    Region(Loops& loops, Draft& out, bool is_condition) : l_(loops), out_(out), is_condition_(is_condition), stamp_(++loops.region_stamp_) {}

    // The tensor as the function sees it; its node is filled in later.
    Input Take(Input in) {
      while (in.node >= 0 && l_.IsLoopSwitch(in.node)) {
        if (is_condition_ || in.output != 1) return Impossible(in.node, Broken(is_condition_ ? "the loop's condition depends on what it decides" : "the loop's body takes the value that leaves the loop"));
        in = l_.At(in.node).inputs[0];
      }
      if (in.node < 0) return Impossible(l_.loop_cond_, Broken("the loop uses a function's argument without Enter"));
      if (const int32_t arg = l_.ArgOf(in.node); arg >= 0) {
        if (in.output == 0) return ArgumentOf(arg);
        return Impossible(in.node, Unsupported("whether this is the loop's first round is not known"));
      }
      if (l_.At(in.node).flow == FlowOp::kEnter && l_.FrameOf(in.node) == l_.frame_) return TakeEnter(in.node);
      Input out = in;
      out.node = LocalOf(in.node);
      return out;
    }

    void TakeControls(const std::vector<Input>& controls) {
      for (const Input& in : controls)
        if (Input out; TakeControl(in, out)) out_.control_results.push_back(out);
    }

    void Fill() {
      for (size_t i = 0; i < originals_.size(); ++i) {
        const int32_t original = originals_[i];
        DraftNode node = l_.At(original);
        std::vector<Input> inputs, controls;
        for (const Input& in : node.inputs) inputs.push_back(Take(in));
        for (const Input& in : node.controls)
          if (Input out; TakeControl(in, out)) controls.push_back(out);
        node.inputs = std::move(inputs);
        node.controls = std::move(controls);
        if (node.flow == FlowOp::kLoopCond) {
          node.op = "Identity";
          node.attrs = l_.made_up_.Keep({TypeAttr(l_.made_up_, "T", DataType::kBool)});
          node.flow = FlowOp::kIdentity;
        }
        if (node.problem) out_.problems.emplace(static_cast<int32_t>(i), l_.draft_.problems.at(original));
        if (is_condition_) l_.in_condition_[static_cast<size_t>(original)] = l_.cond_stamp_;
        Slot(static_cast<int32_t>(i)) = std::move(node);
      }
    }

   private:
    DraftNode& Slot(int32_t i) {
      if (out_.nodes.size() <= static_cast<size_t>(i)) out_.nodes.resize(static_cast<size_t>(i) + 1);
      return out_.nodes[static_cast<size_t>(i)];
    }
    int32_t LocalOf(int32_t node) {
      auto& [stamp, local] = l_.local_[static_cast<size_t>(node)];
      if (stamp != stamp_) {
        stamp = stamp_;
        local = static_cast<int32_t>(originals_.size());
        originals_.push_back(node);
      }
      return local;
    }
    Input TakeEnter(int32_t enter) {
      const Attr* attr = l_.At(enter).Find("is_constant");
      const Result<bool> constant = attr != nullptr ? AttrBool(*attr) : Result<bool>(false);
      if (constant.ok() && constant.value()) return ArgumentOf(l_.AddArg({enter, enter, -1}));
      return Impossible(enter, Unsupported("is neither constant nor the start of a loop variable: only the loop's first round would see it"));
    }
    // What the loop itself does first, and in the body what its condition did, is over when the function runs.
    bool TakeControl(const Input& in, Input& out) {
      if (in.node < 0 || l_.ArgOf(in.node) >= 0 || l_.IsLoopSwitch(in.node) || in.node == l_.loop_cond_) return false;
      if (l_.At(in.node).flow == FlowOp::kEnter) return false;
      if (!is_condition_ && l_.in_condition_[static_cast<size_t>(in.node)] == l_.cond_stamp_) return false;
      out = in;
      out.node = LocalOf(in.node);
      out.output = kControl;
      return true;
    }
    Input Impossible(int32_t culprit, Error error) {
      const int32_t node = l_.draft_.Impossible(culprit, std::move(error)).node;
      l_.Resize();
      return TensorOf(LocalOf(node));
    }

    Loops& l_;
    Draft& out_;
    bool is_condition_;
    int32_t stamp_;
    std::vector<int32_t> originals_;  // by number in the function
  };

  Draft& draft_;
  MadeUp& made_up_;
  std::vector<Frame> frames_;
  std::map<std::pair<int32_t, std::string_view>, int32_t> by_name_;
  std::vector<int32_t> frame_of_;                       // of what the node gives, by node
  std::vector<std::pair<int32_t, int32_t>> local_;      // by node: stamp of the region, number in it
  std::vector<std::pair<int32_t, int32_t>> arg_of_;     // by node: epoch of the loop, argument
  std::vector<int32_t> in_condition_;                   // by node: the frame whose condition it is part of
  std::vector<LoopArg> args_;                           // of the loop at hand
  int32_t loop_cond_ = -1, frame_ = 0, epoch_ = 0, cond_stamp_ = -1, region_stamp_ = 0;
};

}  // namespace

void ExtractLoops(Draft& draft, MadeUp& made_up) { Loops(draft, made_up).Extract(); }

}  // namespace tflower::tf
