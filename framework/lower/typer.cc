// Typer: shape inference and constant folding by the operators' own kernels.
#include "lower/typer.h"

#include <algorithm>
#include <cstring>

#include "export/op_version.h"
#include "lower/remedies.h"
#include "runtime/exec/one_op.h"
#include "sdk/schema/op_table.h"

namespace tflower::lower {
namespace {

// Contents up to this size are shape-like: kernels see them in infer, and folding them is done at once.
constexpr uint64_t kSmallBytes = 64 << 10;
// A fold that makes more than this, and much more than it read, stays an operator: files must not blow up.
constexpr uint64_t kBlowUpBytes = 1 << 20;

runtime::OpName NameFor(const EmitRequest& r) {
  const tfl::OpInfo* info = tfl::FindOp(r.code);
  return {r.custom_code.empty() && info != nullptr ? std::string_view(info->name) : r.custom_code, r.node};
}

// Input tensors of one world. Lives while the call runs.
class Operands {
 public:
  explicit Operands(size_t n) : types_(n), tensors_(n), pointers_(n, nullptr) {}

  // Data is given where it is known and small, or, with `all_data`, wherever it is known.
  Status Fill(const std::vector<ir::Value*>& inputs, int world, bool all_data) {
    for (size_t i = 0; i < inputs.size(); ++i) {
      const ir::Value* v = inputs[i];
      if (v == nullptr) continue;
      runtime::TensorType& type = types_[i];
      type = runtime::EmptyType();
      type.dtype = static_cast<int32_t>(v->dtype);
      type.rank = static_cast<int32_t>(v->dims.size());
      for (size_t d = 0; d < v->dims.size(); ++d) type.dims[d] = v->dims[d].samples[world];
      std::span<const std::byte> bytes;
      uint32_t flags = 0;
      if (v->constant) {
        flags = TFLOWER_TENSOR_CONSTANT;
        if (all_data || (v->constant->size_bytes() <= kSmallBytes && v->constant->is_ready())) {
          TFLOWER_TRY(bytes, v->constant->Bytes());
        }
      } else if (v->symbolic) {
        bytes = v->symbolic->world[world];
        flags = TFLOWER_TENSOR_CONSTANT;
      }
      tensors_[i] = runtime::MakeTensor(type, bytes.data() == nullptr ? nullptr : const_cast<std::byte*>(bytes.data()), bytes.size(), flags);
      tensors_[i].scale = v->scale.data();
      tensors_[i].zero_point = v->zero_point.data();
      tensors_[i].quant_count = static_cast<uint32_t>(v->scale.size());
      tensors_[i].quant_axis = v->quant_axis;
      pointers_[i] = &tensors_[i];
    }
    return Ok();
  }
  std::span<const tflower_tensor* const> pointers() const { return pointers_; }

 private:
  std::vector<runtime::TensorType> types_;
  std::vector<tflower_tensor> tensors_;
  std::vector<const tflower_tensor*> pointers_;
};

bool DependsOnWorld(const EmitRequest& r) {
  return std::any_of(r.inputs.begin(), r.inputs.end(), [](const ir::Value* v) { return v != nullptr && !v->constant && (v->symbolic || !v->is_static()); });
}

}  // namespace

struct Typer::Typed {
  KernelRef kernel;
  int32_t version = 1;
  int worlds = 1;
  std::vector<DType> dtypes;
  std::vector<std::vector<ir::Dim>> dims;
  bool data_dependent = false;  // some dim depends on contents that are not known

