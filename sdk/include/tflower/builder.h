// Builder: makes operators and constants of the target graph. Types come from the operator's kernel the moment it is emitted; operators
// whose inputs are all constants fold away. What a callback makes is kept only if it returns ok. Not thread-safe; lives for one callback.
#pragma once

#include <array>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "tflower/node.h"

namespace tflower {

// Elements of an integer value, known or not. Equal keys mean equal at run time.
struct Elements {
  std::span<const int64_t> values;
  std::span<const uint8_t> known;
  std::span<const uint64_t> keys;
  bool all_known() const { return std::all_of(known.begin(), known.end(), [](uint8_t k) { return k != 0; }); }
};

// A list of tensors of one type and shape; see tflower_list.
struct TensorList {
  DType dtype = DType::kNone;
  std::optional<std::vector<int64_t>> element_dims;  // nothing: not known yet; -1 = not known before run time
  Value items;                                       // [length, element dims...]; null: nothing was written yet
  Value length;                                      // int32 scalar; not needed in a list to be made from items
  bool grows = false;                                // a write behind its end makes it longer
};

class Builder {
 public:
  explicit Builder(tflower_lower_ctx* ctx) : ctx_(ctx) {}

  // ---- constants
  template <class T>
  Result<Value> Constant(std::span<const int64_t> dims, std::span<const T> data) {
    return ConstantBytes(DTypeOf<T>::value, dims, data.data(), data.size_bytes());
  }
  Result<Value> ConstantBytes(DType dtype, std::span<const int64_t> dims, const void* data, size_t bytes) {
    const tflower_value* out = nullptr;
    const tflower_status s = ctx_->api->constant(ctx_, static_cast<int32_t>(dtype), static_cast<int32_t>(dims.size()), dims.data(), {data, bytes}, &out);
    if (s != TFLOWER_OK) return Reported();
    return Value(out);
  }
  template <class T> Result<Value> Scalar(T x) { return Constant<T>({}, std::span<const T>(&x, 1)); }
  // A scalar of a given numeric dtype, e.g. the 0 of relu on int32.
  Result<Value> ScalarOf(DType dtype, double x) {
    Result<Value> out = Error(Code::kUnsupportedType, "no scalar constant of type " + std::string(NameOf(dtype)));
    VisitNumeric(dtype, [&](auto zero) { out = Scalar(static_cast<decltype(zero)>(x)); });
    return out;
  }
  Result<Value> Vector(std::span<const int32_t> x) {
    const int64_t n = static_cast<int64_t>(x.size());
    return Constant<int32_t>(std::span<const int64_t>(&n, 1), x);
  }
  Result<Value> Vector(std::initializer_list<int32_t> x) { return Vector(std::span<const int32_t>(x.begin(), x.size())); }
  Result<Value> Vector(std::span<const int64_t> x) {  // as int32, the index type of TFLite operators
    std::vector<int32_t> narrow;
    for (int64_t v : x) narrow.push_back(static_cast<int32_t>(std::clamp<int64_t>(v, INT32_MIN, INT32_MAX)));
    return Vector(std::span<const int32_t>(narrow));
  }

