// LowerContext: the builder behind tflower_lower_api.
#include "lower/host.h"

#include <cstring>

#include "lower/tensor_list.h"
#include "sdk/schema/op_table.h"

namespace tflower::lower {
namespace {

constexpr size_t kMaxElements = 4096;

std::string_view View(tflower_str s) { return {s.data, s.size}; }

int64_t IntAt(DType dtype, std::span<const std::byte> bytes, size_t i) {
  int64_t out = 0;
  VisitNumeric(dtype, [&](auto zero) {
    decltype(zero) x;
    std::memcpy(&x, bytes.data() + i * sizeof x, sizeof x);
    out = static_cast<int64_t>(x);
  });
  return out;
}

// The one element of a string tensor in TFLite's layout (as our own constants are).
Result<std::string_view> SoleString(std::span<const std::byte> packed) {
  int32_t header[3];
  if (packed.size() < sizeof header) return Error(Code::kInvalidGraph, "the file's name is missing");
  std::memcpy(header, packed.data(), sizeof header);
  if (header[0] != 1 || header[1] < 0 || header[2] < header[1] || static_cast<size_t>(header[2]) > packed.size()) return Error(Code::kInvalidGraph, "the file's name is not one string");
  return std::string_view(reinterpret_cast<const char*>(packed.data()) + header[1], static_cast<size_t>(header[2] - header[1]));
}

bool IsIntegral(DType t) {
  switch (t) {
    case DType::kInt32: case DType::kInt64: case DType::kInt8: case DType::kUInt8: case DType::kInt16: case DType::kUInt16: case DType::kUInt32:
    case DType::kBool: return true;
    default: return false;
  }
}

}  // namespace

struct LowerApi {
  static LowerContext& Of(tflower_lower_ctx* ctx) { return *static_cast<LowerContext*>(ctx); }

