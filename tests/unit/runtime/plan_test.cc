// Plans: what shares memory, what is computed once, what is packed once.
#include <doctest/doctest.h>

#include "model_spec.h"
#include "runtime/model/loader.h"
#include "runtime/plan/plan.h"
#include "test_kernels.h"

using namespace tflower;
using namespace tflower::runtime;
using namespace tflower::runtime::test;

namespace {

constexpr int32_t kAdd = 0, kReshape = 22, kCustom = 32, kShape = 77;

// Keeps alive what a plan points to.
struct Planned {
  Bytes bytes;
  std::unique_ptr<const LoadedModel> model;
  std::shared_ptr<const KernelSource> kernels = MakeKernels();
  SharedConstants shared;
  ThreadPool pool{2};

  explicit Planned(const ModelSpec& spec) : bytes(Build(spec)) {
    auto loaded = LoadedModel::FromBytes(AsBytes(bytes));
    REQUIRE_MESSAGE(loaded.ok(), loaded.error().ToString());
    model = std::move(loaded.value());
  }

  Result<std::unique_ptr<Plan>> Make(uint64_t max_bytes = UINT64_MAX) {
    const SubgraphView& subgraph = model->view().subgraphs()[0];
    std::vector<TensorType> inputs;
    for (const int32_t input : subgraph.inputs) {
      const TensorView& tensor = subgraph.tensors[static_cast<size_t>(input)];
      inputs.push_back(MakeType(tensor.dtype, tensor.shape));
    }
    return MakePlan({&model->view(), &model->file(), 0, inputs, kernels.get(), &shared, &pool, max_bytes});
  }

  std::unique_ptr<Plan> Get() {
    auto plan = Make();
    REQUIRE_MESSAGE(plan.ok(), plan.error().ToString());
    return std::move(plan.value());
  }
};

// x -> ops -> last tensor. Float tensors of 16 elements, named by their index.
ModelSpec Chain(std::vector<OpSpec> ops, size_t tensors) {
  ModelSpec model;
  SubgraphSpec& main = model.subgraphs.emplace_back();
  for (size_t i = 0; i < tensors; ++i) main.tensors.push_back({.name = std::to_string(i), .shape = {16}});
  main.ops = std::move(ops);
  main.inputs = {0};
  main.outputs = {static_cast<int32_t>(tensors) - 1};
  return model;
}

int32_t Block(const Plan& plan, size_t tensor) { return plan.blocks[tensor]; }

}  // namespace

TEST_CASE("an in-place chain uses one block beside the input's") {
  Planned p(Chain({{.code = kAdd, .inputs = {0, 0}, .outputs = {1}},
                   {.code = kAdd, .inputs = {1, 1}, .outputs = {2}},
                   {.code = kAdd, .inputs = {2, 0}, .outputs = {3}}},
                  4));
  const auto plan = p.Get();
  CHECK(Block(*plan, 1) != Block(*plan, 0));  // the input is never overwritten
  CHECK(Block(*plan, 2) == Block(*plan, 1));
  CHECK(Block(*plan, 3) == Block(*plan, 1));
  CHECK(plan->arena_bytes == 128);
}

TEST_CASE("an operand that is read later is not overwritten") {
  Planned p(Chain({{.code = kAdd, .inputs = {0, 0}, .outputs = {1}},
                   {.code = kAdd, .inputs = {1, 1}, .outputs = {2}},
                   {.code = kAdd, .inputs = {2, 1}, .outputs = {3}}},
                  4));
  const auto plan = p.Get();
  CHECK(Block(*plan, 2) != Block(*plan, 1));
  CHECK(Block(*plan, 3) == Block(*plan, 2));
}

TEST_CASE("a view has its operand's bytes, takes no step, and keeps the operand alive") {
  ModelSpec spec = Chain({{.code = kAdd, .inputs = {0, 0}, .outputs = {1}},
                          {.code = kReshape, .inputs = {1, 4}, .outputs = {2}},
                          {.code = kAdd, .inputs = {1, 1}, .outputs = {3}},
                          {.code = kAdd, .inputs = {2, 2}, .outputs = {5}},
                          {.code = kAdd, .inputs = {3, 0}, .outputs = {6}}},
                         7);
  spec.subgraphs[0].tensors[2].shape = {4, 4};
  spec.subgraphs[0].tensors[4] = {.name = "dims", .dtype = 2, .shape = {2}, .data = Pack<int32_t>({4, 4})};
  spec.subgraphs[0].tensors[5].shape = {4, 4};
  spec.subgraphs[0].outputs = {5, 6};
  Planned p(spec);
  const auto plan = p.Get();
  CHECK(plan->steps.size() == 4);
  CHECK(Block(*plan, 2) == Block(*plan, 1));
  CHECK(Block(*plan, 3) != Block(*plan, 1));  // 1 lives on in its view
  CHECK(Block(*plan, 5) == Block(*plan, 2));
}

