// Options of every operator go out to a flatbuffer and come back; flatc's own accessors are the second opinion.
#include "sdk/schema/options_io.h"

#include <doctest/doctest.h>
#include <tflower/schema_generated.h>

#include <cstring>
#include <string>
#include <string_view>
#include <vector>

namespace tflower::tfl {
namespace {

struct RawSpan {
  const void* data;
  size_t size;
};

// An options struct of any operator; what its spans borrow lives as long as it does.
class AnyOptions {
 public:
  explicit AnyOptions(const OpInfo& op) : op_(op), memory_(op.options_size / sizeof(uint64_t) + 1, kJunk) {}
  void* data() { return memory_.data(); }
  const void* data() const { return memory_.data(); }

  // Gives every field a value that is not its default and differs between fields.
  void FillDistinct() {
    int seed = 3;
    for (const FieldInfo& field : op_.fields) {
      if (ScalarSize(field.type)) StoreScalar(field, ++seed);
      else StoreSpan(field, ++seed);
    }
  }

 private:
  static constexpr uint64_t kJunk = 0xABABABABABABABAB;

  void StoreScalar(const FieldInfo& field, int seed) {
    const float real = static_cast<float>(seed) + 0.25f;
    const int64_t integer = field.type == FieldType::kBool ? !field.default_int : field.default_int + seed;
    const bool is_real = field.type == FieldType::kFloat32;
    std::memcpy(static_cast<char*>(data()) + field.struct_offset, is_real ? static_cast<const void*>(&real) : &integer,
                ScalarSize(field.type));
  }

  void StoreSpan(const FieldInfo& field, int seed) {
    const size_t item = field.type == FieldType::kString ? 1 : ScalarSize(field.element);
    std::vector<uint64_t>& bytes = borrowed_.emplace_back(seed);  // seed elements, of at most 8 bytes
    for (size_t i = 0; i < seed * item; ++i) reinterpret_cast<char*>(bytes.data())[i] = static_cast<char>(seed + i);
    const RawSpan span{bytes.data(), static_cast<size_t>(seed)};
    std::memcpy(static_cast<char*>(data()) + field.struct_offset, &span, sizeof span);
  }

