#include "import/op_table.h"

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>

#include "import/wire.h"

namespace tflower::tf {
namespace {

struct MultiOutput {
  std::string_view op;
  std::string_view outputs;  // names of the output arguments, one tensor each, separated by spaces
};

// Ops with several output arguments, for functions of models without an op list. Sorted. Source: tf's op registry, 2.21;
// ops of training, TPUs and quantised kernels left out.
constexpr MultiOutput kMultiOutputs[] = {
    {"ApproxTopK", "values indices"},
    {"BlockLSTM", "i cs f o ci co h"},
    {"BlockLSTMV2", "i cs f o ci co h"},
    {"CSRSparseMatrixComponents", "row_ptrs col_inds values"},
    {"CSRSparseMatrixToSparseTensor", "indices values dense_shape"},
    {"CTCGreedyDecoder", "decoded_indices decoded_values decoded_shape log_probability"},
    {"CombinedNonMaxSuppression", "nmsed_boxes nmsed_scores nmsed_classes valid_detections"},
    {"DecodeWav", "audio sample_rate"},
    {"DenseCountSparseOutput", "output_indices output_values output_dense_shape"},
    {"DenseToDenseSetOperation", "result_indices result_values result_shape"},
    {"DenseToSparseSetOperation", "result_indices result_values result_shape"},
    {"DeserializeManySparse", "sparse_indices sparse_values sparse_shape"},
    {"DeserializeSparse", "sparse_indices sparse_values sparse_shape"},
    {"Eig", "e v"},
    {"FusedBatchNorm", "y batch_mean batch_variance reserve_space_1 reserve_space_2"},
    {"FusedBatchNormV2", "y batch_mean batch_variance reserve_space_1 reserve_space_2"},
    {"FusedBatchNormV3", "y batch_mean batch_variance reserve_space_1 reserve_space_2 reserve_space_3"},
    {"GRUBlockCell", "r u c h"},
    {"LSTMBlockCell", "i cs f o ci co h"},
    {"ListDiff", "out idx"},
    {"LogMatrixDeterminant", "sign log_abs_determinant"},
    {"LookupTableExport", "keys values"},
    {"LookupTableExportV2", "keys values"},
    {"Lu", "lu p"},
    {"MaxPoolWithArgmax", "output argmax"},
    {"Merge", "output value_index"},
    {"NonMaxSuppressionV4", "selected_indices valid_outputs"},
    {"NonMaxSuppressionV5", "selected_indices selected_scores valid_outputs"},
    {"Qr", "q r"},
    {"QuantizeV2", "output output_min output_max"},
    {"RaggedCountSparseOutput", "output_indices output_values output_dense_shape"},
    {"RaggedCross", "output_values output_row_splits"},
    {"RaggedFillEmptyRows", "output_value_rowids output_values empty_row_indicator reverse_index_map"},
    {"RaggedRange", "rt_nested_splits rt_dense_values"},
    {"RaggedTensorToSparse", "sparse_indices sparse_values sparse_dense_shape"},
    {"RequantizationRange", "output_min output_max"},
    {"RequantizationRangePerChannel", "output_min output_max"},
    {"SparseAdd", "sum_indices sum_values sum_shape"},
    {"SparseConcat", "output_indices output_values output_shape"},
    {"SparseCountSparseOutput", "output_indices output_values output_dense_shape"},
    {"SparseCross", "output_indices output_values output_shape"},
    {"SparseCrossHashed", "output_indices output_values output_shape"},
    {"SparseCrossV2", "output_indices output_values output_shape"},
    {"SparseFillEmptyRows", "output_indices output_values empty_row_indicator reverse_index_map"},
    {"SparseReduceMaxSparse", "output_indices output_values output_shape"},
    {"SparseReduceSumSparse", "output_indices output_values output_shape"},
    {"SparseReorder", "output_indices output_values"},
    {"SparseReshape", "output_indices output_shape"},
    {"SparseSlice", "output_indices output_values output_shape"},
    {"SparseSparseMaximum", "output_indices output_values"},
    {"SparseSparseMinimum", "output_indices output_values"},
    {"SparseToSparseSetOperation", "result_indices result_values result_shape"},
    {"StringNGrams", "ngrams ngrams_splits"},
    {"StringSplit", "indices values shape"},
    {"StringSplitV2", "indices values shape"},
    {"Svd", "s u v"},
    {"Switch", "output_false output_true"},
    {"TensorArrayConcat", "value lengths"},
    {"TensorArrayConcatV2", "value lengths"},
    {"TensorArrayConcatV3", "value lengths"},
    {"TensorArrayV3", "handle flow"},
    {"TensorListConcat", "tensor lengths"},
    {"TensorListConcatV2", "tensor lengths"},
    {"TensorListPopBack", "output_handle tensor"},
    {"TopK", "values indices"},
    {"TopKUnique", "topk topk_indices"},
    {"TopKV2", "values indices"},
    {"TopKWithUnique", "topk topk_indices"},
    {"UnicodeDecode", "row_splits char_values"},
    {"UnicodeDecodeWithOffsets", "row_splits char_values char_to_byte_starts"},
    {"Unique", "y idx"},
    {"UniqueV2", "y idx"},
    {"UniqueWithCounts", "y idx count"},
    {"UniqueWithCountsV2", "y idx count"},
};

constexpr bool IsSorted() {
  for (size_t i = 1; i < std::size(kMultiOutputs); ++i)
    if (kMultiOutputs[i].op <= kMultiOutputs[i - 1].op) return false;
  return true;
}
static_assert(IsSorted());

Result<ArgDef> ParseArgDef(const FileBytes& file, std::string_view bytes) {
  ArgDef arg;
  Wire wire(bytes);
  while (wire.Next()) switch (wire.tag()) {
      case Wire::Len(1): arg.name = wire.Bytes(); break;
      case Wire::Varint(3): arg.dtype = ToDataType(wire.Uint()); break;
      case Wire::Len(4): arg.type_attr = wire.Bytes(); break;
      case Wire::Len(5): arg.number_attr = wire.Bytes(); break;
      case Wire::Len(6): arg.type_list_attr = wire.Bytes(); break;
      default: wire.Skip();
    }
  if (!wire.ok()) return file.Malformed(wire.position(), "an OpDef argument is broken");
  return arg;
}

Result<OpDef::AttrDef> ParseAttrDef(const FileBytes& file, std::string_view bytes) {
  OpDef::AttrDef attr;
  Wire wire(bytes);
  while (wire.Next()) switch (wire.tag()) {
      case Wire::Len(1): attr.name = wire.Bytes(); break;
      case Wire::Len(2): attr.type = wire.Bytes(); break;
      case Wire::Len(3): attr.default_value.value = wire.Bytes(); break;
      default: wire.Skip();
    }
  if (!wire.ok()) return file.Malformed(wire.position(), "an OpDef attribute is broken");
  attr.default_value.name = attr.name;
  return attr;
}

// The attribute on the node, else its default.
const Attr* FindWithDefault(const Node& node, const OpDef& op, std::string_view name) {
  if (const Attr* attr = node.Find(name)) return attr;
  for (const OpDef::AttrDef& attr : op.attrs)
    if (attr.name == name && !attr.default_value.value.empty()) return &attr.default_value;
  return nullptr;
}

Error NoOutput(const Node& node, std::string_view out_arg) {
  return Error(Code::kInvalidGraph, "the op has no output '" + std::string(out_arg) + "'").Op(node.op).Node(node.name);
}

// How many tensors the output argument `arg` of `node` has.
Result<int64_t> CountTensors(const Node& node, const OpDef& op, const ArgDef& arg) {
  if (arg.number_attr.empty() && arg.type_list_attr.empty()) return 1;
  const bool by_number = !arg.number_attr.empty();
  const std::string_view attr_name = by_number ? arg.number_attr : arg.type_list_attr;
  const Attr* attr = FindWithDefault(node, op, attr_name);
  if (!attr)
    return Error(Code::kInvalidGraph, "the attribute that says how many outputs there are is missing")
        .Op(node.op).Node(node.name).What(attr_name);
  int64_t count = 0;
  if (by_number) {
    TFLOWER_TRY(count, AttrInt(*attr));
  } else {
    TFLOWER_TRY(const std::vector<DataType> types, AttrTypes(*attr));
    count = static_cast<int64_t>(types.size());
  }
  constexpr int64_t kMaxOutputs = 1 << 24;
  if (count < 0 || count > kMaxOutputs)
    return Error(Code::kInvalidGraph, "the op cannot have " + std::to_string(count) + " outputs")
        .Op(node.op).Node(node.name).What(attr_name);
  return count;
}

const MultiOutput* FindRow(std::string_view op) {
  const auto row = std::lower_bound(std::begin(kMultiOutputs), std::end(kMultiOutputs), op,
                                    [](const MultiOutput& r, std::string_view name) { return r.op < name; });
  return row != std::end(kMultiOutputs) && row->op == op ? row : nullptr;
}

}  // namespace

Result<OpDef> ParseOpDef(const FileBytes& file, std::string_view bytes) {
  OpDef op;
  Wire wire(bytes);
  while (wire.Next()) switch (wire.tag()) {
      case Wire::Len(1): op.name = wire.Bytes(); break;
      case Wire::Len(2): {
        TFLOWER_TRY(const ArgDef arg, ParseArgDef(file, wire.Bytes()));
        op.inputs.push_back(arg);
        break;
      }
      case Wire::Len(3): {
        TFLOWER_TRY(const ArgDef arg, ParseArgDef(file, wire.Bytes()));
        op.outputs.push_back(arg);
        break;
      }
      case Wire::Len(4): {
        TFLOWER_TRY(const OpDef::AttrDef attr, ParseAttrDef(file, wire.Bytes()));
        op.attrs.push_back(attr);
        break;
      }
      case Wire::Varint(17): op.stateful = wire.Uint() != 0; break;
      default: wire.Skip();
    }
  if (!wire.ok()) return file.Malformed(wire.position(), "an OpDef is broken");
  return op;
}

Status OpTable::Add(const FileBytes& file, std::string_view op_list) {
  Wire wire(op_list);
  while (wire.Next()) {
    if (wire.tag() != Wire::Len(1)) {
      wire.Skip();
      continue;
    }
    TFLOWER_TRY(OpDef op, ParseOpDef(file, wire.Bytes()));
    ops_.insert_or_assign(op.name, std::move(op));
  }
  if (!wire.ok()) return file.Malformed(wire.position(), "the op list is broken");
  return Ok();
}

const OpDef* OpTable::Find(std::string_view op) const {
  const auto found = ops_.find(op);
  return found == ops_.end() ? nullptr : &found->second;
}

Result<std::optional<int32_t>> OpTable::FirstOutput(const Node& node, std::string_view out_arg) const {
  if (const OpDef* op = Find(node.op)) {
    int64_t first = 0;
    for (const ArgDef& arg : op->outputs) {
      if (arg.name == out_arg) return std::optional<int32_t>(static_cast<int32_t>(first));
      TFLOWER_TRY(const int64_t count, CountTensors(node, *op, arg));
      first += count;
      if (first > INT32_MAX) break;
    }
    return NoOutput(node, out_arg);
  }
  const MultiOutput* row = FindRow(node.op);
  if (!row) return std::optional<int32_t>();
  std::string_view names = row->outputs;
  for (int32_t number = 0; !names.empty(); ++number) {
    const std::string_view name = names.substr(0, names.find(' '));
    if (name == out_arg) return std::optional<int32_t>(number);
    names.remove_prefix(std::min(names.size(), name.size() + 1));
  }
  return NoOutput(node, out_arg);
}

Result<int32_t> OpTable::CountOutputs(const Node& node) const {
  if (const OpDef* op = Find(node.op)) {
    int64_t total = 0;
    for (const ArgDef& arg : op->outputs) {
      TFLOWER_TRY(const int64_t count, CountTensors(node, *op, arg));
      total = std::min<int64_t>(total + count, INT32_MAX);
    }
    return static_cast<int32_t>(total);
  }
  if (const MultiOutput* row = FindRow(node.op))
    return static_cast<int32_t>(1 + std::count(row->outputs.begin(), row->outputs.end(), ' '));
  // Split, SplitV and Unpack have one output argument that is a list.
  const OpDef unknown;
  for (const std::string_view length : {"num_split", "num"}) {
    if (!node.Find(length)) continue;
    ArgDef list;
    list.number_attr = length;
    TFLOWER_TRY(const int64_t count, CountTensors(node, unknown, list));
    return static_cast<int32_t>(count);
  }
  return 1;
}

}  // namespace tflower::tf