TEST_CASE("an output that would be a view of an input is copied") {
  ModelSpec spec = Chain({{.code = kReshape, .inputs = {0, 1}, .outputs = {2}}}, 3);
  spec.subgraphs[0].tensors[1] = {.name = "dims", .dtype = 2, .shape = {1}, .data = Pack<int32_t>({16})};
  Planned p(spec);
  const auto plan = p.Get();
  CHECK(plan->steps.size() == 1);
  CHECK(Block(*plan, 2) != Block(*plan, 0));
}

TEST_CASE("operators on constants run once for all plans of a model") {
  ModelSpec spec =
      Chain({{.code = kAdd, .inputs = {1, 1}, .outputs = {2}}, {.code = kAdd, .inputs = {0, 2}, .outputs = {3}}}, 4);
  spec.subgraphs[0].tensors[1].data = Pack<float>(std::vector<float>(16, 3));
  Planned p(spec);
  const int before = Counts().add_evals;
  const auto first = p.Get();
  const auto second = p.Get();
  CHECK(Counts().add_evals == before + 1);
  CHECK(first->steps.size() == 1);
  CHECK(first->tensors[2].data == second->tensors[2].data);
  CHECK((first->tensors[2].flags & TFLOWER_TENSOR_CONSTANT) != 0);
  CHECK(static_cast<const float*>(first->tensors[2].data)[15] == 6);
  CHECK(p.shared.folded_bytes() == 64);
}

TEST_CASE("a view of a constant is the constant") {
  ModelSpec spec = Chain(
      {{.code = kReshape, .inputs = {1, 4}, .outputs = {2}}, {.code = kAdd, .inputs = {0, 2}, .outputs = {3}}}, 5);
  spec.subgraphs[0].tensors[1] = {.name = "c", .shape = {4, 4}, .data = Pack<float>(std::vector<float>(16, 3))};
  spec.subgraphs[0].tensors[4] = {.name = "dims", .dtype = 2, .shape = {1}, .data = Pack<int32_t>({16})};
  spec.subgraphs[0].outputs = {3};
  Planned p(spec);
  const auto plan = p.Get();
  CHECK(plan->tensors[2].data == plan->tensors[1].data);
  CHECK(plan->tensors[2].rank == 1);
  CHECK(p.shared.folded_bytes() == 0);
}

TEST_CASE("shape arithmetic disappears") {
  ModelSpec spec = Chain({{.code = kShape, .inputs = {0}, .outputs = {1}},
                          {.code = kReshape, .inputs = {0, 1}, .outputs = {2}},
                          {.code = kAdd, .inputs = {2, 2}, .outputs = {3}}},
                         4);
  spec.subgraphs[0].tensors[1] = {.name = "shape", .dtype = 2, .shape = {1}};
  Planned p(spec);
  const auto plan = p.Get();
  REQUIRE(plan->steps.size() == 1);
  CHECK(plan->steps[0].view->code == kAdd);
}

TEST_CASE("weights are packed once per model, state is released with the plan") {
  ModelSpec spec = Chain({{.code = kCustom, .inputs = {0, 1}, .outputs = {2}, .custom = "Scale"}}, 3);
  spec.subgraphs[0].tensors[1] = {.name = "w", .data = Pack<float>({2})};
  Planned p(spec);
  const int packs = Counts().scale_packs, releases = Counts().releases;
  {
    const auto first = p.Get();
    const auto second = p.Get();
    CHECK(Counts().scale_packs == packs + 1);
    CHECK(first->steps[0].kernel.packed() == second->steps[0].kernel.packed());
    CHECK(p.shared.packed_bytes() == 64);
  }
  CHECK(Counts().releases == releases + 2);
}

