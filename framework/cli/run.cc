// tflower run: executes a .tflite model on .npz inputs.
#include <fmt/format.h>

#include "cli/cli.h"
#include "cli/model_io.h"
#include "runtime/plan/kernel_source.h"
#include "tflower/runtime.h"

namespace tflower::cli {
namespace {

struct Args {
  std::string model, inputs, outputs, signature;
  int threads = 1;
  bool steps = false;
};

// The leading axis over which --steps invokes.
Result<int64_t> NumSteps(const Arrays& arrays) {
  int64_t steps = -1;
  for (const auto& [name, array] : arrays) {
    if (array.dims.empty() || array.dtype == DType::kString) return Error(Code::kUsage, fmt::format("--steps: array '{}' has no leading axis of steps", name));
    if (steps >= 0 && array.dims[0] != steps) return Error(Code::kUsage, fmt::format("--steps: array '{}' has {} steps, others have {}", name, array.dims[0], steps));
    steps = array.dims[0];
  }
  if (steps <= 0) return Error(Code::kUsage, "--steps: there are no steps in the inputs");
  return steps;
}

// Adds one step's outputs to the stacked ones.
Status Stack(Arrays& all, Arrays&& step) {
  if (all.empty()) {
    all = std::move(step);
    for (auto& [name, array] : all) array.dims.insert(array.dims.begin(), 1);
    return Ok();
  }
  for (size_t i = 0; i < all.size(); ++i) {
    Array& to = all[i].second;
    const Array& from = step[i].second;
    if (!std::equal(to.dims.begin() + 1, to.dims.end(), from.dims.begin(), from.dims.end())) return Error(Code::kInvalidOperand, "its shape changes from step to step").What(fmt::format("output '{}'", all[i].first));
    to.bytes.insert(to.bytes.end(), from.bytes.begin(), from.bytes.end());
    ++to.dims[0];
  }
  return Ok();
}

Result<int> Run(const Args& args, Context& context) {
  TFLOWER_TRY(const std::unique_ptr<Registry> registry, context.OpenRegistry());
  const auto kernels = std::make_shared<runtime::RegistryKernels>(*registry);
  TFLOWER_TRY(const auto model, runtime::Model::FromFile(args.model, kernels, {.verify_checksum = true}));
  TFLOWER_TRY(const auto session, runtime::Session::Create(model, {.threads = args.threads, .signature = args.signature, .max_bytes = 0}));
  TFLOWER_TRY(const Arrays inputs, ReadNpz(args.inputs));
  TFLOWER_TRY(const auto matched, MatchInputs(*model, *session, inputs));
  Arrays outputs;
  int64_t steps = 1;
  if (args.steps) {
    TFLOWER_TRY(steps, NumSteps(inputs));
  }
  for (int64_t step = 0; step < steps; ++step) {
    TFLOWER_CHECK(SetInputs(*session, matched, args.steps ? step : -1));
    TFLOWER_CHECK(session->Invoke());
    TFLOWER_TRY(Arrays now, TakeOutputs(*session));
    if (args.steps) TFLOWER_CHECK(Stack(outputs, std::move(now)));
    else outputs = std::move(now);
  }
  context.LogWarnings(*registry);
  TFLOWER_CHECK(WriteNpz(args.outputs, outputs));
  for (const auto& [name, array] : outputs) Log(context, Level::kInfo, fmt::format("{}: {} [{}]", name, NameOf(array.dtype), fmt::join(array.dims, ", ")));
  return 0;
}

}  // namespace

void AddRun(CLI::App& app, Context& context, Command& run) {
  auto args = std::make_shared<Args>();
  CLI::App& c = *app.add_subcommand("run", "Run a .tflite model on the arrays of an .npz file");
  c.add_option("MODEL", args->model, "Model to run")->required()->type_name("MODEL.tflite");
  c.add_option("--inputs", args->inputs, "Arrays by signature input, tensor name or position")->required()->type_name("IN.npz");
  c.add_option("--outputs", args->outputs, "File to write, arrays by output name")->required()->type_name("OUT.npz");
  c.add_option("--signature", args->signature, "Signature to run (default: serving_default, else the first)")->type_name("KEY");
  c.add_option("--threads", args->threads, "Threads")->check(CLI::Range(1, 1024))->capture_default_str();
  c.add_flag("--steps", args->steps, "Invoke once for each entry of the arrays' leading axis, keeping state");
  AddRegistryOptions(c, context);
  c.callback([args, &context, &run] {
    run = [args, &context]() -> Result<int> {
      Result<int> code = Run(*args, context);
      if (!code.ok() && code.error().file.empty()) code.error().file = args->model;
      return code;
    };
  });
}

}  // namespace tflower::cli