  const OpInfo& op_;
  std::vector<uint64_t> memory_;
  std::vector<std::vector<uint64_t>> borrowed_;
};

bool SameField(const FieldInfo& field, const void* a, const void* b) {
  const char* left = static_cast<const char*>(a) + field.struct_offset;
  const char* right = static_cast<const char*>(b) + field.struct_offset;
  if (const size_t size = ScalarSize(field.type)) return std::memcmp(left, right, size) == 0;
  RawSpan x, y;
  std::memcpy(&x, left, sizeof x);
  std::memcpy(&y, right, sizeof y);
  const size_t item = field.type == FieldType::kString ? 1 : ScalarSize(field.element);
  return x.size == y.size && (x.size == 0 || std::memcmp(x.data, y.data, x.size * item) == 0);
}

void CheckSame(const OpInfo& op, const AnyOptions& a, const AnyOptions& b) {
  for (const FieldInfo& field : op.fields) {
    INFO(op.name << "." << field.name);
    CHECK(SameField(field, a.data(), b.data()));
  }
}

// A model of one operator with these options.
flatbuffers::DetachedBuffer ModelWith(const OpInfo& op, const void* options) {
  flatbuffers::FlatBufferBuilder builder;
  const flatbuffers::Offset<void> table(WriteOptions(builder, op, options));
  tflite::OperatorBuilder node(builder);
  if (op.options_union == 1) {
    node.add_builtin_options_type(static_cast<tflite::BuiltinOptions>(op.union_member));
    node.add_builtin_options(table);
  } else if (op.options_union == 2) {
    node.add_builtin_options_2_type(static_cast<tflite::BuiltinOptions2>(op.union_member));
    node.add_builtin_options_2(table);
  }
  const auto node_offset = node.Finish();
  const auto nodes = builder.CreateVector(&node_offset, 1);
  tflite::SubGraphBuilder graph(builder);
  graph.add_operators(nodes);
  const auto graph_offset = graph.Finish();
  const auto graphs = builder.CreateVector(&graph_offset, 1);
  tflite::ModelBuilder model(builder);
  model.add_subgraphs(graphs);
  tflite::FinishModelBuffer(builder, model.Finish());
  return builder.Release();
}

const tflite::Operator& OnlyOperator(const flatbuffers::DetachedBuffer& model) {
  return *tflite::GetModel(model.data())->subgraphs()->Get(0)->operators()->Get(0);
}

TEST_CASE("every operator's options survive the file, whatever their values") {
  for (const OpInfo& op : AllOps()) {
    INFO(op.name);
    AnyOptions written(op), read(op);
    written.FillDistinct();
    const auto model = ModelWith(op, written.data());
    flatbuffers::Verifier verifier(model.data(), model.size());
    REQUIRE(tflite::VerifyModelBuffer(verifier));
    const flatbuffers::Table* table = OptionsTable(op, OnlyOperator(model));
    CHECK((table != nullptr) == (op.options_table != nullptr));
    ReadOptions(op, table, read.data());
    CheckSame(op, written, read);
  }
}

TEST_CASE("default values take no space and come back as defaults") {
  for (const OpInfo& op : AllOps()) {
    INFO(op.name);
    if (!op.options_table) continue;
    AnyOptions defaults(op), read(op), absent(op);
    DefaultOptions(op, defaults.data());
    flatbuffers::FlatBufferBuilder builder;
    builder.Finish(flatbuffers::Offset<flatbuffers::Table>(WriteOptions(builder, op, defaults.data())));
    const auto* table = flatbuffers::GetRoot<flatbuffers::Table>(builder.GetBufferPointer());
    for (const FieldInfo& field : op.fields) CHECK_FALSE(table->CheckField(field.slot));
    ReadOptions(op, table, read.data());
    CheckSame(op, defaults, read);
    ReadOptions(op, nullptr, absent.data());
    CheckSame(op, defaults, absent);
  }
}

void CheckDefaults(const OpInfo& op, const void* expected, void* filled) {
  DefaultOptions(op, filled);
  for (const FieldInfo& field : op.fields) {
    INFO(op.name << "." << field.name);
    CHECK(SameField(field, expected, filled));
  }
}

template <class Op>
void CheckDefaultsMatchStruct() {
  REQUIRE(FindOp(Op::kCode)->options_size == sizeof(Op));
  const Op expected;
  Op filled;
  std::memset(static_cast<void*>(&filled), 0x55, sizeof filled);
  CheckDefaults(*FindOp(Op::kCode), &expected, &filled);
}

TEST_CASE("the table's defaults are those of the structs") {
  CheckDefaultsMatchStruct<Add>();
  CheckDefaultsMatchStruct<BidirectionalSequenceLstm>();
  CheckDefaultsMatchStruct<Conv3DTranspose>();
  CheckDefaultsMatchStruct<FakeQuant>();
  CheckDefaultsMatchStruct<StablehloConvolution>();
  CheckDefaultsMatchStruct<Unique>();
  CheckDefaultsMatchStruct<VarHandle>();
}

TEST_CASE("flatc's accessors read what we write") {
  flatbuffers::FlatBufferBuilder builder;
  const Conv2D conv{.padding = Padding::VALID, .stride_w = 2, .stride_h = 3, .dilation_h_factor = 4,
                    .quantized_bias_type = TensorType::INT32};
  builder.Finish(flatbuffers::Offset<tflite::Conv2DOptions>(WriteOptions(builder, *FindOp(conv.kCode), &conv)));
  const auto* read = flatbuffers::GetRoot<tflite::Conv2DOptions>(builder.GetBufferPointer());
  CHECK(read->padding() == tflite::Padding::VALID);
  CHECK(read->stride_w() == 2);
  CHECK(read->stride_h() == 3);
  CHECK(read->dilation_w_factor() == 1);
  CHECK(read->dilation_h_factor() == 4);
  CHECK(read->quantized_bias_type() == tflite::TensorType::INT32);
  CHECK(read->fused_activation_function() == tflite::ActivationFunctionType::NONE);
}

TEST_CASE("we read what flatc's builders write") {
  flatbuffers::FlatBufferBuilder builder;
  builder.Finish(tflite::CreateStableHLOCompositeOptionsDirect(builder, "odml.norm", 7, nullptr,
                                                               tflite::CustomOptionsFormat::FLEXBUFFERS, 2));
  const auto* table = flatbuffers::GetRoot<flatbuffers::Table>(builder.GetBufferPointer());
  StablehloComposite read;
  ReadOptions(*FindOp(read.kCode), table, &read);
  CHECK(std::string_view(read.name.data, read.name.size) == "odml.norm");
  CHECK(read.decomposition_subgraph_index == 7);
  CHECK(read.composite_attributes.size == 0);
  CHECK(read.version == 2);
}

TEST_CASE("options of another operator's kind are not read") {
  const Softmax softmax{.beta = 2};
  const auto model = ModelWith(*FindOp(softmax.kCode), &softmax);
  CHECK(OptionsTable(*FindOp(Builtin::SOFTMAX), OnlyOperator(model)) != nullptr);
  CHECK(OptionsTable(*FindOp(Builtin::RESHAPE), OnlyOperator(model)) == nullptr);
  CHECK(OptionsTable(*FindOp(Builtin::STABLEHLO_COMPARE), OnlyOperator(model)) == nullptr);
  CHECK(OptionsTable(*FindOp(Builtin::FLOOR), OnlyOperator(model)) == nullptr);
}

TEST_CASE("the two unions are told apart when their members have the same number") {
  const OpInfo& conv = *FindOp(Builtin::CONV_2D);
  const OpInfo& concatenate = *FindOp(Builtin::STABLEHLO_CONCATENATE);
  REQUIRE(conv.union_member == concatenate.union_member);
  const Conv2D first;
  const StablehloConcatenate second;
  const auto first_model = ModelWith(conv, &first);
  const auto second_model = ModelWith(concatenate, &second);
  CHECK(OptionsTable(conv, OnlyOperator(first_model)) != nullptr);
  CHECK(OptionsTable(concatenate, OnlyOperator(first_model)) == nullptr);
  CHECK(OptionsTable(conv, OnlyOperator(second_model)) == nullptr);
  CHECK(OptionsTable(concatenate, OnlyOperator(second_model)) != nullptr);
}

TEST_CASE("a bool stored as any non-zero byte reads as true") {
  flatbuffers::FlatBufferBuilder builder;
  const auto start = builder.StartTable();
  builder.AddElement<uint8_t>(tflite::GeluOptions::VT_APPROXIMATE, 0x82, 0);
  builder.Finish(flatbuffers::Offset<flatbuffers::Table>(builder.EndTable(start)));
  Gelu read;
  ReadOptions(*FindOp(read.kCode), flatbuffers::GetRoot<flatbuffers::Table>(builder.GetBufferPointer()), &read);
  uint8_t byte;
  std::memcpy(&byte, &read.approximate, 1);
  CHECK(byte == 1);
}

}  // namespace
}  // namespace tflower::tfl