  runtime::OneOp Call(const EmitRequest& r, const Operands& operands) const {
    runtime::OneOp op;
    op.kernel = kernel.row;
    op.code = r.code;
    op.version = version;
    op.custom_code = r.custom_code;
    op.options = r.options;
    op.inputs = operands.pointers();
    op.num_outputs = r.num_outputs;
    op.name = NameFor(r);
    return op;
  }
};

ir::Value* Typer::AddConstant(ir::Subgraph& graph, ir::ConstantRef constant) {
  ir::Value* v = graph.NewValue();
  v->dtype = constant->dtype();
  for (int64_t d : constant->dims()) v->dims.push_back(d);
  v->constant = std::move(constant);
  return v;
}

Result<KernelRef> Typer::FindKernel(const EmitRequest& r, int32_t version) {
  std::vector<int32_t> dtypes;
  for (const ir::Value* v : r.inputs) dtypes.push_back(v == nullptr ? -1 : static_cast<int32_t>(v->dtype));
  std::string key(r.custom_code);
  key.append(reinterpret_cast<const char*>(dtypes.data()), dtypes.size() * sizeof(int32_t));
  key += '|';
  key.append(reinterpret_cast<const char*>(r.output_dtypes.data()), r.output_dtypes.size() * sizeof(int32_t));
  key.append(reinterpret_cast<const char*>(&r.code), sizeof r.code);
  key.append(reinterpret_cast<const char*>(&version), sizeof version);
  if (const auto it = kernels_.find(key); it != kernels_.end()) return it->second;
  KernelQuery query;
  query.code = r.code;
  query.custom_code = r.custom_code;
  query.version = version;
  query.input_dtypes = dtypes;
  query.output_dtypes = r.output_dtypes;
  Result<KernelRef> kernel = registry_.FindKernel(query);
  if (kernel.ok()) kernels_.emplace(std::move(key), kernel.value());
  return kernel;
}

// What the operands could be for the operator to take them in all worlds.
void Typer::ProposeRemedy(const EmitRequest& r) {
  const auto helps = [&](const Substitution& substitution) {
    if (!symbols_.CanChoose(substitution)) return false;
    std::vector<std::unique_ptr<ir::Value>> values;
    EmitRequest trial = r;
    for (ir::Value*& v : trial.inputs) if (v != nullptr) v = values.emplace_back(Substituted(*v, substitution)).get();
    return InferWorlds(trial).ok();
  };
  for (Remedy& remedy : RemediesFor(r.inputs)) {
    if (!helps(remedy.take) || (!remedy.unless.empty() && helps(remedy.unless))) continue;
    // What it names in addition, because it stood beside the one that matters, stays open.
    for (size_t i = remedy.take.size(); remedy.unless.empty() && remedy.take.size() > 1 && i-- > 0;) {
      Substitution less = remedy.take;
      less.erase(less.begin() + static_cast<std::ptrdiff_t>(i));
      if (helps(less)) remedy.take = std::move(less);
    }
    return symbols_.Propose(r.node, std::move(remedy.take));
  }
  symbols_.Propose(r.node, {});
}

Result<Typer::Typed> Typer::Infer(const EmitRequest& r) {
  rank_depends_ = false;
  Result<Typed> typed = InferWorlds(r);
  if (!typed.ok()) {
    if (DependsOnWorld(r) && !rank_depends_) ProposeRemedy(r);  // ranks that differ are no contradiction
    return typed;
  }
  uint64_t structure = 0;
  for (auto& dims : typed.value().dims)
    for (ir::Dim& d : dims)
      if (*std::min_element(d.samples.begin(), d.samples.end()) < 0) {
        if (structure == 0) structure = StructureOf(r, typed.value(), ir::Options::Copy(r.code, r.options).get());
        d = symbols_.Fresh(structure + static_cast<uint64_t>(&d - dims.data()) + 16 * static_cast<uint64_t>(&dims - typed.value().dims.data()));
        typed.value().data_dependent = true;
      }
  return typed;
}

// Two operators that compute the same give the same number of elements, however often the model says it. Odd: by what it is; even: like no other.
uint64_t Typer::StructureOf(ir::Value* v) {
  if (v == nullptr) return 1;
  if (v->structure != 0) return v->structure;
  std::string key;
  if (v->constant && v->constant->AppendKey(key, kSmallBytes)) return v->structure = std::hash<std::string>()(key) | 1;
  return v->structure = NewStructure();
}

bool Typer::IsPure(const EmitRequest& r, const Typed& typed) { return (typed.kernel.row->flags & TFLOWER_KERNEL_IMPURE) == 0 && r.num_outputs != 0; }

uint64_t Typer::StructureOf(const EmitRequest& r, const Typed& typed, const ir::Options* options) {
  if (!IsPure(r, typed)) return NewStructure();
  std::string key(r.custom_code);
  const auto add = [&key](uint64_t x) { key.append(reinterpret_cast<const char*>(&x), sizeof x); };
  add(static_cast<uint64_t>(r.code));
  for (const DType dtype : typed.dtypes) add(static_cast<uint64_t>(dtype));  // nothing else tells what BITCAST gives
  for (ir::Value* v : r.inputs) add(StructureOf(v));
  if (options != nullptr) options->AppendKey(key);
  return std::hash<std::string>()(key) | 1;
}

// Dims that depend on contents which are not known stay negative.
Result<Typer::Typed> Typer::InferWorlds(const EmitRequest& r) {
  Typed typed;
  typed.version = exporter::OperatorVersion(r.code, r.options, r.inputs, {});
  TFLOWER_TRY(typed.kernel, FindKernel(r, typed.version));
  typed.worlds = DependsOnWorld(r) ? ir::kWorlds : 1;
  typed.dtypes.resize(r.num_outputs);
  typed.dims.resize(r.num_outputs);
  Operands operands(r.inputs.size());
  for (int w = 0; w < typed.worlds; ++w) {
    TFLOWER_CHECK(operands.Fill(r.inputs, w, false));
    TFLOWER_TRY(const std::vector<runtime::TensorType> types, runtime::InferOp(typed.Call(r, operands)));
    for (uint32_t o = 0; o < r.num_outputs; ++o) {
      const runtime::TensorType& t = types[o];
      if (w == 0) {
        typed.dtypes[o] = static_cast<DType>(t.dtype);
        typed.dims[o].resize(static_cast<size_t>(t.rank));
      } else if (typed.dims[o].size() != static_cast<size_t>(t.rank)) {
        rank_depends_ = true;
        return Error(Code::kUnsupportedShape, "the rank of output " + std::to_string(o) + " depends on a dynamic dimension").Op(NameFor(r).op).Node(r.node)
            .Hint("fix the dimension with --input-shape or --batch");
      }
      for (int32_t d = 0; d < t.rank; ++d) {
        ir::Dim& dim = typed.dims[o][static_cast<size_t>(d)];
        if (typed.worlds == 1) dim = t.dims[d];
        else dim.samples[w] = t.dims[d];
      }
    }
  }
  return typed;
}

Result<bool> Typer::FoldConstants(ir::Subgraph& graph, const EmitRequest& r, const Typed& typed, std::vector<ir::Value*>& out) {
  uint64_t in_bytes = 0, out_bytes = 0;
  for (const ir::Value* v : r.inputs) in_bytes += v != nullptr ? v->constant->size_bytes() : 0;
  for (uint32_t o = 0; o < r.num_outputs; ++o) {
    const bool strings = typed.dtypes[o] == DType::kString;
    if (BitsOf(typed.dtypes[o]) == 0 && !strings) return false;  // handles
    if (typed.data_dependent) continue;
    // Of strings, at most: each output element may be all that came in.
    const uint64_t elements = strings ? ir::BytesOf(DType::kInt8, typed.dims[o], 0) : 0;
    if (elements != 0 && elements > kBlowUpBytes / (in_bytes + 1)) return false;
    out_bytes += strings ? elements * in_bytes : ir::BytesOf(typed.dtypes[o], typed.dims[o], 0);
  }
  if (out_bytes > kBlowUpBytes && out_bytes / 4 > in_bytes) return false;
  if ((typed.kernel.row->flags & TFLOWER_KERNEL_VIEW) != 0 && !typed.data_dependent) {
    std::vector<int64_t> dims;
    for (const ir::Dim& d : typed.dims[0]) dims.push_back(d.value());
    out.push_back(AddConstant(graph, ir::Constant::Reshaped(r.inputs[0]->constant, std::move(dims))));
    return true;
  }
  const bool small = typed.data_dependent || typed.dtypes[0] == DType::kString || (out_bytes <= kSmallBytes && in_bytes <= 16 * kSmallBytes);
  ir::Thunk thunk{typed.kernel, r.code, typed.version, std::string(r.custom_code), ir::Options::Copy(r.code, r.options), {}, 0, r.num_outputs};
  for (const ir::Value* v : r.inputs) thunk.inputs.push_back(v == nullptr ? nullptr : v->constant);
  if (!small) {
    for (uint32_t o = 0; o < r.num_outputs; ++o) {
      std::vector<int64_t> dims;
      for (const ir::Dim& d : typed.dims[o]) dims.push_back(d.value());
      thunk.output = o;
      out.push_back(AddConstant(graph, ir::Constant::Lazy(typed.dtypes[o], std::move(dims), thunk)));
    }
    return true;
  }
  TFLOWER_TRY(std::vector<runtime::OwnedTensor> results, ir::Evaluate(thunk));
  for (runtime::OwnedTensor& t : results) {
    const std::span<const int64_t> dims = runtime::Shape(t.type);
    out.push_back(AddConstant(graph, ir::Constant::Own(static_cast<DType>(t.type.dtype), {dims.begin(), dims.end()}, std::move(t.data), t.size_bytes)));
  }
  return true;
}

// Contents of small results in every world; a result that is the same in all of them is a constant.
Status Typer::FoldWorlds(ir::Subgraph& graph, const EmitRequest& r, const Typed& typed, std::vector<ir::Value*>& out) {
  for (ir::Value* v : out) v->symbolic = std::make_unique<ir::WorldBytes>();
  Operands operands(r.inputs.size());
  for (int w = 0; w < ir::kWorlds; ++w) {
    TFLOWER_CHECK(operands.Fill(r.inputs, w, true));
    TFLOWER_TRY(const std::vector<runtime::OwnedTensor> results, runtime::EvalOp(typed.Call(r, operands)));
    for (size_t o = 0; o < out.size(); ++o) {
      out[o]->symbolic->world[w].assign(results[o].data.data(), results[o].data.data() + results[o].size_bytes);
    }
  }
  for (ir::Value*& v : out) {
    const auto& world = v->symbolic->world;
    if (!std::all_of(world + 1, world + ir::kWorlds, [&](const auto& b) { return b == world[0]; })) continue;
    // A value of its own: the operator keeps its result, for whoever needs the operator.
    const std::unique_ptr<ir::WorldBytes> bytes = std::move(v->symbolic);
    v = AddConstant(graph, ir::Constant::Copy(v->dtype, v->Shape(), bytes->world[0]));
  }
  return Ok();
}

std::unique_ptr<ir::Operator> Typer::MakeOperator(const EmitRequest& r) {
  auto op = std::make_unique<ir::Operator>();
  op->code = r.code;
  op->custom_code = r.custom_code;
  op->options = ir::Options::Copy(r.code, r.options);
  op->inputs = r.inputs;
  op->node = r.node;
  op->plugin = r.plugin;
  op->rule = r.rule;
  op->order = r.order;
  return op;
}

DeclaredType Typer::Declare(const tflower_type& type) {
  DeclaredType out{static_cast<DType>(type.dtype), type.rank >= 0, {}};
  for (int32_t d = 0; d < type.rank; ++d) out.dims.push_back(type.dims[d] < 0 ? FreshDim() : ir::Dim(type.dims[d]));
  return out;
}

Result<std::vector<ir::Value*>> Typer::EmitDeclared(ir::Subgraph& graph, const EmitRequest& r, std::span<const DeclaredType> types, bool stateful) {
  if (const Result<KernelRef> kernel = FindKernel(r, 1); kernel.ok()) return Emit(graph, r);
  else if (kernel.error().code != Code::kMissingKernel) return kernel.error();
  std::unique_ptr<ir::Operator> op = MakeOperator(r);
  if (stateful) op->effect = ir::Effect::kReads;
  for (const DeclaredType& type : types) {
    ir::Value* v = graph.NewValue();
    v->dtype = type.dtype;
    v->rank = type.ranked ? ir::Rank::kFixed : ir::Rank::kUnknown;
    v->dims = type.dims;
    v->name = r.node;
    op->outputs.push_back(v);
  }
  const std::vector<ir::Value*> out = op->outputs;
  graph.Append(std::move(op));
  return out;
}

Result<std::vector<ir::Value*>> Typer::Emit(ir::Subgraph& graph, const EmitRequest& r) {
  TFLOWER_TRY(const Typed typed, Infer(r));
  const uint32_t flags = typed.kernel.row->flags;
  const bool pure = IsPure(r, typed);
  const bool shape_only = (flags & TFLOWER_KERNEL_SHAPE_ONLY) != 0;
  const bool all_constant = std::all_of(r.inputs.begin(), r.inputs.end(), [](const ir::Value* v) { return v == nullptr || v->is_constant(); });
  const bool open = std::any_of(r.inputs.begin(), r.inputs.end(), [](const ir::Value* v) { return v != nullptr && v->rank == ir::Rank::kOpen; });
  std::vector<ir::Value*> out;
  if (pure && all_constant && !r.state) {
    TFLOWER_TRY(const bool folded, FoldConstants(graph, r, typed, out));
    if (folded) return out;
  }
  std::unique_ptr<ir::Operator> op = MakeOperator(r);
  // What changes a state of its own alone need not wait for others.
  if ((flags & TFLOWER_KERNEL_IMPURE) != 0 && !ir::TakesState(*op)) op->effect = r.num_outputs == 0 ? ir::Effect::kWrites : ir::Effect::kReads;
  const uint64_t structure = StructureOf(r, typed, op->options.get());
  bool small = true;
  for (uint32_t o = 0; o < r.num_outputs; ++o) {
    ir::Value* v = graph.NewValue();
    v->dtype = typed.dtypes[o];
    v->dims = typed.dims[o];
    if (open) v->rank = ir::Rank::kOpen;
    v->state = r.state;
    v->structure = structure + 2 * o;
    v->name = r.node;
    small = small && v->is_static() && BitsOf(v->dtype) != 0 && ir::BytesOf(v->dtype, v->dims, 0) <= kSmallBytes / 2;
    out.push_back(v);
  }
  op->outputs = out;
  const bool known = shape_only || std::all_of(r.inputs.begin(), r.inputs.end(), [](const ir::Value* v) {
    return v == nullptr || v->symbolic || (v->constant && v->constant->size_bytes() <= kSmallBytes);
  });
  if (pure && small && known && !open && !r.state && !typed.data_dependent && !all_constant) TFLOWER_CHECK(FoldWorlds(graph, r, typed, out));
  graph.Append(std::move(op));
  return out;
}

}  // namespace tflower::lower