  // ---- reading
  // Bytes of a constant (TFLite layout). Evaluates lazily folded weights: read what you must, pass on what you can.
  Result<std::span<const std::byte>> Data(const Value& v) {
    tflower_bytes bytes{};
    if (ctx_->api->value_data(ctx_, v.abi(), &bytes) != TFLOWER_OK) return Reported();
    return std::span<const std::byte>(static_cast<const std::byte*>(bytes.data), bytes.size);
  }
  template <class T> Result<std::span<const T>> DataAs(const Value& v) {
    if (v.dtype() != DTypeOf<T>::value) return Error(Code::kUnsupportedType, "is " + std::string(NameOf(v.dtype())) + ", not " + std::string(NameOf(DTypeOf<T>::value)));
    TFLOWER_TRY(const std::span<const std::byte> bytes, Data(v));
    return std::span<const T>(reinterpret_cast<const T*>(bytes.data()), bytes.size() / sizeof(T));
  }
  // Elements of a small integer value; an error when nothing is known about them.
  Result<Elements> ReadElements(const Value& v) {
    tflower_elements e{};
    e.struct_size = sizeof e;
    if (ctx_->api->value_elements(ctx_, v.abi(), &e) != TFLOWER_OK) return Error(Code::kUnsupportedShape, "must be known when converting, but it is computed at run time");
    return Elements{{e.values, e.count}, {e.known, e.count}, {e.keys, e.count}};
  }
  // All elements of an integer constant (int32 or int64); an error that names `what` when one of them is not known.
  Result<std::vector<int64_t>> Ints(const Value& v, std::string_view what) {
    Result<Elements> e = ReadElements(v);
    if (!e.ok()) return std::move(e.error()).What(what);
    if (!e.value().all_known()) return Error(Code::kUnsupportedShape, "must be a constant, but depends on a dynamic dimension").What(what).Hint("fix the dimension with --input-shape or --batch");
    return std::vector<int64_t>(e.value().values.begin(), e.value().values.end());
  }
  Result<int64_t> Int(const Value& v, std::string_view what) {
    TFLOWER_TRY(const std::vector<int64_t> all, Ints(v, what));
    if (all.size() != 1) return Error(Code::kInvalidGraph, "must be a scalar, has " + std::to_string(all.size()) + " elements").What(what);
    return all[0];
  }

  // ---- operators
  // Emits one operator with one output: build.Emit(tfl::Add{}, {x, y}).
  template <class TflOp> Result<Value> Emit(const TflOp& op, std::initializer_list<Value> inputs) { return Emit(op, std::vector<Value>(inputs)); }
  template <class TflOp> Result<Value> Emit(const TflOp& op, std::span<const Value> inputs) {
    TFLOWER_TRY(std::vector<Value> out, EmitAll(op, inputs, 1));
    return out[0];
  }
  template <class TflOp> Result<Value> Emit(const TflOp& op, const std::vector<Value>& inputs) { return Emit(op, std::span<const Value>(inputs)); }
  template <class TflOp> Result<std::vector<Value>> EmitAll(const TflOp& op, std::span<const Value> inputs, int num_outputs) {
    tflower_bytes options{};
    if constexpr (!std::is_empty_v<TflOp>) options = {&op, sizeof(TflOp)};
    return EmitRaw(static_cast<int32_t>(TflOp::kCode), {}, options, inputs, num_outputs);
  }
  // One operator with one output whose type nothing tells but this: build.EmitAs(tfl::Bitcast{}, {x}, DType::kInt32).
  template <class TflOp> Result<Value> EmitAs(const TflOp&, std::initializer_list<Value> inputs, DType dtype) {
    static_assert(std::is_empty_v<TflOp>);
    TFLOWER_TRY(std::vector<Value> out, EmitRaw(static_cast<int32_t>(TflOp::kCode), {}, {}, std::span<const Value>(inputs.begin(), inputs.size()), 1, nullptr, dtype));
    return out[0];
  }
  // A custom operator; options are its custom_options bytes (a flexbuffer, by convention).
  Result<std::vector<Value>> EmitCustom(std::string_view custom_code, std::span<const std::byte> options, std::span<const Value> inputs, int num_outputs) {
    return EmitRaw(static_cast<int32_t>(tfl::Builtin::CUSTOM), custom_code, {options.data(), options.size()}, inputs, num_outputs);
  }
  // The same when the kernel need not be installed here: then the results have these types.
  Result<std::vector<Value>> EmitCustom(std::string_view custom_code, std::span<const std::byte> options, std::span<const Value> inputs, std::span<const tflower_type> types) {
    return EmitRaw(static_cast<int32_t>(tfl::Builtin::CUSTOM), custom_code, {options.data(), options.size()}, inputs, static_cast<int>(types.size()), types.data());
  }

