// The verifier: each row is a valid model with one thing broken, and the words that the error must hold.
#include <doctest/doctest.h>

#include <chrono>
#include <cmath>
#include <tflower/schema_generated.h>

#include "model_spec.h"
#include "runtime/model/loader.h"

using namespace tflower;
using namespace tflower::runtime;
using namespace tflower::runtime::test;

namespace {

struct Case {
  const char* name;
  void (*breaks)(ModelSpec&);
  const char* words;  // in the message
};

SubgraphSpec& Main(ModelSpec& m) { return m.subgraphs[0]; }

void AddIf(ModelSpec& m, uint32_t from, int32_t then_subgraph, int32_t else_subgraph) {
  SubgraphSpec& s = m.subgraphs[from];
  const int32_t flag = static_cast<int32_t>(s.tensors.size());
  s.tensors.push_back({.name = "flag", .dtype = 6, .data = {1}});
  s.ops.push_back(
      {.code = 118,
       .inputs = {flag},
       .options_type = static_cast<uint8_t>(tflite::BuiltinOptions::IfOptions),
       .options = [=](Builder& b) { return tflite::CreateIfOptions(b, then_subgraph, else_subgraph).Union(); }});
}

// A dimension of a sparse tensor: compressed when it has segments.
struct Level {
  int32_t dense_size = 0;
  std::vector<int32_t> segments, indices;
};

struct Sparse {
  std::vector<int32_t> order = {0, 1}, blocks;
  std::vector<Level> levels = {{.dense_size = 2}, {.segments = {0, 1, 2}, .indices = {0, 2}}};