TEST_CASE("a kernel takes over the operator that alone reads its result") {
  const OpSpec twice{.code = kCustom, .inputs = {1}, .outputs = {2}, .custom = "Twice"};
  ModelSpec spec = Chain({{.code = kAdd, .inputs = {0, 0}, .outputs = {1}}, twice, {.code = kAdd, .inputs = {1, 2}, .outputs = {3}}}, 4);
  {
    Planned p(spec);
    const auto plan = p.Get();
    REQUIRE(plan->steps.size() == 2);
    const tflower_op& fused = plan->steps[1].op;
    REQUIRE(fused.num_inputs == 2);
    CHECK(fused.inputs[0] == &plan->tensors[1]);
    CHECK(fused.inputs[1] == &plan->tensors[1]);
    CHECK(fused.outputs[0] == &plan->tensors[3]);
    CHECK(plan->places[2] == Place::kNone);
    CHECK(Block(*plan, 3) != Block(*plan, 1));  // never over an operand
    CHECK(plan->arena_bytes == 192);
  }
  SUBCASE("not when another operator reads it, too") { spec.subgraphs[0].ops[2].inputs = {2, 2}; }
  SUBCASE("nor when the caller does") { spec.subgraphs[0].outputs = {2, 3}; }
  SUBCASE("nor when the kernel declines") {
    spec.subgraphs[0].tensors.push_back({.name = "4", .shape = {1}, .data = Pack<float>({1})});
    spec.subgraphs[0].ops[2].inputs = {2, 4};
  }
  Planned p(spec);
  CHECK(p.Get()->steps.size() == 3);
}

TEST_CASE("a step knows what the model says of intermediate tensors: types and quantisation, no data") {
  ModelSpec spec = Chain({{.code = kAdd, .inputs = {0, 1}, .outputs = {2}, .intermediates = {3, -1, 1}}}, 3);
  spec.subgraphs[0].tensors[1] = {.name = "w", .shape = {16}, .data = Pack<float>(std::vector<float>(16, 1))};
  spec.subgraphs[0].tensors.push_back({.name = "gate", .dtype = static_cast<int>(DType::kInt16), .scale = {0.5f}, .zero_point = {7}});
  Planned p(spec);
  const auto plan = p.Get();
  const tflower_op& op = plan->steps[0].op;
  REQUIRE(op.num_intermediates == 3);
  CHECK(op.intermediates[0]->dtype == static_cast<int32_t>(DType::kInt16));
  CHECK(op.intermediates[0]->scale[0] == 0.5f);
  CHECK(op.intermediates[0]->zero_point[0] == 7);
  CHECK(op.intermediates[1] == nullptr);
  CHECK(op.intermediates[2]->data == nullptr);  // also of a tensor that has some
  CHECK(op.intermediates[2]->quant_count == 0);
}

TEST_CASE("a kernel that declines makes room for the next") {
  Planned p(Chain({{.code = kCustom, .inputs = {0}, .outputs = {1}, .custom = "Decline"}}, 2));
  const int before = Counts().declines;
  const auto plan = p.Get();
  CHECK(Counts().declines == before + 1);
  CHECK(plan->steps.size() == 1);
}

TEST_CASE("sums have the type of their operands, whatever is declared") {
  ModelSpec spec = Chain({{.code = kAdd, .inputs = {0, 0}, .outputs = {1}}, {.code = kAdd, .inputs = {1, 0}, .outputs = {2}}}, 3);
  spec.subgraphs[0].tensors[1].dtype = 2;
  Planned planned(spec);
  CHECK(planned.model->view().subgraphs()[0].tensors[1].dtype == 0);
  CHECK(planned.Get()->steps.size() == 2);
}

TEST_CASE("errors name operator, node and place") {
  Planned unknown(Chain({{.code = 14, .inputs = {0}, .outputs = {1}, .version = 3}}, 2));
  const Error missing = unknown.Make().error();
  CHECK(missing.code == Code::kMissingKernel);
  CHECK(missing.op == "LOGISTIC");
  CHECK(missing.node == "1");
  CHECK(missing.notes.back() == "operator 0 of subgraph 0");

  ModelSpec clash = Chain({{.code = kReshape, .inputs = {0, 1}, .outputs = {2}}}, 3);
  clash.subgraphs[0].tensors[1] = {.name = "shape", .dtype = 2, .shape = {1}, .data = Pack<int32_t>({16})};
  clash.subgraphs[0].tensors[2].dtype = 2;
  CHECK(Planned(clash).Make().error().code == Code::kInvalidGraph);

  ModelSpec strings = Chain({{.code = kCustom, .inputs = {0, 1}, .outputs = {2}, .custom = "Decline"}}, 3);
  strings.subgraphs[0].tensors[1] = {.name = "text", .dtype = 5, .shape = {1}, .data = Pack<int32_t>({1, 12, 4000})};
  CHECK(Planned(strings).Make().error().code == Code::kMalformed);

  Planned big(Chain({{.code = kAdd, .inputs = {0, 0}, .outputs = {1}}}, 2));
  CHECK(big.Make(100).error().code == Code::kLimit);
}