  // ---- loops
  // A WHILE: what its variables, which keep their types, are in the end. condition(variables) gives a bool scalar, body(variables) the next values,
  // as Result; both run at once, and meanwhile this builder makes what goes into the loop, which sees only its variables and what is made there.
  template <class Condition, class Body>
  Result<std::vector<Value>> Loop(std::span<const Value> initial, const Condition& condition, const Body& body) {
    struct Callbacks {
      const Condition& condition;
      const Body& body;
      size_t count;
      Error error = Reported();
      static std::vector<Value> ValuesOf(const tflower_value* const* variables, size_t n) {
        std::vector<Value> out;
        for (size_t i = 0; i < n; ++i) out.emplace_back(variables[i]);
        return out;
      }
      static tflower_status RunCondition(tflower_lower_ctx*, void* user, const tflower_value* const* variables, const tflower_value** result) noexcept {
        auto& self = *static_cast<Callbacks*>(user);
        const Result<Value> v = self.condition(ValuesOf(variables, self.count));
        if (!v.ok()) return self.Fail(v.error());
        *result = v.value().abi();
        return TFLOWER_OK;
      }
      static tflower_status RunBody(tflower_lower_ctx*, void* user, const tflower_value* const* variables, const tflower_value** results) noexcept {
        auto& self = *static_cast<Callbacks*>(user);
        const Result<std::vector<Value>> v = self.body(ValuesOf(variables, self.count));
        if (!v.ok()) return self.Fail(v.error());
        if (v.value().size() != self.count) return self.Fail(Error(Code::kParity, "the body of a loop gives another number of values than it has variables"));
        for (size_t i = 0; i < self.count; ++i) results[i] = v.value()[i].abi();
        return TFLOWER_OK;
      }
      tflower_status Fail(const Error& why) {
        error = why;
        return TFLOWER_ERROR;
      }
    } callbacks{condition, body, initial.size()};
    if (!TFLOWER_HAS(ctx_->api, tflower_lower_api, loop)) return Error(Code::kPluginAbi, "this program is too old for loops that plugins make");
    std::vector<const tflower_value*> in, out(initial.size(), nullptr);
    for (const Value& v : initial) in.push_back(v.abi());
    const tflower_loop loop{sizeof loop, static_cast<uint32_t>(in.size()), in.data(), &callbacks, &Callbacks::RunCondition, &Callbacks::RunBody};
    if (ctx_->api->loop(ctx_, &loop, out.data()) != TFLOWER_OK) return callbacks.error;
    return Callbacks::ValuesOf(out.data(), out.size());
  }

  // ---- lists: operands defined as List()
  Result<Value> MakeList(const TensorList& list) {
    tflower_list abi{};
    abi.struct_size = sizeof abi;
    abi.dtype = static_cast<int32_t>(list.dtype);
    abi.element_rank = list.element_dims ? static_cast<int32_t>(list.element_dims->size()) : -1;
    abi.flags = list.grows ? TFLOWER_LIST_GROWS : 0;
    abi.element_dims = list.element_dims ? list.element_dims->data() : nullptr;
    abi.items = list.items.abi();
    abi.length = list.length.abi();
    const tflower_value* out = nullptr;
    if (ctx_->api->list_make(ctx_, &abi, &out) != TFLOWER_OK) return Reported();
    return Value(out);
  }
  Result<Value> ListOf(const Value& items) { return MakeList({.dtype = items.dtype(), .items = items}); }
  Result<TensorList> ReadList(const Value& list) {
    tflower_list abi{};
    abi.struct_size = sizeof abi;
    if (ctx_->api->list_read(ctx_, list.abi(), &abi) != TFLOWER_OK) return Reported();
    TensorList out{static_cast<DType>(abi.dtype), std::nullopt, Value(abi.items), Value(abi.length), (abi.flags & TFLOWER_LIST_GROWS) != 0};
    if (abi.element_rank >= 0) out.element_dims.emplace(abi.element_dims, abi.element_dims + abi.element_rank);
    return out;
  }
  // The items as one tensor. A list that nothing was written to gets zeros of the shape of `like`, or of its own element shape.
  Result<Value> ListItems(const Value& list, const Value& like = {}) {
    const tflower_value* out = nullptr;
    if (ctx_->api->list_items(ctx_, list.abi(), like.abi(), &out) != TFLOWER_OK) return Reported();
    return Value(out);
  }