  flatbuffers::Offset<void> operator()(Builder& b) const {
    std::vector<flatbuffers::Offset<tflite::DimensionMetadata>> dims;
    for (const Level& level : levels) {
      if (level.segments.empty()) {
        dims.push_back(tflite::CreateDimensionMetadata(b, tflite::DimensionType::DENSE, level.dense_size));
        continue;
      }
      const auto segments = tflite::CreateInt32Vector(b, b.CreateVector(level.segments)), indices = tflite::CreateInt32Vector(b, b.CreateVector(level.indices));
      dims.push_back(tflite::CreateDimensionMetadata(b, tflite::DimensionType::SPARSE_CSR, 0, tflite::SparseIndexVector::Int32Vector, segments.Union(),
                                                     tflite::SparseIndexVector::Int32Vector, indices.Union()));
    }
    return tflite::CreateSparsityParameters(b, b.CreateVector(order), b.CreateVector(blocks), b.CreateVector(dims)).Union();
  }
};

// [2, 3] with an element in the first and one in the last column.
void MakeSparse(ModelSpec& m, const Sparse& sparse, size_t elements = 2) {
  TensorSpec& tensor = m.subgraphs[0].tensors[1];
  tensor.data.resize(elements * sizeof(float));
  tensor.sparsity = sparse;
}

// [4, 6] in blocks of 2 x 3: two rows of blocks, of which the first has its second block and the second its first.
void MakeBlocks(ModelSpec& m, int32_t height, int32_t width, std::vector<int32_t> map) {
  m.subgraphs[0].tensors.push_back({.name = "blocks", .shape = {4, 6}, .data = Bytes(12 * sizeof(float))});
  m.subgraphs[0].tensors.back().sparsity =
      Sparse{{0, 1, 2, 3}, map, {{.dense_size = 2}, {.segments = {0, 1, 2}, .indices = {1, 0}}, {.dense_size = height}, {.dense_size = width}}};
}

// Scales of blocks of `size` in tensor `scales`.
void Blockwise(ModelSpec& m, int32_t scales, int32_t size) {
  m.subgraphs[0].tensors[1].quantization = [=](Builder& b) {
    const auto details = tflite::CreateBlockwiseQuantization(b, scales, -1, size);
    return tflite::CreateQuantizationParameters(b, 0, 0, 0, 0, tflite::QuantizationDetails::BlockwiseQuantization, details.Union()).Union();
  };
}

const Case kCases[] = {
    // Model
    {"no subgraph",
     [](ModelSpec& m) {
       m.subgraphs.clear();
       m.signatures.clear();
     },
     "no subgraph"},
    {"buffer 0 with data", [](ModelSpec& m) { m.data_in_buffer_0 = true; }, "buffer 0"},
    {"buffer behind the file", [](ModelSpec& m) { m.far_buffers = {{1 << 20, 24}}; }, "outside of the file"},
    {"buffer range that wraps", [](ModelSpec& m) { m.far_buffers = {{UINT64_MAX - 63, 128}}; }, "outside of the file"},
    {"buffer size that wraps", [](ModelSpec& m) { m.far_buffers = {{16, UINT64_MAX - 3}}; }, "outside of the file"},
    {"metadata without buffer", [](ModelSpec& m) { m.metadata_buffer = 99; }, "buffer 99"},
    // Operator codes
    {"code beyond the schema", [](ModelSpec& m) { Main(m).ops[0].code = 5000; }, "operator code 5000"},
    {"negative code", [](ModelSpec& m) { Main(m).ops[0].deprecated_code = -3; }, "-3 is negative"},
    {"version 0", [](ModelSpec& m) { Main(m).ops[0].version = 0; }, "version 0"},
    {"custom without name", [](ModelSpec& m) { Main(m).ops[0].code = 32; }, "custom operator has no name"},
    {"opcode_index", [](ModelSpec& m) { Main(m).ops[0].opcode_index = 7; }, "opcode_index 7"},
    // Tensors
    {"negative dim", [](ModelSpec& m) { Main(m).tensors[0].shape = {2, -3}; }, "dimension 1 is -3"},
    {"too many dims", [](ModelSpec& m) { Main(m).tensors[0].shape.assign(17, 1); }, "rank 17"},
    {"elements overflow", [](ModelSpec& m) { Main(m).tensors[0].shape.assign(4, INT32_MAX); }, "overflows"},
    {"overflow behind a zero", [](ModelSpec& m) { Main(m).tensors[0].shape = {INT32_MAX, INT32_MAX, INT32_MAX, 0}; },
     "overflows"},
    {"signature of another rank", [](ModelSpec& m) { Main(m).tensors[0].signature = {-1}; }, "shape_signature"},
    {"signature below -1", [](ModelSpec& m) { Main(m).tensors[0].signature = {-2, 3}; }, "shape_signature"},
    {"unknown type", [](ModelSpec& m) { Main(m).tensors[0].dtype = 77; }, "type 77"},
    {"buffer index", [](ModelSpec& m) { Main(m).tensors[0].buffer = 50; }, "buffer 50"},
    {"short constant", [](ModelSpec& m) { Main(m).tensors[1].data.resize(20); }, "takes 24 bytes, the buffer has 20"},
    {"long constant", [](ModelSpec& m) { Main(m).tensors[1].data.resize(28); }, "takes 24 bytes, the buffer has 28"},
    {"int4 constant",
     [](ModelSpec& m) { Main(m).tensors[1] = {.name = "w", .dtype = 17, .shape = {5}, .data = {1, 2}}; },
     "takes 3 bytes"},
    {"bool of another value", [](ModelSpec& m) { Main(m).tensors[1] = {.name = "b", .dtype = 6, .shape = {3}, .data = {1, 0, 16}}; }, "element 2 of a bool is 16"},
    {"constant resource", [](ModelSpec& m) { Main(m).tensors[1].dtype = 13; }, "cannot be a constant"},
    // Quantisation
    {"zero scale", [](ModelSpec& m) { Main(m).tensors[0].scale = {0}; }, "finite and positive"},
    {"NaN scale", [](ModelSpec& m) { Main(m).tensors[0].scale = {NAN}; }, "finite and positive"},
    {"infinite scale", [](ModelSpec& m) { Main(m).tensors[0].scale = {INFINITY}; }, "finite and positive"},
    {"counts differ",
     [](ModelSpec& m) {
       Main(m).tensors[0].scale = {1};
       Main(m).tensors[0].zero_point = {0, 0};
     },
     "2 zero points for 1 scales"},
    {"axis",
     [](ModelSpec& m) {
       Main(m).tensors[0].scale = {1, 1, 1};
       Main(m).tensors[0].axis = 2;
     },
     "quantized_dimension 2"},
    {"negative axis",
     [](ModelSpec& m) {
       Main(m).tensors[0].scale = {1, 1, 1};
       Main(m).tensors[0].axis = -1;
     },
     "quantized_dimension -1"},
    {"scales per axis",
     [](ModelSpec& m) {
       Main(m).tensors[0].scale = {1, 1};
       Main(m).tensors[0].axis = 1;
     },
     "2 scales for dimension 1"},
    {"zero point of int8",
     [](ModelSpec& m) {
       Main(m).tensors[0].dtype = 9;
       Main(m).tensors[0].scale = {1};
       Main(m).tensors[0].zero_point = {300};
     },
     "zero point 0 is 300"},
    {"zero point of uint8",
     [](ModelSpec& m) {
       Main(m).tensors[0].dtype = 3;
       Main(m).tensors[0].scale = {1};
       Main(m).tensors[0].zero_point = {-1};
     },
     "zero point 0 is -1"},
    {"scales per axis of a scalar", [](ModelSpec& m) { Main(m).tensors[1] = {.name = "s", .data = Pack<float>({1}), .scale = {1, 1}}; }, "not a dimension of []"},
    {"scales of blocks in no tensor", [](ModelSpec& m) { Blockwise(m, 40, 3); }, "tensor 40"},
    {"scales of blocks in an integer tensor",
     [](ModelSpec& m) {
       Main(m).tensors.push_back({.name = "scales", .dtype = 2, .shape = {2}, .data = Bytes(8)});
       Blockwise(m, 3, 3);
     },
     "the scales of blocks are int32"},
    {"blocks of 0", [](ModelSpec& m) { Blockwise(m, 0, 0); }, "block_size is 0"},
    {"blocks of INT_MIN", [](ModelSpec& m) { Blockwise(m, 0, INT32_MIN); }, "block_size is -2147483648"},
    {"blocks that leave a rest", [](ModelSpec& m) { Blockwise(m, 0, 2); }, "blocks of 2 do not divide"},
    // Sparsity
    {"traversal order with a stranger", [](ModelSpec& m) { MakeSparse(m, {.order = {0, 5}}); }, "no permutation: 5"},
    {"traversal order with a dimension twice", [](ModelSpec& m) { MakeSparse(m, {.order = {1, 1}}); }, "no permutation: 1"},
    {"traversal order too short", [](ModelSpec& m) { MakeSparse(m, {.order = {0}}); }, "both must have 2"},
    {"a dimension without metadata", [](ModelSpec& m) { MakeSparse(m, {.levels = {{.dense_size = 2}}}); }, "dim_metadata 1"},
    {"dense size of another shape", [](ModelSpec& m) { MakeSparse(m, {.levels = {{.dense_size = 7}, {.segments = {0, 1, 2}, .indices = {0, 2}}}}); }, "dense_size is 7"},
    {"negative dense size", [](ModelSpec& m) { MakeSparse(m, {.levels = {{.dense_size = -2}, {.segments = {0, 1, 2}, .indices = {0, 2}}}}); }, "dense_size is -2"},
    {"too few segments", [](ModelSpec& m) { MakeSparse(m, {.levels = {{.dense_size = 2}, {.segments = {0, 2}, .indices = {0, 2}}}}); }, "2 entries for 2 nodes"},
    {"segments that begin late", [](ModelSpec& m) { MakeSparse(m, {.levels = {{.dense_size = 2}, {.segments = {1, 1, 2}, .indices = {0, 2}}}}); }, "array_segments[0] is 1"},
    {"segments that fall", [](ModelSpec& m) { MakeSparse(m, {.levels = {{.dense_size = 2}, {.segments = {0, 2, 1}, .indices = {0, 2}}}}); }, "array_segments[2] is 1"},
    {"segments behind the indices", [](ModelSpec& m) { MakeSparse(m, {.levels = {{.dense_size = 2}, {.segments = {0, 1, 900}, .indices = {0, 2}}}}); }, "array_segments[2] is 900"},
    {"segments that leave indices over", [](ModelSpec& m) { MakeSparse(m, {.levels = {{.dense_size = 2}, {.segments = {0, 1, 1}, .indices = {0, 2}}}}); }, "ends at 1"},
    {"sparse index behind the dimension", [](ModelSpec& m) { MakeSparse(m, {.levels = {{.dense_size = 2}, {.segments = {0, 1, 2}, .indices = {0, 3}}}}); }, "array_indices[1] is 3"},
    {"negative sparse index", [](ModelSpec& m) { MakeSparse(m, {.levels = {{.dense_size = 2}, {.segments = {0, 1, 2}, .indices = {-1, 2}}}}); }, "array_indices[0] is -1"},
    {"sparse index twice", [](ModelSpec& m) { MakeSparse(m, {.levels = {{.dense_size = 2}, {.segments = {0, 2, 2}, .indices = {1, 1}}}}); }, "array_indices[1] is 1"},
    {"fewer stored elements than indices", [](ModelSpec& m) { MakeSparse(m, {}, 1); }, "the buffer has 4"},
    {"more stored elements than indices", [](ModelSpec& m) { MakeSparse(m, {}, 3); }, "the buffer has 12"},
    {"sparse without a buffer",
     [](ModelSpec& m) {
       MakeSparse(m, {});
       Main(m).tensors[1].data.clear();
     },
     "buffer 0"},
    {"blocks that do not divide", [](ModelSpec& m) { MakeBlocks(m, 3, 3, {0, 1}); }, "blocks of 3 do not divide dimension 0"},
    {"sparse blocks of 0", [](ModelSpec& m) { MakeBlocks(m, 2, 0, {0, 1}); }, "blocks of 0 do not divide dimension 1"},
    {"block map with a stranger", [](ModelSpec& m) { MakeBlocks(m, 2, 3, {0, 2}); }, "block_map[1] is 2"},
    {"block map with a dimension twice", [](ModelSpec& m) { MakeBlocks(m, 2, 3, {0, 0}); }, "block_map[1] is 0"},
    // Variables
    {"a variable with contents", [](ModelSpec& m) { Main(m).tensors[1].variable = true; }, "a variable has contents"},
    {"a buffer for a variable, out of the file",
     [](ModelSpec& m) {
       Main(m).tensors[1] = {.name = "v", .shape = {2, 3}, .buffer = 1, .variable = true};
       m.far_buffers = {{UINT64_MAX, 24}};
     },
     "outside of the file"},
    // Operands
    {"input index", [](ModelSpec& m) { Main(m).ops[0].inputs[1] = 9999; }, "tensor 9999"},
    {"INT_MIN input", [](ModelSpec& m) { Main(m).ops[0].inputs[1] = INT32_MIN; }, "does not exist"},
    {"required input absent", [](ModelSpec& m) { Main(m).ops[0].inputs[1] = -1; }, "absent"},
    {"too few inputs", [](ModelSpec& m) { Main(m).ops[0].inputs = {0}; }, "has 1, the operator takes 2"},
    {"too many inputs", [](ModelSpec& m) { Main(m).ops[0].inputs = {0, 1, 1}; }, "has 3"},
    {"no output", [](ModelSpec& m) { Main(m).ops[0].outputs.clear(); }, "is read before it is written"},
    {"two outputs",
     [](ModelSpec& m) {
       Main(m).tensors.push_back({.name = "z", .shape = {2, 3}});
       Main(m).ops[0].outputs = {2, 3};
     },
     "has 2, the operator gives 1"},
    {"absent output", [](ModelSpec& m) { Main(m).ops[0].outputs = {-1}; }, "tensor -1"},
    {"output is a constant", [](ModelSpec& m) { Main(m).ops[0].outputs = {1}; }, "cannot be written"},
    {"output is an input", [](ModelSpec& m) { Main(m).ops[0].outputs = {0}; }, "cannot be written"},
    {"a variable is written behind its reader", [](ModelSpec& m) { Main(m).tensors[2].variable = true; Main(m).ops[0].inputs = {0, 2}; }, "cannot be written"},
    {"written twice", [](ModelSpec& m) { Main(m).ops.push_back(Main(m).ops[0]); }, "two operators"},
    {"reads its own output", [](ModelSpec& m) { Main(m).ops[0].inputs = {0, 2}; }, "read before it is written"},
    {"reads a later output",
     [](ModelSpec& m) {
       Main(m).tensors.push_back({.name = "z", .shape = {2, 3}});
       Main(m).ops[0].inputs = {0, 3};
       Main(m).ops.push_back({.code = 0, .inputs = {2, 1}, .outputs = {3}});
     },
     "read before it is written"},
    {"tensor that nobody writes", [](ModelSpec& m) { Main(m).tensors[1].data.clear(); }, "read before it is written"},
    {"subgraph input index",
     [](ModelSpec& m) {
       Main(m).inputs = {3};
       m.signatures.clear();
     },
     "subgraph input"},
    {"subgraph input twice", [](ModelSpec& m) { Main(m).inputs = {0, 0}; }, "given twice"},
    {"subgraph output index",
     [](ModelSpec& m) {
       Main(m).outputs = {-1};
       m.signatures.clear();
     },
     "subgraph output"},
    {"wrong options",
     [](ModelSpec& m) {
       Main(m).ops[0].options_type = static_cast<uint8_t>(tflite::BuiltinOptions::SoftmaxOptions);
       Main(m).ops[0].options = [](Builder& b) { return tflite::CreateSoftmaxOptions(b, 1).Union(); };
     },
     "not AddOptions"},
    {"large custom options behind the file",
     [](ModelSpec& m) {
       Main(m).ops[0] = {.code = 32, .inputs = {0}, .outputs = {2}, .custom = "X", .large_custom_options = {1 << 20, 8}};
     },
     "outside of the file"},
    {"large custom options whose range wraps",
     [](ModelSpec& m) {
       Main(m).ops[0] = {.code = 32, .inputs = {0}, .outputs = {2}, .custom = "X", .large_custom_options = {16, UINT64_MAX - 7}};
     },
     "outside of the file"},
    // Calls
    {"IF calls itself", [](ModelSpec& m) { AddIf(m, 0, 0, 0); }, "IF 'operator 1': subgraph 0 calls itself"},
    {"IF calls in a ring",
     [](ModelSpec& m) {
       m.subgraphs.resize(3);
       AddIf(m, 0, 1, 1);
       AddIf(m, 1, 2, 2);
       AddIf(m, 2, 1, 1);
     },
     "calls itself"},
    {"IF calls nobody", [](ModelSpec& m) { AddIf(m, 0, 7, 0); }, "subgraph 7"},
    {"IF calls -1", [](ModelSpec& m) { AddIf(m, 0, -1, 0); }, "subgraph -1"},
    {"calls too deep",
     [](ModelSpec& m) {
       m.subgraphs.resize(80);
       for (int i = 0; i + 1 < 80; ++i) AddIf(m, static_cast<uint32_t>(i), i + 1, i + 1);
     },
     "more than 64 deep"},
    // Signatures
    {"signature's subgraph", [](ModelSpec& m) { m.signatures[0].subgraph = 4; }, "subgraph 4"},
    {"signature's input", [](ModelSpec& m) { m.signatures[0].inputs[0].second = 2; }, "tensor 2 is no input"},
    {"signature's output", [](ModelSpec& m) { m.signatures[0].outputs[0].second = 0; }, "tensor 0 is no output"},
    {"name twice", [](ModelSpec& m) { m.signatures[0].inputs.push_back({"in", 0}); }, "two inputs are named 'in'"},
    {"signature twice", [](ModelSpec& m) { m.signatures.push_back(m.signatures[0]); }, "two signatures"},
};

Error LoadError(const Bytes& bytes) {
  const auto loaded = LoadedModel::FromBytes(AsBytes(bytes));
  REQUIRE_FALSE(loaded.ok());
  return loaded.error();
}

}  // namespace

