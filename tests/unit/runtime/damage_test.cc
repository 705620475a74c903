// Damaged files: every prefix, every bit of every byte, and what loads in spite of that is also run. Nothing may crash, hang or
// take much memory; the sanitizer builds make this a memory-safety test.
#include <doctest/doctest.h>

#include <chrono>
#include <cstring>
#include <tflower/schema_generated.h>

#include "model_spec.h"
#include "runtime/model/view.h"
#include "test_kernels.h"
#include "tflower/runtime.h"

using namespace tflower;
using namespace tflower::runtime;
using namespace tflower::runtime::test;

namespace {

constexpr uint64_t kMaxBytes = uint64_t{1} << 24;

// A model with a bit of everything: constants, quantisation, a view, customs with packing and dynamic outputs, an IF, a variable.
ModelSpec RichModel() {
  ModelSpec model = AddModel();
  SubgraphSpec& main = model.subgraphs[0];
  main.tensors[1].scale = {0.5f, 1, 2};
  main.tensors[1].axis = 1;
  main.tensors.push_back({.name = "dims", .dtype = 2, .shape = {1}, .data = Pack<int32_t>({6})});  // 3
  main.tensors.push_back({.name = "flat", .shape = {6}});                                          // 4
  main.tensors.push_back({.name = "two", .data = Pack<float>({2})});                               // 5
  main.tensors.push_back({.name = "scaled", .shape = {6}});                                        // 6
  main.tensors.push_back({.name = "picked", .shape = {1}, .signature = {-1}});                     // 7
  main.tensors.push_back({.name = "flag", .dtype = 6, .data = {1}});                               // 8
  main.tensors.push_back({.name = "chosen", .shape = {1}, .signature = {-1}});                     // 9
  main.tensors.push_back({.name = "state", .variable = true});                                     // 10
  main.tensors.push_back({.name = "count", .shape = {6}});                                         // 11
  main.ops.push_back({.code = 22,
                      .inputs = {2, 3},
                      .outputs = {4},
                      .options_type = static_cast<uint8_t>(tflite::BuiltinOptions::ReshapeOptions),
                      .options = [](Builder& b) {
                        return tflite::CreateReshapeOptions(b, b.CreateVector(std::vector<int32_t>{6})).Union();
                      }});
  main.ops.push_back({.code = 32, .inputs = {4, 5}, .outputs = {6}, .custom = "Scale", .custom_options = {1, 2, 3}});
  main.ops.push_back({.code = 32, .inputs = {6}, .outputs = {7}, .custom = "NonZero"});
  main.ops.push_back({.code = 118,
                      .inputs = {8, 7},
                      .outputs = {9},
                      .options_type = static_cast<uint8_t>(tflite::BuiltinOptions::IfOptions),
                      .options = [](Builder& b) { return tflite::CreateIfOptions(b, 1, 1).Union(); }});
  main.ops.push_back({.code = 32, .inputs = {6, 10}, .outputs = {11}, .custom = "Slot"});
  main.outputs = {2, 9, 11};
  SubgraphSpec& branch = model.subgraphs.emplace_back();
  branch.tensors = {{.name = "a", .shape = {1}, .signature = {-1}},
                    {.name = "one", .data = Pack<float>({1})},
                    {.name = "b", .shape = {1}, .signature = {-1}}};
  branch.ops = {{.code = 0, .inputs = {0, 1}, .outputs = {2}}};
  branch.inputs = {0};
  branch.outputs = {2};
  return model;
}

// Loads and, when that works, runs. Returns whether the model loaded.
bool Exercise(const Bytes& bytes, const std::shared_ptr<const KernelSource>& kernels) {
  const auto model = Model::FromBytes(AsBytes(bytes), kernels);
  if (!model.ok()) {
    const Code code = model.error().code;
    CHECK((code == Code::kMalformed || code == Code::kUnknownFormat));
    return false;
  }
  auto session = Session::Create(model.value(), {.max_bytes = kMaxBytes});
  if (!session.ok()) return true;
  for (size_t i = 0; i < session.value()->num_inputs(); ++i) {
    auto data = session.value()->InputData(i);
    if (data.ok()) std::fill(data.value().begin(), data.value().end(), std::byte{1});
  }
  if (!session.value()->Invoke().ok()) return true;
  for (size_t i = 0; i < session.value()->num_outputs(); ++i) {
    uint64_t sum = 0;
    for (const std::byte byte : session.value()->OutputData(i)) sum += static_cast<uint8_t>(byte);
    CHECK(sum < UINT64_MAX);
  }
  return true;
}

}  // namespace