  // ---- handles: operands defined as Handle() or WrittenHandle()
  Result<Value> ReadVariable(const Value& handle) {
    const tflower_value* out = nullptr;
    if (ctx_->api->variable_read(ctx_, handle.abi(), &out) != TFLOWER_OK) return Reported();
    return Value(out);
  }
  Status AssignVariable(const Value& handle, const Value& value) {
    if (ctx_->api->variable_assign(ctx_, handle.abi(), value.abi()) != TFLOWER_OK) return Reported();
    return Ok();
  }
  // A table's handle as a tensor in the present subgraph: output `part` of its own lowering.
  Result<Value> HandleTensor(const Value& handle, uint32_t part = 0) {
    const tflower_value* out = nullptr;
    if (ctx_->api->handle_tensor(ctx_, handle.abi(), part, &out) != TFLOWER_OK) return Reported();
    return Value(out);
  }
  // The node that the handle is of, with the attributes of that op's row.
  Result<Node> HandleNode(const Value& handle) {
    const tflower_lowering* row = nullptr;
    const tflower_node* node = nullptr;
    if (ctx_->api->handle_node(ctx_, handle.abi(), &row, &node) != TFLOWER_OK) return Reported();
    return Node(node, row->attrs);
  }

  // ---- rules: what is around the match
  // The operator that gives v; null for constants and inputs of the graph. index: which of its results v is.
  Operator Producer(const Value& v, int* index = nullptr) {
    const tflower_operator* op = nullptr;
    uint32_t result = 0;
    if (!TFLOWER_HAS(ctx_->api, tflower_lower_api, producer) || ctx_->api->producer(ctx_, v.abi(), &op, &result) != TFLOWER_OK) return Operator();
    if (index != nullptr) *index = static_cast<int>(result);
    return Operator(op);
  }
  // The operators that read v, one for each operand; of a value that is read very often, the first few: rules look at neighbours, not at graphs.
  std::vector<Operator> Users(const Value& v) {
    constexpr uint64_t kMost = 16;
    std::vector<Operator> out;
    const tflower_operator* op = nullptr;
    if (!TFLOWER_HAS(ctx_->api, tflower_lower_api, user)) return out;
    while (out.size() < kMost && ctx_->api->user(ctx_, v.abi(), out.size(), &op) == TFLOWER_OK) out.emplace_back(op);
    return out;
  }
  // Graph `index` that op calls: 0 is a WHILE's condition, 1 its body.
  Result<Subgraph> SubgraphOf(const Operator& op, int index) {
    tflower_subgraph graph{};
    graph.struct_size = sizeof graph;
    if (!TFLOWER_HAS(ctx_->api, tflower_lower_api, subgraph) || ctx_->api->subgraph(ctx_, op.abi(), static_cast<uint32_t>(index), &graph) != TFLOWER_OK)
      return Error(Code::kInvalidGraph, "the operator calls no such graph");
    return Subgraph(graph);
  }

  // ---- operators with state
  // The state operand of one operator to be emitted, which holds `initial` whenever that begins.
  Result<Value> State(const Value& initial) { return StateWith(initial, 0); }
  // The same, kept from one invocation to the next; zeros, of the type of `like`, at the first.
  Result<Value> KeptState(const Value& like) { return StateWith(like, TFLOWER_STATE_KEPT); }

  // What the user chose for the conversion, such as "rnn-state"; nothing where that is open.
  std::optional<std::string_view> Option(std::string_view name) {
    tflower_str value{};
    if (!TFLOWER_HAS(ctx_->api, tflower_lower_api, option) || ctx_->api->option(ctx_, {name.data(), name.size()}, &value) != TFLOWER_OK) return std::nullopt;
    return View(value);
  }

