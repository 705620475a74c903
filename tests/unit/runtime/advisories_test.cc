// One operator with one poisoned operand, attribute or shape, run by the shipped kernels. The rows follow the published advisories of TFLite and
// its kin, and what its fuzzers found since: each must end in an error that names the operator and the value, or in the right answer.
// What the verifier refuses before any kernel is asked is in verify_test.cc. Every row runs twice: contents given at run time, and as constants.
#include <doctest/doctest.h>

#include <chrono>
#include <tflower/schema_generated.h>

#include "advisories_rows.h"
#include "recurrent_rows.h"
#include "shipped_kernels.h"
#include "tflower/runtime.h"

using namespace tflower;
using namespace tflower::runtime;
using namespace tflower::runtime::test;

namespace {

TensorSpec Tensor(const std::string& name, const Operand& operand, bool constant) {
  return {.name = name,
          .dtype = static_cast<int>(operand.dtype),
          .shape = operand.shape,
          .data = constant ? operand.data : Bytes(),
          .variable = operand.variable,
          .scale = operand.scale,
          .zero_point = operand.zero_point,
          .axis = operand.axis};
}

// Which of the two unions of options has the operator's.
void SetUnion(OpSpec& op, const tfl::OpInfo& info) { (info.options_union == 2 ? op.options_2_type : op.options_type) = static_cast<uint8_t>(info.union_member); }

ModelSpec OneOperator(const Row& row, bool constants) {
  const tfl::OpInfo& info = *tfl::FindOp(static_cast<int32_t>(row.code));
  ModelSpec model;
  SubgraphSpec& main = model.subgraphs.emplace_back();
  OpSpec op{.code = static_cast<int32_t>(row.code), .version = tfl::VersionsOf(row.code).min};
  for (size_t k = 0; k < row.inputs.size(); ++k) {
    op.inputs.push_back(row.inputs[k].absent ? -1 : static_cast<int32_t>(main.tensors.size()));
    if (row.inputs[k].absent) continue;
    if (!constants && !row.inputs[k].variable) main.inputs.push_back(op.inputs.back());
    main.tensors.push_back(Tensor("in" + std::to_string(k), row.inputs[k], constants));
  }
  for (size_t k = 0; k < row.outputs.size(); ++k) {
    op.outputs.push_back(static_cast<int32_t>(main.tensors.size()));
    main.outputs.push_back(op.outputs.back());
    main.tensors.push_back(Tensor("out" + std::to_string(k), row.outputs[k], false));
  }
  if (row.options) {
    SetUnion(op, info);
    op.options = [&row, &info](Builder& b) { return row.options(b, info); };
  }
  main.ops.push_back(std::move(op));
  return model;
}

Status RunModel(const std::shared_ptr<const Model>& model, const Row& row) {
  TFLOWER_TRY(const auto session, Session::Create(model, {.max_bytes = 1 << 24}));
  for (size_t k = 0, input = 0; k < row.inputs.size() && input < session->num_inputs(); ++k) {
    if (!row.inputs[k].absent && !row.inputs[k].variable) TFLOWER_CHECK(session->SetInput(input++, AsBytes(row.inputs[k].data)));
  }
  TFLOWER_CHECK(session->Invoke());
  volatile uint8_t seen = 0;  // reads every result: a sanitizer sees one that was never written
  for (size_t k = 0; k < session->num_outputs(); ++k) {
    for (const std::byte byte : session->OutputData(k)) seen = static_cast<uint8_t>(seen ^ std::to_integer<uint8_t>(byte));
  }
  return Ok();
}

void Check(const Row& row, bool constants, const std::shared_ptr<const KernelSource>& kernels) {
  const std::string form = std::string(row.name) + (constants ? ", of constants" : ", at run time");
  CAPTURE(form);
  const Bytes bytes = Build(OneOperator(row, constants));
  const auto start = std::chrono::steady_clock::now();
  const auto model = Model::FromBytes(AsBytes(bytes), kernels);
  const Status status = model.ok() ? RunModel(model.value(), row) : Status(model.error());
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(2));
  const std::string_view words = constants || row.at_run_time == nullptr ? row.words : row.at_run_time;
  if (words == kRuns) {
    CHECK_MESSAGE(status.ok(), status.error().ToString());
    return;
  }
  CHECK_FALSE(status.ok());
  if (status.ok()) return;
  CHECK(status.error().code != Code::kInternal);
  const bool names_operator = status.error().op == tfl::FindOp(static_cast<int32_t>(row.code))->name;
  const bool names_tensor = (status.error().node + status.error().what).find("in") != std::string::npos;  // where no operator is to blame
  CHECK_MESSAGE((names_operator || names_tensor), status.error().ToString());
  CHECK_MESSAGE(status.error().ToString().find(words) != std::string::npos, status.error().ToString());
}