TEST_CASE("the model that all cases start from is valid") {
  const Bytes bytes = Build(AddModel());
  const auto loaded = LoadedModel::FromBytes(AsBytes(bytes));
  REQUIRE(loaded.ok());
  const ModelView& view = loaded.value()->view();
  REQUIRE(view.subgraphs().size() == 1);
  CHECK(view.subgraphs()[0].operators[0].name == "ADD");
  CHECK(view.subgraphs()[0].operators[0].options.size != 0);
  CHECK(view.subgraphs()[0].tensors[1].constant);
  CHECK(view.signatures()[0].inputs[0].name == "in");
}

TEST_CASE("one thing broken") {
  for (const Case& c : kCases) {
    const std::string name = c.name;
    CAPTURE(name);
    ModelSpec spec = AddModel();
    c.breaks(spec);
    const Bytes bytes = Build(spec);
    const auto start = std::chrono::steady_clock::now();
    const auto loaded = LoadedModel::FromBytes(AsBytes(bytes));
    CHECK(std::chrono::steady_clock::now() - start < std::chrono::milliseconds(500));
    CHECK_FALSE(loaded.ok());
    if (loaded.ok()) continue;
    CHECK(loaded.error().code == Code::kMalformed);
    CHECK_MESSAGE(loaded.error().ToString().find(c.words) != std::string::npos, loaded.error().ToString());
  }
}