  // Bytes of the file in the model's assets folder that a string constant names.
  Result<std::span<const std::byte>> AssetData(const Value& name) {
    tflower_bytes bytes{};
    if (ctx_->api->asset_data(ctx_, name.abi(), &bytes) != TFLOWER_OK) return Reported();
    return std::span<const std::byte>(static_cast<const std::byte*>(bytes.data), bytes.size);
  }

  // ---- results
  Status Bind(int output, const Value& v) {  // lowering: output of the node
    if (ctx_->api->bind(ctx_, static_cast<uint32_t>(output), v.abi()) != TFLOWER_OK) return Reported();
    return Ok();
  }
  Status Bind(int output, const Result<Value>& v) {
    if (!v.ok()) return v.error();
    return Bind(output, v.value());
  }
  // Emits op and binds all of the node's outputs to its results: the whole lowering of most ops.
  template <class TflOp> Status Replace(const Node& node, const TflOp& op, std::initializer_list<Value> inputs) { return Replace(node, op, std::span<const Value>(inputs.begin(), inputs.size())); }
  template <class TflOp> Status Replace(const Node& node, const TflOp& op, std::span<const Value> inputs) {
    TFLOWER_TRY(const std::vector<Value> out, EmitAll(op, inputs, node.num_outputs()));
    for (int i = 0; i < node.num_outputs(); ++i) TFLOWER_CHECK(Bind(i, out[static_cast<size_t>(i)]));
    return Ok();
  }
  // Rule: v takes the place of old.
  Status Substitute(const Value& old, const Value& v) {
    if (ctx_->api->replace(ctx_, old.abi(), v.abi()) != TFLOWER_OK) return Reported();
    return Ok();
  }
  Status Substitute(const Value& old, const Result<Value>& v) {
    if (!v.ok()) return v.error();
    return Substitute(old, v.value());
  }
  void Report(std::string_view line) { ctx_->api->report(ctx_, {line.data(), line.size()}); }
  tflower_lower_ctx* abi() const { return ctx_; }

 private:
  // The host has recorded the reason already; kOk as code tells the trampoline not to record another.
  static Error Reported() { return Error(Code::kOk, ""); }
  Result<Value> StateWith(const Value& initial, uint32_t flags) {
    const tflower_value* out = nullptr;
    if (!TFLOWER_HAS(ctx_->api, tflower_lower_api, state)) return Error(Code::kPluginAbi, "this program is too old for operators with state");
    if (ctx_->api->state(ctx_, initial.abi(), flags, &out) != TFLOWER_OK) return Reported();
    return Value(out);
  }
  Result<std::vector<Value>> EmitRaw(int32_t code, std::string_view custom, tflower_bytes options, std::span<const Value> inputs, int num_outputs,
                                     const tflower_type* types = nullptr, DType dtype = DType::kNone) {
    std::vector<const tflower_value*> in;
    for (const Value& v : inputs) in.push_back(v.abi());
    std::vector<const tflower_value*> out(static_cast<size_t>(num_outputs), nullptr);
    tflower_operator op{};
    op.struct_size = sizeof op;
    op.code = code;
    op.custom_code = {custom.data(), custom.size()};
    op.options = options;
    op.inputs = in.data();
    op.num_inputs = static_cast<uint32_t>(in.size());
    op.num_outputs = static_cast<uint32_t>(num_outputs);
    tflower_value wanted{};
    wanted.struct_size = sizeof wanted;
    wanted.dtype = static_cast<int32_t>(dtype);
    const tflower_value* const wanted_list = &wanted;
    if (dtype != DType::kNone) op.outputs = &wanted_list;
    if (types != nullptr && !TFLOWER_HAS(ctx_->api, tflower_lower_api, emit_custom)) return Error(Code::kPluginAbi, "this program is too old for operators of declared types");
    const tflower_status status = types != nullptr ? ctx_->api->emit_custom(ctx_, &op, types, out.data()) : ctx_->api->emit(ctx_, &op, out.data());
    if (status != TFLOWER_OK) return Reported();
    std::vector<Value> values;
    for (const tflower_value* v : out) values.emplace_back(v);
    return values;
  }

  tflower_lower_ctx* ctx_;
};

}  // namespace tflower