  static tflower_status Fail(tflower_lower_ctx* ctx, uint32_t code, tflower_str what, tflower_str message, tflower_str hint, tflower_str source) noexcept {
    Error e(static_cast<Code>(code), std::string(View(message)));
    e.what = View(what);
    e.hint = View(hint);
    const tflower_status status = e.code == Code::kDeclined ? TFLOWER_DECLINED : TFLOWER_ERROR;
    if (source.size != 0 && status == TFLOWER_ERROR) e.notes.push_back("raised at " + std::string(View(source)));
    Of(ctx).Record(std::move(e));
    return status;
  }
  static tflower_status ValueData(tflower_lower_ctx* ctx, const tflower_value* view, tflower_bytes* out) noexcept {
    ir::Value* v = LowerContext::FromView(view);
    if (!v->constant) return Of(ctx).Record(Error(Code::kUnsupportedShape, "must be a constant, but it is computed at run time"));
    Result<std::span<const std::byte>> bytes = v->constant->Bytes();
    if (!bytes.ok()) return Of(ctx).Record(std::move(bytes.error()));
    *out = {bytes.value().data(), bytes.value().size()};
    return TFLOWER_OK;
  }
  static tflower_status ValueElements(tflower_lower_ctx* ctx, const tflower_value* view, tflower_elements* out) noexcept {
    return Of(ctx).Elements(LowerContext::FromView(view), out).ok() ? TFLOWER_OK : TFLOWER_DECLINED;
  }
  static tflower_status Constant(tflower_lower_ctx* ctx, int32_t dtype, int32_t rank, const int64_t* dims, tflower_bytes data, const tflower_value** out) noexcept {
    LowerContext& c = Of(ctx);
    const std::span<const std::byte> bytes(static_cast<const std::byte*>(data.data), data.size);
    *out = c.ViewOf(c.typer_.AddConstant(*c.graph_, ir::Constant::Copy(static_cast<DType>(dtype), {dims, dims + rank}, bytes)));
    return TFLOWER_OK;
  }
  static tflower_status Emit(tflower_lower_ctx* ctx, const tflower_operator* op, const tflower_value** outputs) noexcept {
    Status status = Of(ctx).Emit(op, nullptr, outputs);
    return status.ok() ? TFLOWER_OK : Of(ctx).Record(std::move(status.error()));
  }
  static tflower_status EmitCustom(tflower_lower_ctx* ctx, const tflower_operator* op, const tflower_type* types, const tflower_value** outputs) noexcept {
    Status status = Of(ctx).Emit(op, types, outputs);
    return status.ok() ? TFLOWER_OK : Of(ctx).Record(std::move(status.error()));
  }
  static tflower_status Bind(tflower_lower_ctx* ctx, uint32_t index, const tflower_value* value) noexcept {
    LowerContext& c = Of(ctx);
    if (index >= 65536 || value == nullptr) return c.Record(Error(Code::kInternal, "the plugin binds output " + std::to_string(index)));
    if (c.bound.size() <= index) c.bound.resize(index + 1, nullptr);
    c.bound[index] = LowerContext::FromView(value);
    return TFLOWER_OK;
  }
  static tflower_status Replace(tflower_lower_ctx* ctx, const tflower_value* old, const tflower_value* value) noexcept {
    LowerContext& c = Of(ctx);
    ir::Value *a = LowerContext::FromView(old), *b = LowerContext::FromView(value);
    if (a->dtype != b->dtype || a->dims != b->dims)
      return c.Record(Error(Code::kDeclined, "the replacement has another type: " + std::string(NameOf(a->dtype)) + " and " + std::string(NameOf(b->dtype))));
    c.replacements.push_back({a, b});
    return TFLOWER_OK;
  }
  static void Report(tflower_lower_ctx* ctx, tflower_str message) noexcept {
    LowerContext& c = Of(ctx);
    if (c.notes_ != nullptr) c.notes_->push_back(std::string(c.site_.op) + " '" + std::string(c.site_.node) + "': " + std::string(View(message)));
  }
  static tflower_status ListMake(tflower_lower_ctx* ctx, const tflower_list* list, const tflower_value** out) noexcept {
    LowerContext& c = Of(ctx);
    ir::List made;
    made.dtype = static_cast<DType>(list->dtype);
    made.items = LowerContext::FromView(list->items);
    made.length = LowerContext::FromView(list->length);
    made.grows = (list->flags & TFLOWER_LIST_GROWS) != 0;
    const bool sound = made.items != nullptr ? !made.items->dims.empty() : made.length != nullptr && made.length->dtype == DType::kInt32 && made.length->dims.empty();
    if (!sound) return c.Record(Error(Code::kInternal, "the plugin makes a list from neither items nor an int32 scalar as length"));
    if (list->element_rank >= 0) {
      made.element.emplace();
      for (int32_t i = 0; i < list->element_rank; ++i) made.element->push_back(list->element_dims[i] < 0 ? c.typer_.FreshDim() : ir::Dim(list->element_dims[i]));
    }
    *out = c.ViewOf(MakeList(*c.graph_, std::move(made)));
    return TFLOWER_OK;
  }
  static tflower_status ListRead(tflower_lower_ctx* ctx, const tflower_value* view, tflower_list* out) noexcept {
    LowerContext& c = Of(ctx);
    const ir::Value* v = LowerContext::FromView(view);
    if (v->list == nullptr) return c.Record(Error(Code::kInvalidGraph, "is no list of tensors"));
    Result<ir::Value*> length = ListLength(c.typer_, *c.graph_, c.site_.node, *v->list);
    if (!length.ok()) return c.Record(std::move(length.error()));
    std::vector<ir::Dim> dims = v->list->element.value_or(std::vector<ir::Dim>());
    LowerContext::ElementsView& element = c.elements_.emplace_back();
    for (const ir::Dim& d : dims) element.values.push_back(d.value());
    *out = {static_cast<uint32_t>(sizeof *out), static_cast<int32_t>(v->list->dtype), v->list->element ? static_cast<int32_t>(dims.size()) : -1, v->list->grows ? TFLOWER_LIST_GROWS : 0u,
            element.values.data(), c.ViewOf(v->list->items), c.ViewOf(length.value())};
    return TFLOWER_OK;
  }
  static tflower_status ListItemsOf(tflower_lower_ctx* ctx, const tflower_value* view, const tflower_value* like, const tflower_value** out) noexcept {
    LowerContext& c = Of(ctx);
    const ir::Value* v = LowerContext::FromView(view);
    if (v->list == nullptr) return c.Record(Error(Code::kInvalidGraph, "is no list of tensors"));
    Result<ir::Value*> items = ListItems(c.typer_, *c.graph_, c.site_.node, *v->list, LowerContext::FromView(like));
    if (!items.ok()) return c.Record(std::move(items.error()));
    *out = c.ViewOf(items.value());
    return TFLOWER_OK;
  }
  // Runs one of the walk's services on a handle.
  template <class F>
  static tflower_status WithHandle(tflower_lower_ctx* ctx, const tflower_value* view, const F& f) noexcept {
    LowerContext& c = Of(ctx);
    ir::Value* handle = LowerContext::FromView(view);
    if (c.services_ == nullptr) return c.Record(Error(Code::kInternal, "a rule asks for a handle"));
    if (handle == nullptr || !handle->is_handle()) return c.Record(Error(Code::kInvalidGraph, "is no handle of a variable or table"));
    Status status = f(c, handle);
    return status.ok() ? TFLOWER_OK : c.Record(std::move(status.error()));
  }
  static tflower_status VariableRead(tflower_lower_ctx* ctx, const tflower_value* view, const tflower_value** out) noexcept {
    return WithHandle(ctx, view, [&](LowerContext& c, ir::Value* handle) -> Status {
      TFLOWER_TRY(ir::Value * value, c.services_->ReadVariable(handle));
      *out = c.ViewOf(value);
      return Ok();
    });
  }
  static tflower_status VariableAssign(tflower_lower_ctx* ctx, const tflower_value* view, const tflower_value* value) noexcept {
    return WithHandle(ctx, view, [&](LowerContext& c, ir::Value* handle) { return c.services_->AssignVariable(handle, LowerContext::FromView(value)); });
  }
  static tflower_status HandleTensor(tflower_lower_ctx* ctx, const tflower_value* view, uint32_t part, const tflower_value** out) noexcept {
    return WithHandle(ctx, view, [&](LowerContext& c, ir::Value* handle) -> Status {
      TFLOWER_TRY(ir::Value * value, c.services_->HandleTensor(handle, part));
      *out = c.ViewOf(value);
      return Ok();
    });
  }
  static tflower_status HandleNode(tflower_lower_ctx* ctx, const tflower_value* view, const tflower_lowering** row, const tflower_node** node) noexcept {
    return WithHandle(ctx, view, [&](LowerContext& c, ir::Value* handle) -> Status {
      TFLOWER_TRY(const WalkServices::HandleSite site, c.services_->HandleNode(handle));
      *row = site.row;
      *node = site.node;
      return Ok();
    });
  }
  static tflower_status AssetData(tflower_lower_ctx* ctx, const tflower_value* name, tflower_bytes* out) noexcept {
    LowerContext& c = Of(ctx);
    ir::Value* v = LowerContext::FromView(name);
    if (c.services_ == nullptr) return c.Record(Error(Code::kInternal, "a rule asks for an asset"));
    if (!v->constant || v->dtype != DType::kString) return c.Record(Error(Code::kUnsupportedGraph, "the file's name must be a string constant"));
    Result<std::span<const std::byte>> packed = v->constant->Bytes();
    if (!packed.ok()) return c.Record(std::move(packed.error()));
    const Result<std::string_view> path = SoleString(packed.value());
    if (!path.ok()) return c.Record(path.error());
    Result<std::span<const std::byte>> bytes = c.services_->ReadAsset(path.value());
    if (!bytes.ok()) return c.Record(std::move(bytes.error()));
    *out = {bytes.value().data(), bytes.value().size()};
    return TFLOWER_OK;
  }
  static tflower_status Producer(tflower_lower_ctx* ctx, const tflower_value* view, const tflower_operator** op, uint32_t* index) noexcept {
    const ir::Value* v = LowerContext::FromView(view);
    *op = v == nullptr ? nullptr : Of(ctx).ViewOf(v->producer);
    *index = v == nullptr ? 0 : v->output_index;
    return TFLOWER_OK;
  }
  static tflower_status User(tflower_lower_ctx* ctx, const tflower_value* view, uint64_t index, const tflower_operator** op) noexcept {
    const ir::Value* v = LowerContext::FromView(view);
    if (v == nullptr || index >= v->users.size()) return TFLOWER_DECLINED;
    *op = Of(ctx).ViewOf(v->users[index].op);
    return TFLOWER_OK;
  }
  static tflower_status SubgraphOf(tflower_lower_ctx* ctx, const tflower_operator* op, uint32_t index, tflower_subgraph* out) noexcept {
    LowerContext& c = Of(ctx);
    const auto found = c.operator_of_.find(op);
    if (found == c.operator_of_.end() || index >= found->second->bodies.size()) return TFLOWER_DECLINED;
    const ir::Subgraph& graph = *found->second->bodies[index];
    LowerContext::SubgraphView& view = c.subgraphs_.emplace_back();
    for (const ir::SignatureTensor& t : graph.inputs) view.inputs.push_back(c.ViewOf(t.value));
    for (const ir::SignatureTensor& t : graph.outputs) view.outputs.push_back(c.ViewOf(t.value));
    *out = {static_cast<uint32_t>(sizeof *out), static_cast<uint32_t>(view.inputs.size()), static_cast<uint32_t>(view.outputs.size()), 0, view.inputs.data(), view.outputs.data()};
    return TFLOWER_OK;
  }
  static tflower_status State(tflower_lower_ctx* ctx, const tflower_value* initial, uint32_t flags, const tflower_value** out) noexcept {
    LowerContext& c = Of(ctx);
    ir::Value* const v = LowerContext::FromView(initial);
    if (v == nullptr || !v->is_tensor() || v->state) return c.Record(Error(Code::kInvalidGraph, "the plugin makes a state of no tensor"));
    if ((flags & TFLOWER_STATE_KEPT) != 0) {
      if (!v->is_static()) return c.Record(Error(Code::kDeclined, "a state that is kept must have a known shape").Hint("--batch fixes unknown leading dimensions"));
      ir::Value* const kept = c.graph_->NewLike(*v);
      kept->state = true;
      *out = c.ViewOf(kept);
      return TFLOWER_OK;
    }
    EmitRequest from;
    from.node = c.site_.node;
    from.plugin = c.site_.plugin;
    from.rule = c.site_.rule;
    from.order = c.site_.order;
    Result<ir::Value*> state = c.typer_.EmitState(*c.graph_, v, std::move(from));
    if (!state.ok()) return c.Record(std::move(state.error()));
    *out = c.ViewOf(state.value());
    return TFLOWER_OK;
  }
  static tflower_status Option(tflower_lower_ctx* ctx, tflower_str name, tflower_str* out) noexcept {
    const LowerContext& c = Of(ctx);
    if (c.options_ == nullptr) return TFLOWER_DECLINED;
    const auto found = c.options_->find(View(name));
    if (found == c.options_->end()) return TFLOWER_DECLINED;
    *out = {found->second.data(), found->second.size()};
    return TFLOWER_OK;
  }
  static tflower_status Loop(tflower_lower_ctx* ctx, const tflower_loop* loop, const tflower_value** outputs) noexcept {
    Status status = Of(ctx).EmitLoop(*loop, outputs);
    if (status.ok()) return TFLOWER_OK;
    if (status.error().code == Code::kOk) return TFLOWER_ERROR;  // the callback's, which the plugin knows
    return Of(ctx).Record(std::move(status.error()));
  }
  static constexpr tflower_lower_api kApi = {sizeof(tflower_lower_api), TFLOWER_ABI_MINOR, Fail, ValueData, ValueElements, Constant, Emit, Bind, Replace, Report,
                                             ListMake, ListRead, ListItemsOf, VariableRead, VariableAssign, HandleTensor, AssetData, EmitCustom, HandleNode,
                                             Producer, SubgraphOf, State, Option, Loop, User};
};

LowerContext::LowerContext(Typer& typer, ir::Subgraph& graph, Site site, std::vector<std::string>* notes, WalkServices* services, const Options* options)
    : tflower_lower_ctx{&LowerApi::kApi}, typer_(typer), graph_(&graph), site_(site), notes_(notes), services_(services), options_(options) {}

const tflower_value* LowerContext::ViewOf(ir::Value* v) {
  if (v == nullptr) return nullptr;
  ValueView*& slot = by_value_[v];
  if (slot != nullptr) return &slot->abi;
  slot = &values_.emplace_back();
  slot->value = v;
  slot->dims = v->Shape();
  for (const ir::Dim& d : v->dims) slot->keys.push_back(d.key());
  tflower_value& abi = slot->abi;
  abi.struct_size = sizeof abi;
  abi.flags = (v->constant ? TFLOWER_VALUE_CONSTANT : 0u) | (v->symbolic ? TFLOWER_VALUE_ELEMENTS : 0u) | (v->is_handle() ? TFLOWER_VALUE_RESOURCE : 0u) |
              (v->list ? TFLOWER_VALUE_LIST : 0u) | (v->state ? TFLOWER_VALUE_STATE : 0u);
  abi.dtype = static_cast<int32_t>(v->dtype);
  abi.rank = static_cast<int32_t>(v->dims.size());
  abi.dims = slot->dims.data();
  abi.dim_keys = slot->keys.data();
  abi.scale = v->scale.data();
  abi.zero_point = v->zero_point.data();
  abi.quant_count = static_cast<uint32_t>(v->scale.size());
  abi.quant_axis = v->quant_axis;
  abi.users = v->users.size() + v->graph_outputs;
  return &abi;
}

ir::Value* LowerContext::FromView(const tflower_value* view) {
  static_assert(offsetof(ValueView, abi) == 0);
  return view == nullptr ? nullptr : reinterpret_cast<const ValueView*>(view)->value;
}

const tflower_operator* LowerContext::ViewOf(ir::Operator* op) {
  if (op == nullptr) return nullptr;
  const tflower_operator*& known = by_operator_[op];
  if (known != nullptr) return known;
  OperatorView& view = operators_.emplace_back();
  known = &view.abi;
  operator_of_.emplace(known, op);
  for (ir::Value* v : op->inputs) view.inputs.push_back(ViewOf(v));
  for (ir::Value* v : op->outputs) view.outputs.push_back(ViewOf(v));
  view.abi.struct_size = sizeof(tflower_operator);
  view.abi.code = op->code;
  view.abi.custom_code = {op->custom_code.data(), op->custom_code.size()};
  view.abi.options = op->options->bytes();
  view.abi.inputs = view.inputs.data();
  view.abi.num_inputs = static_cast<uint32_t>(view.inputs.size());
  view.abi.outputs = view.outputs.data();
  view.abi.num_outputs = static_cast<uint32_t>(view.outputs.size());
  return &view.abi;
}

tflower_status LowerContext::Record(Error error) {
  if (!error_ || error_->code == Code::kDeclined) error_ = std::move(error);
  return error_->code == Code::kDeclined ? TFLOWER_DECLINED : TFLOWER_ERROR;
}

Error LowerContext::TakeError(tflower_status status) {
  Error e = error_ ? std::move(*error_) : Error(status == TFLOWER_DECLINED ? Code::kDeclined : Code::kInternal, "failed without saying why");
  error_.reset();
  if (e.op != site_.op && !e.op.empty()) {  // an operator that the lowering emitted: keep both names
    e.message = e.op + ": " + (e.what.empty() ? "" : e.what + ": ") + e.message;
    e.what.clear();
  }
  e.op = site_.op;
  e.node = site_.node;
  return e;
}

Status LowerContext::Elements(ir::Value* v, tflower_elements* out) {
  if (!IsIntegral(v->dtype) || (!v->constant && !v->symbolic)) return Error(Code::kDeclined, "unknown contents");
  std::span<const std::byte> world[ir::kWorlds];
  for (int w = 0; w < ir::kWorlds; ++w) {
    if (v->symbolic) {
      world[w] = v->symbolic->world[w];
      continue;
    }
    TFLOWER_TRY(world[w], v->constant->Bytes());
  }
  const size_t n = world[0].size() * 8 / static_cast<size_t>(BitsOf(v->dtype));
  if (n > kMaxElements) return Error(Code::kDeclined, "too many elements");
  ElementsView& view = elements_.emplace_back();
  for (size_t i = 0; i < n; ++i) {
    ir::Dim element;
    for (int w = 0; w < ir::kWorlds; ++w) element.samples[static_cast<size_t>(w)] = IntAt(v->dtype, world[w], i);
    view.values.push_back(element.samples[0]);
    view.known.push_back(element.known());
    view.keys.push_back(element.key());
  }
  *out = {sizeof *out, static_cast<uint32_t>(n), view.values.data(), view.known.data(), view.keys.data()};
  return Ok();
}

Status LowerContext::Emit(const tflower_operator* op, const tflower_type* types, const tflower_value** outputs) {
  if (tfl::FindOp(op->code) == nullptr) return Error(Code::kInternal, "the plugin emits operator code " + std::to_string(op->code) + ", which TFLite does not have");
  EmitRequest request;
  request.code = op->code;
  request.custom_code = View(op->custom_code);
  request.options = op->options;
  for (uint32_t i = 0; i < op->num_inputs; ++i) request.inputs.push_back(FromView(op->inputs[i]));
  request.num_outputs = op->num_outputs;
  for (uint32_t i = 0; op->outputs != nullptr && i < op->num_outputs; ++i) request.output_dtypes.push_back(op->outputs[i]->dtype);
  request.node = site_.node;
  request.plugin = site_.plugin;
  request.rule = site_.rule;
  request.order = site_.order;
  Result<std::vector<ir::Value*>> emitted = Error();
  if (types == nullptr) {
    emitted = typer_.Emit(*graph_, request);
  } else {
    if (op->code != static_cast<int32_t>(tfl::Builtin::CUSTOM)) return Error(Code::kInternal, "the plugin declares the types of an operator that is not CUSTOM");
    std::vector<DeclaredType> declared;
    for (uint32_t i = 0; i < op->num_outputs; ++i) {
      if (types[i].dtype < 0 || types[i].dtype >= kNumDTypes || types[i].rank > TFLOWER_MAX_RANK)
        return Error(Code::kUnsupportedType, "the type of result " + std::to_string(i) + " of " + std::string(request.custom_code) + " is not known");
      declared.push_back(typer_.Declare(types[i]));
    }
    emitted = typer_.EmitDeclared(*graph_, request, declared, false);
  }
  TFLOWER_TRY(const std::vector<ir::Value*> values, std::move(emitted));
  for (uint32_t i = 0; i < op->num_outputs; ++i) outputs[i] = ViewOf(values[i]);
  return Ok();
}

}  // namespace tflower::lower