TEST_CASE("errors say where: operator, tensor, subgraph, byte") {
  ModelSpec spec = AddModel();
  Main(spec).ops[0].inputs = {0, 2};
  const Error error = LoadError(Build(spec));
  CHECK(error.op == "ADD");
  CHECK(error.node == "operator 0");
  CHECK(error.what == "input 1");
  CHECK(error.message.find("tensor 2 'y'") != std::string::npos);
  CHECK(error.byte_offset);
  CHECK(error.notes.front() == "in subgraph 0");
}

TEST_CASE("what is no .tflite at all") {
  CHECK(LoadError({}).code == Code::kUnknownFormat);
  CHECK(LoadError({1, 2, 3}).code == Code::kUnknownFormat);
  CHECK(LoadError(Bytes(100, 0)).code == Code::kUnknownFormat);
  ModelSpec spec = AddModel();
  spec.version = 4;
  CHECK(LoadError(Build(spec)).code == Code::kUnknownFormat);
  CHECK(LoadedModel::FromFile("/nonexistent/model.tflite").error().code == Code::kUnreadable);
  CHECK(LoadedModel::FromFile("/tmp").error().code == Code::kUnreadable);
}

TEST_CASE("legal oddities are accepted") {
  ModelSpec empty_constant = AddModel();  // a constant without elements has no bytes
  Main(empty_constant).tensors[1].shape = {0};
  Main(empty_constant).tensors[1].data.clear();
  CHECK(LoadedModel::FromBytes(AsBytes(Build(empty_constant))).ok());

  ModelSpec far = AddModel();  // bytes behind the flatbuffer, in a buffer of their own
  Main(far).tensors[1].data.clear();
  Main(far).tensors[1].buffer = 1;
  far.far_buffers = {{4096, 24}};
  Bytes bytes = Build(far);
  REQUIRE(bytes.size() < 4096);
  bytes.resize(4096 + 24, 7);
  const auto loaded = LoadedModel::FromBytes(AsBytes(bytes));
  REQUIRE(loaded.ok());
  CHECK(loaded.value()->view().subgraphs()[0].tensors[1].data.size() == 24);

  ModelSpec sparse = AddModel();
  MakeSparse(sparse, {});
  MakeBlocks(sparse, 2, 3, {0, 1});
  CHECK(LoadedModel::FromBytes(AsBytes(Build(sparse))).ok());

  ModelSpec blockwise = AddModel();
  Main(blockwise).tensors.push_back({.name = "scales", .dtype = 1, .shape = {2, 1}, .data = Bytes(4)});
  Blockwise(blockwise, 3, 3);
  CHECK(LoadedModel::FromBytes(AsBytes(Build(blockwise))).ok());

  ModelSpec output_twice = AddModel();
  Main(output_twice).outputs = {2, 2};
  CHECK(LoadedModel::FromBytes(AsBytes(Build(output_twice))).ok());
}

