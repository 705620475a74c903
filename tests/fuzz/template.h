// Template: an operator of a file that runs, with some changes: for operators whose many operands fit together, which random choices never meet.
#pragma once

#include <algorithm>
#include <cstring>
#include <deque>
#include <memory>
#include <span>
#include <vector>

#include "byte_source.h"
#include "runtime/model/dtype.h"
#include "runtime/model/view.h"
#include "sdk/schema/op_table.h"
#include "sdk/schema/options_io.h"
#include "tests/unit/runtime/model_spec.h"

namespace tflower::fuzz {

// What random choices are made with (operator_fuzz.cc).
struct Choices {
  int32_t (*dim)(ByteSource&);
  std::vector<int32_t> (*shape)(ByteSource&, size_t rank);
  runtime::test::Bytes (*contents)(ByteSource&, int dtype, uint64_t bytes);
  void (*scales)(ByteSource&, runtime::test::TensorSpec&);
  void (*option)(ByteSource&, const tfl::FieldInfo&, std::byte* options, std::deque<runtime::test::Bytes>& lists);
};

class Template {
 public:
  // The last operator of the first subgraph, and all in front of it. view must outlive the template.
  Template(const runtime::ModelView& view, const Choices& choices) : view_(view.subgraphs()[0]), choices_(choices) {}

  // The model with up to three changes. lists: owns what options point to.
  runtime::test::ModelSpec Make(ByteSource& in, std::deque<runtime::test::Bytes>& lists) const {
    runtime::test::ModelSpec model;
    runtime::test::SubgraphSpec& main = model.subgraphs.emplace_back();
    for (const runtime::TensorView& tensor : view_.tensors) main.tensors.push_back(SpecOf(tensor));
    main.inputs.assign(view_.inputs.begin(), view_.inputs.end()), main.outputs.assign(view_.outputs.begin(), view_.outputs.end());
    std::byte* options = nullptr;  // the last operator's
    for (const runtime::OperatorView& op : view_.operators) main.ops.push_back(SpecOf(op, lists, options));
    for (int changes = in.Byte() % 4; changes > 0; --changes) Change(in, main, options, lists);
    return model;
  }
  // Of the run-time inputs, in order.
  std::deque<runtime::test::Bytes> Contents(ByteSource& in, const runtime::test::ModelSpec& model) const {
    std::deque<runtime::test::Bytes> contents;
    for (const int32_t input : model.subgraphs[0].inputs) {
      const runtime::test::TensorSpec& tensor = model.subgraphs[0].tensors[static_cast<size_t>(input)];
      contents.push_back(choices_.contents(in, tensor.dtype, SizeOf(tensor)));
    }
    return contents;
  }

 private:
  // 0 when it is unknown, or more than a fuzz target should have.
  static uint64_t SizeOf(const runtime::test::TensorSpec& tensor) {
    constexpr uint64_t kMost = 1 << 16;
    const std::vector<int64_t> dims(tensor.shape.begin(), tensor.shape.end());
    const uint64_t bytes = runtime::ByteSize(tensor.dtype, dims).value_or(0);
    return tensor.dtype == runtime::kString || bytes > kMost ? 0 : bytes;
  }

  static runtime::test::TensorSpec SpecOf(const runtime::TensorView& view) {
    runtime::test::TensorSpec tensor;
    tensor.name = view.name, tensor.dtype = view.dtype, tensor.variable = view.variable, tensor.axis = view.quant.axis;
    for (const int64_t dim : view.shape) tensor.shape.push_back(static_cast<int32_t>(dim));
    const auto* const bytes = reinterpret_cast<const uint8_t*>(view.data.data());
    tensor.data.assign(bytes, bytes + view.data.size());
    tensor.scale.assign(view.quant.scale.begin(), view.quant.scale.end());
    tensor.zero_point.assign(view.quant.zero_point.begin(), view.quant.zero_point.end());
    return tensor;
  }

  static runtime::test::OpSpec SpecOf(const runtime::OperatorView& view, std::deque<runtime::test::Bytes>& lists, std::byte*& own) {
    runtime::test::OpSpec op{.code = view.code, .inputs = {view.inputs.begin(), view.inputs.end()}, .outputs = {view.outputs.begin(), view.outputs.end()}};
    op.version = view.version, op.custom = view.custom_code;
    op.intermediates.assign(view.intermediates.begin(), view.intermediates.end());
    const auto* const bytes = static_cast<const uint8_t*>(view.options.data);
    const tfl::OpInfo& info = *tfl::FindOp(view.code);
    own = nullptr;
    if (!op.custom.empty()) {
      op.custom_options.assign(bytes, bytes + view.options.size);
    } else if (info.options_table != nullptr) {
      runtime::test::Bytes& options = lists.emplace_back(bytes, bytes + view.options.size);
      own = reinterpret_cast<std::byte*>(options.data());
      (info.options_union == 2 ? op.options_2_type : op.options_type) = info.union_member;
      op.options = [&info, &options](runtime::test::Builder& b) { return flatbuffers::Offset<void>(tfl::WriteOptions(b, info, options.data())); };
    }
    return op;
  }

  void Change(ByteSource& in, runtime::test::SubgraphSpec& main, std::byte* options, std::deque<runtime::test::Bytes>& lists) const {
    runtime::test::OpSpec& op = main.ops.back();
    const uint8_t what = in.Byte();
    if (what % 8 == 0) return ChangeOperand(in, main, op);
    if (what % 8 == 1) return ChangeOptions(in, op, options, lists);
    runtime::test::TensorSpec& tensor = main.tensors[in.Byte() % main.tensors.size()];
    switch (what % 8) {
      case 2: tensor.shape = choices_.shape(in, in.Byte() % 6); break;
      case 3: tensor.dtype = in.Byte() % 20; break;
      case 4: tensor.scale.clear(), tensor.zero_point.clear(), choices_.scales(in, tensor); break;
      case 5: tensor.variable = !tensor.variable; break;
      default:
        if (!tensor.shape.empty()) tensor.shape[in.Byte() % tensor.shape.size()] = choices_.dim(in);
        break;
    }
    if (tensor.data.empty()) return;
    if (what / 8 % 4 == 0) tensor.data = choices_.contents(in, tensor.dtype, SizeOf(tensor));
    else if (SizeOf(tensor) > 0) tensor.data.resize(SizeOf(tensor));  // what is there, as far as it goes
  }

  static void ChangeOperand(ByteSource& in, const runtime::test::SubgraphSpec& main, runtime::test::OpSpec& op) {
    const uint8_t which = in.Byte(), value = in.Byte();
    auto& operands = which >= 240 ? op.outputs : which >= 224 ? op.intermediates : op.inputs;
    if (operands.empty()) return;
    if (value >= 250) return operands.pop_back();
    operands[which % operands.size()] = value % 2 == 0 ? -1 : static_cast<int32_t>(value / 2 % main.tensors.size());
  }

  void ChangeOptions(ByteSource& in, runtime::test::OpSpec& op, std::byte* options, std::deque<runtime::test::Bytes>& lists) const {
    const tfl::OpInfo& info = *tfl::FindOp(op.code);
    if (!op.custom_options.empty()) {
      op.custom_options[in.Byte() % op.custom_options.size()] = in.Byte();
    } else if (options != nullptr && !info.fields.empty()) {
      choices_.option(in, info.fields[in.Byte() % info.fields.size()], options, lists);
    }
  }

  const runtime::SubgraphView& view_;
  const Choices& choices_;
};

}  // namespace tflower::fuzz