// Chains of operators that a single one cannot show. `x` is the model's input, float32[2, 3].
OpSpec Op(tfl::Builtin code, std::vector<int32_t> inputs, std::vector<int32_t> outputs, const Options& options = kNoOptions) {
  OpSpec op{.code = static_cast<int32_t>(code), .inputs = std::move(inputs), .outputs = std::move(outputs)};
  const tfl::OpInfo& info = *tfl::FindOp(op.code);
  if (!options) return op;
  SetUnion(op, info);
  op.options = [options, &info](Builder& b) { return options(b, info); };
  return op;
}

ModelSpec Chain(std::vector<TensorSpec> tensors, std::vector<OpSpec> ops) {
  ModelSpec model;
  SubgraphSpec& main = model.subgraphs.emplace_back();
  main.tensors = std::move(tensors);
  main.tensors.insert(main.tensors.begin(), {.name = "x", .shape = {2, 3}});
  main.inputs = {0};
  main.outputs = {static_cast<int32_t>(main.tensors.size()) - 1};
  main.ops = std::move(ops);
  return model;
}

const TensorSpec kHandleTensor{.name = "handle", .dtype = static_cast<int>(DType::kResource), .shape = {1}};
const TensorSpec kCount{.name = "count", .dtype = static_cast<int>(DType::kInt64)};
const TensorSpec kY{.name = "y", .shape = {2, 3}};

Options Table(int32_t id, tfl::TensorType key, tfl::TensorType value) {
  return With(tfl::HashtableOptions{.table_id = id, .key_dtype = key, .value_dtype = value});
}

// Rows dense, columns compressed, and the one stored element in column 99 of 3.
flatbuffers::Offset<void> ColumnBehindTheEnd(Builder& b) {
  const std::vector<int32_t> order = {0, 1}, segments = {0, 1, 1}, indices = {99};
  const auto dense = tflite::CreateDimensionMetadata(b, tflite::DimensionType::DENSE, 2);
  const auto starts = tflite::CreateInt32Vector(b, b.CreateVector(segments)), columns = tflite::CreateInt32Vector(b, b.CreateVector(indices));
  const auto sparse = tflite::CreateDimensionMetadata(b, tflite::DimensionType::SPARSE_CSR, 0, tflite::SparseIndexVector::Int32Vector, starts.Union(),
                                                      tflite::SparseIndexVector::Int32Vector, columns.Union());
  const std::vector<flatbuffers::Offset<tflite::DimensionMetadata>> dims = {dense, sparse};
  return tflite::CreateSparsityParameters(b, b.CreateVector(order), 0, b.CreateVector(dims)).Union();
}

constexpr int32_t kItself[] = {0};

struct ModelRow {
  const char* name;
  ModelSpec model;
  const char* words;
};

std::vector<ModelRow> ModelRows() {
  using T = tfl::TensorType;
  return {
      {"a variable's handle as a table's", Chain({kHandleTensor, kCount}, {Op(VAR_HANDLE, {}, {1}), Op(HASHTABLE_SIZE, {1}, {2})}), "no handle of a table"},
      {"a table's handle as a variable's", Chain({kHandleTensor, kY}, {Op(HASHTABLE, {}, {1}, Table(5, T::INT64, T::FLOAT32)), Op(READ_VARIABLE, {1}, {2})}),
       "no handle of a variable"},
      {"a variable read before it is written", Chain({kHandleTensor, kY}, {Op(VAR_HANDLE, {}, {1}), Op(READ_VARIABLE, {1}, {2})}), "before it has a value"},
      {"two tables of one id and other types",
       Chain({kHandleTensor, kHandleTensor, kCount}, {Op(HASHTABLE, {}, {1}, Table(5, T::INT64, T::FLOAT32)),
                                                       Op(HASHTABLE, {}, {2}, Table(5, T::INT32, T::FLOAT32)), Op(HASHTABLE_SIZE, {2}, {3})}),
       "the table is from int64 to float32"},
      {"a sum of a resource", Chain({kHandleTensor, kY}, {Op(VAR_HANDLE, {}, {1}), Op(ADD, {0, 1}, {2})}), "resource"},
      {"a sparse constant with an index behind the end",
       Chain({{.name = "w", .shape = {2, 3}, .data = Pack<float>({1}), .sparsity = ColumnBehindTheEnd}, kY}, {Op(ADD, {0, 1}, {2})}), "array_indices[0] is 99"},
      {"WHILE without options", Chain({kY}, {Op(WHILE, {0}, {1})}), "WHILE"},
      {"CALL_ONCE of itself", Chain({kY}, {Op(CALL_ONCE, {}, {}, With(tfl::CallOnceOptions{.init_subgraph_index = 0})), Op(ABS, {0}, {1})}), "calls itself"},
      {"WHILE of itself", Chain({kY}, {Op(WHILE, {0}, {1}, With(tfl::WhileOptions{.cond_subgraph_index = 0, .body_subgraph_index = 0}))}), "calls itself"},
      {"CALL of itself", Chain({kY}, {Op(CALL, {0}, {1}, With(tfl::CallOptions{.subgraph = 0}))}), "calls itself"},
      {"options of a custom operator that are no map",
       Chain({{.name = "boxes", .shape = {1, 2, 4}, .data = Bytes(32)}, {.name = "scores", .shape = {1, 2, 2}, .data = Bytes(16)}, {.name = "anchors", .shape = {2, 4}, .data = Bytes(32)}, kY, kY, kY, kY},
             {OpSpec{.code = 32, .inputs = {1, 2, 3}, .outputs = {4, 5, 6, 7}, .custom = "TFLite_Detection_PostProcess", .custom_options = {0xff, 0x13, 0x80, 0x24, 0x01}}}),
       "custom_options"},
      {"STABLEHLO_COMPOSITE of itself", Chain({kY}, {Op(STABLEHLO_COMPOSITE, {0}, {1}, With(tfl::StableHLOCompositeOptions{}))}), "calls itself"},
      {"STABLEHLO_CASE of itself", Chain({kY}, {Op(STABLEHLO_CASE, {0}, {1}, With(tfl::StablehloCaseOptions{.branch_subgraph_indices = {kItself, 1}}))}), "calls itself"},
      {"STABLEHLO_REDUCE_WINDOW by itself", Chain({kY}, {Op(STABLEHLO_REDUCE_WINDOW, {0, 0}, {1}, With(tfl::StablehloReduceWindowOptions{}))}), "calls itself"},
      {"STABLEHLO_SCATTER by itself", Chain({kY}, {Op(STABLEHLO_SCATTER, {0, 0, 0}, {1}, With(tfl::StablehloScatterOptions{}))}), "calls itself"},
      {"a custom operator that nobody has", Chain({kY}, {OpSpec{.code = 32, .inputs = {0}, .outputs = {1}, .custom = "Nobody", .custom_options = {0xff, 0x13, 0x80}}}),
       "Nobody"},
  };
}

}  // namespace