TEST_CASE("bytes at an odd address are copied") {
  const Bytes bytes = Build(AddModel());
  Bytes shifted(bytes.size() + 1);
  std::copy(bytes.begin(), bytes.end(), shifted.begin() + 1);
  CHECK(LoadedModel::FromBytes(AsBytes(shifted).subspan(1)).ok());
}

TEST_CASE("one vector shared by many tables does not buy quadratic work") {
  // 3,000 operators that all use one list of 30,000 operands: 90 million entries in a file of some 250 KB.
  Builder b;
  const std::vector<int32_t> operands(30000, 0);
  const auto inputs = b.CreateVector(operands);
  const std::vector<flatbuffers::Offset<tflite::OperatorCode>> codes = {
      tflite::CreateOperatorCode(b, 0, b.CreateString("X"), 1, tflite::BuiltinOperator::CUSTOM)};
  std::vector<flatbuffers::Offset<tflite::Operator>> operators;
  for (int i = 0; i < 3000; ++i) {
    tflite::OperatorBuilder op(b);
    op.add_inputs(inputs);
    operators.push_back(op.Finish());
  }
  const std::vector<flatbuffers::Offset<tflite::Tensor>> tensors = {tflite::CreateTensor(b)};
  const std::vector<int32_t> first = {0};
  const std::vector<flatbuffers::Offset<tflite::SubGraph>> subgraphs = {tflite::CreateSubGraph(
      b, b.CreateVector(tensors), b.CreateVector(first), b.CreateVector(first), b.CreateVector(operators))};
  tflite::FinishModelBuffer(b, tflite::CreateModel(b, 3, b.CreateVector(codes), b.CreateVector(subgraphs)));
  const Bytes bytes(b.GetBufferPointer(), b.GetBufferPointer() + b.GetSize());
  CHECK(LoadError(bytes).ToString().find("shared") != std::string::npos);
}
