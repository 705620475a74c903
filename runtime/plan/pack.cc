// Packing: mostly copying at memory speed, so operators are spread over the threads, and giants are split inside.
#include "pack.h"

#include <algorithm>

namespace tflower::runtime {
namespace {

struct Packing {
  Plan& plan;
  const PlanRequest& request;
  std::vector<Step*> steps;
  std::vector<Status> results;

  Status Pack(Step& step, EvalContext& context) const {
    auto status = step.kernel.Pack(context, step.op, NameOf(*plan.subgraph, *step.view),
                                   step.constants_shared ? request.shared : nullptr, {plan.subgraph_index, step.index},
                                   request.max_bytes);
    if (!status.ok()) return LocateError(std::move(status.error()), plan, step.index);
    if (request.file != nullptr) ForgetConstants(step);
    return Ok();
  }

  // Eval reads the packed copy from now on: without this, every weight would be in memory twice.
  void ForgetConstants(const Step& step) const {
    for (uint32_t i = 0; i < step.op.num_inputs; ++i) {
      const tflower_tensor* tensor = step.op.inputs[i];
      if (tensor == nullptr || (tensor->flags & TFLOWER_TENSOR_CONSTANT) == 0) continue;
      request.file->Forget({static_cast<const std::byte*>(tensor->data), tensor->size_bytes});
    }
  }
};

void PackRange(void* user, int64_t begin, int64_t end) {
  Packing& packing = *static_cast<Packing*>(user);
  EvalContext context(nullptr, packing.request.max_bytes, nullptr, packing.request.stop);
  for (int64_t i = begin; i < end; ++i) {
    const size_t index = static_cast<size_t>(i);
    packing.results[index] = packing.Pack(*packing.steps[index], context);
  }
}

}  // namespace

Status PackAll(Plan& plan, const PlanRequest& request, EvalContext& context) {
  Packing packing{plan, request, {}, {}};
  uint64_t total = 0;
  for (Step& step : plan.steps) {
    if (step.kind != StepKind::kKernel || step.kernel.packed_bytes() == 0) continue;
    packing.steps.push_back(&step);
    total += step.kernel.packed_bytes();
  }
  const auto heavier = [](const Step* a, const Step* b) { return a->kernel.packed_bytes() > b->kernel.packed_bytes(); };
  std::ranges::stable_sort(packing.steps, heavier);

  // Whoever is heavier than a thread's fair share has all threads for itself; the others take one each.
  const uint64_t share = total / static_cast<uint64_t>(context.threads);
  size_t alone = 0;
  while (alone < packing.steps.size() && packing.steps[alone]->kernel.packed_bytes() > share) {
    TFLOWER_CHECK(packing.Pack(*packing.steps[alone++], context));
  }
  packing.steps.erase(packing.steps.begin(), packing.steps.begin() + static_cast<ptrdiff_t>(alone));
  packing.results.assign(packing.steps.size(), Ok());
  context.Begin();
  context.ParallelFor(static_cast<int64_t>(packing.steps.size()), 1, &PackRange, &packing);
  for (Status& status : packing.results) TFLOWER_CHECK(std::move(status));
  if (request.stop != nullptr && request.stop->WasRequested()) return request.stop->Why();
  return Ok();
}

}  // namespace tflower::runtime