TEST_CASE("the whole model loads and runs") {
  const Bytes bytes = Build(RichModel());
  const auto model = Model::FromBytes(AsBytes(bytes), MakeKernels());
  REQUIRE(model.ok());
  auto session = Session::Create(model.value());
  REQUIRE(session.ok());
  const Bytes x = Pack<float>({0, 1, 2, 3, 4, -1});
  REQUIRE(session.value()->SetInput(0, AsBytes(x)).ok());
  const auto status = session.value()->Invoke();
  REQUIRE_MESSAGE(status.ok(), status.error().ToString());
  CHECK(Values<float>(session.value()->OutputData(1)) == std::vector<float>{3, 5, 7, 9, 11});
}

TEST_CASE("every prefix is refused") {
  const Bytes bytes = Build(RichModel());
  const auto kernels = MakeKernels();
  const auto start = std::chrono::steady_clock::now();
  for (size_t size = 0; size < bytes.size(); ++size) {
    const Bytes prefix(bytes.begin(), bytes.begin() + static_cast<ptrdiff_t>(size));
    if (Exercise(prefix, kernels)) {
      CAPTURE(size);
      // The builder may end the file with padding; a model without it is whole.
      CHECK(size + 16 >= bytes.size());
    }
  }
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(60));
}

TEST_CASE("zero points at an odd address are copied, as there are writers that do not align them") {
  ModelSpec model = AddModel();
  model.subgraphs[0].tensors[0].scale = {0.5f};
  model.subgraphs[0].tensors[0].zero_point = {1, 0};  // read 4 bytes further on: a vector of one zero point, 0
  Bytes bytes = Build(model);
  const auto* quant = tflite::GetModel(bytes.data())->subgraphs()->Get(0)->tensors()->Get(0)->quantization();
  const auto* field = reinterpret_cast<const flatbuffers::Table*>(quant)->GetAddressOf(tflite::QuantizationParameters::VT_ZERO_POINT);
  uint32_t offset;
  std::memcpy(&offset, field, 4);
  offset += 4;
  std::memcpy(bytes.data() + (field - bytes.data()), &offset, 4);
  const auto loaded = Model::FromBytes(AsBytes(bytes), MakeKernels());
  REQUIRE(loaded.ok());
  const auto zero_points = loaded.value()->view().subgraphs()[0].tensors[0].quant.zero_point;
  CHECK(reinterpret_cast<uintptr_t>(zero_points.data()) % alignof(int64_t) == 0);
  REQUIRE(zero_points.size() == 1);
  CHECK(zero_points[0] == 0);
}

TEST_CASE("every flipped bit") {
  Bytes bytes = Build(RichModel());
  const auto kernels = MakeKernels();
  const auto start = std::chrono::steady_clock::now();
  for (size_t i = 0; i < bytes.size(); ++i) {
    for (int bit = 0; bit < 8; ++bit) {
      bytes[i] ^= static_cast<uint8_t>(1 << bit);
      Exercise(bytes, kernels);
      bytes[i] ^= static_cast<uint8_t>(1 << bit);
    }
  }
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(300));
}

TEST_CASE("every word replaced by an extreme") {
  Bytes bytes = Build(RichModel());
  const auto kernels = MakeKernels();
  for (size_t i = 0; i + 4 <= bytes.size(); i += 4) {
    for (const uint32_t extreme : {0u, 1u, 0x7fffffffu, 0x80000000u, 0xffffffffu, 0xfffffff0u}) {
      uint32_t old;
      std::memcpy(&old, bytes.data() + i, 4);
      std::memcpy(bytes.data() + i, &extreme, 4);
      Exercise(bytes, kernels);
      std::memcpy(bytes.data() + i, &old, 4);
    }
  }
}