TEST_CASE("poisoned models are refused") {
  const auto kernels = ShippedKernels();
  for (const ModelRow& row : ModelRows()) {
    const std::string name = row.name;
    CAPTURE(name);
    const Bytes bytes = Build(row.model);
    const auto model = Model::FromBytes(AsBytes(bytes), kernels);
    const Status status = model.ok() ? RunModel(model.value(), Row{.inputs = {F({2, 3})}}) : Status(model.error());
    CHECK_FALSE(status.ok());
    if (status.ok()) continue;
    CHECK(status.error().code != Code::kInternal);
    CHECK_MESSAGE(status.error().ToString().find(row.words) != std::string::npos, status.error().ToString());
  }
}

TEST_CASE("an input without elements, and back: no memory of the former plan is used") {
  ModelSpec spec = AddModel();
  spec.subgraphs[0].tensors[1] = {.name = "one", .data = Pack<float>({1})};
  const Bytes bytes = Build(spec);
  const auto model = Model::FromBytes(AsBytes(bytes), ShippedKernels());
  REQUIRE(model.ok());
  const auto session = Session::Create(model.value());
  REQUIRE(session.ok());
  for (const int64_t rows : {2, 0, 5, 0, 1}) {
    const std::vector<int64_t> dims = {rows, 3};
    REQUIRE(session.value()->Resize(0, dims).ok());
    const std::vector<float> ones(static_cast<size_t>(rows) * 3, 1);
    REQUIRE(session.value()->SetInput(0, std::as_bytes(std::span(ones))).ok());
    REQUIRE(session.value()->Invoke().ok());
    CHECK(Values<float>(session.value()->OutputData(0)) == std::vector<float>(ones.size(), 2));
  }
  for (const std::vector<int64_t>& dims : {std::vector<int64_t>{-1, 3}, {INT64_MAX, 3}, {INT64_MAX, INT64_MAX, 0}, std::vector<int64_t>(17, 1)}) {
    CHECK_FALSE((session.value()->Resize(0, dims).ok() && session.value()->Prepare().ok()));
  }
}

// What sanitizers make of the library is hashed for seconds at its first use, which is not a row's time.
void LoadLibrary(const std::shared_ptr<const KernelSource>& kernels) {
  const Bytes bytes = Build(AddModel());
  const auto model = Model::FromBytes(AsBytes(bytes), kernels);
  REQUIRE(model.ok());
  const auto session = Session::Create(model.value());
  REQUIRE(session.ok());
  REQUIRE(session.value()->Prepare().ok());
}

TEST_CASE("poisoned operators are refused by name, or run") {
  const auto kernels = ShippedKernels();
  LoadLibrary(kernels);
  for (const std::vector<Row>& rows : {Rows(), RecurrentRows()}) {
    for (const Row& row : rows) {
      Check(row, false, kernels);
      Check(row, true, kernels);
    }
  }
}
