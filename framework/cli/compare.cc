// tflower compare: two models, or a model and reference results, on the same inputs: errors of outputs and of every tensor that both have.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <optional>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cli/cli.h"
#include "cli/document.h"
#include "cli/model_io.h"
#include "probe/difference.h"
#include "probe/random_inputs.h"
#include "runtime/model/view.h"
#include "runtime/plan/kernel_source.h"
#include "tflower/runtime.h"

namespace tflower::cli {
namespace {

using probe::Difference;

struct Args {
  std::string a, b, inputs, signature;
  double tolerance = 1e-4;
  int threads = 1;
  bool json = false;
};

// One tensor that an operator of a model made.
struct Layer {
  std::string op, name;
  Array array;
};

struct Ran {
  Arrays outputs;
  std::vector<Layer> layers;  // of the signature's own subgraph, in the order of execution
};

struct Compared {
  std::string name, op_a, op_b;
  Difference difference;
};

// ---- running

bool IsNpz(const std::string& path) { return path.size() > 4 && path.ends_with(".npz"); }

Result<Ran> RunModel(const std::string& path, const Args& args, const Registry& registry, std::optional<Arrays>& inputs) {
  const auto kernels = std::make_shared<runtime::RegistryKernels>(registry);
  TFLOWER_TRY(const auto model, runtime::Model::FromFile(path, kernels, {.verify_checksum = true}));
  TFLOWER_TRY(const auto session, runtime::Session::Create(model, {.threads = args.threads, .signature = args.signature, .max_bytes = 0}));
  uint32_t subgraph = 0;
  const std::string wanted = args.signature.empty() ? "serving_default" : args.signature;
  if (const auto signatures = model->view().signatures(); !signatures.empty()) {
    const auto at = std::ranges::find(signatures, wanted, &runtime::SignatureView::key);
    subgraph = (at != signatures.end() ? at : signatures.begin())->subgraph;
  }
  Ran ran;
  session->SetResultHook([&](const runtime::OperatorResult& r) {
    if (r.subgraph == subgraph) ran.layers.push_back({std::string(r.op), std::string(r.name), ArrayOf(r.dtype, r.shape, r.bytes)});
  });
  if (inputs) {
    TFLOWER_TRY(const auto matched, MatchInputs(*model, *session, *inputs));
    TFLOWER_CHECK(SetInputs(*session, matched));
  } else {
    TFLOWER_CHECK(probe::FillRandom(*session));
    inputs.emplace();
    for (size_t i = 0; i < session->num_inputs(); ++i) {
      const runtime::TensorInfo info = session->InputInfo(i);
      TFLOWER_TRY(const std::span<const std::byte> bytes, session->InputData(i));
      inputs->emplace_back(std::string(info.name), ArrayOf(info.dtype, info.shape, bytes));
    }
  }
  TFLOWER_CHECK(session->Invoke());
  TFLOWER_TRY(ran.outputs, TakeOutputs(*session));
  return ran;
}

// ---- pairs

Difference Compare(const Array& a, const Array& b) { return probe::Compare({a.dtype, a.dims, a.bytes}, {b.dtype, b.dims, b.bytes}); }

const Array* Find(const Arrays& arrays, const std::string& name, size_t position) {
  for (const auto& [key, array] : arrays) if (key == name) return &array;
  for (const auto& [key, array] : arrays) if (key == std::to_string(position)) return &array;
  return nullptr;
}

Result<std::vector<Compared>> CompareOutputs(const Arrays& a, const Arrays& b, const Args& args) {
  std::vector<Compared> out;
  for (size_t i = 0; i < a.size(); ++i) {
    const Array* other = Find(b, a[i].first, i);
    if (other == nullptr && a.size() == 1 && b.size() == 1) other = &b[0].second;
    if (other == nullptr) {
      std::vector<std::string_view> names;
      for (const auto& [name, array] : b) names.push_back(name);
      return Error(Code::kNotFound, fmt::format("has no output '{}', it has {}", a[i].first, fmt::join(names, ", "))).File(args.b);
    }
    out.push_back({a[i].first, "", "", Compare(a[i].second, *other)});
  }
  return out;
}

// A tensor's names: other converters join those of fused nodes by ';', and number outputs.
std::vector<std::string> Names(const std::string& name) {
  std::vector<std::string> out;
  for (size_t begin = 0; begin <= name.size();) {
    const size_t end = std::min(name.find(';', begin), name.size());
    std::string one = name.substr(begin, end - begin);
    if (one.ends_with(":0")) one.resize(one.size() - 2);
    if (!one.empty()) out.push_back(std::move(one));
    begin = end + 1;
  }
  return out;
}

// Tensors that both models have by name, in A's order. Each name's last tensor counts: operators that were made for one node share its name.
std::vector<Compared> CompareLayers(const Ran& a, const Ran& b) {
  std::map<std::string, const Layer*> by_name;
  for (const Layer& layer : b.layers)
    for (const std::string& name : Names(layer.name)) by_name[name] = &layer;
  std::map<std::string, const Layer*> last;
  for (const Layer& layer : a.layers) last[layer.name] = &layer;
  std::vector<Compared> out;
  for (const Layer& layer : a.layers) {
    if (last[layer.name] != &layer) continue;
    for (const std::string& name : Names(layer.name)) {
      const auto at = by_name.find(name);
      if (at == by_name.end() || at->second->array.dims != layer.array.dims || at->second->array.dtype != layer.array.dtype) continue;
      out.push_back({name, layer.op, at->second->op, Compare(layer.array, at->second->array)});
      break;
    }
  }
  return out;
}

// ---- report

Json Number(double x) { return std::isfinite(x) ? Json(x) : Json(std::isnan(x) ? "nan" : "inf"); }

Json ToJson(const std::vector<Compared>& list, double tolerance) {
  Json out = Json::array();
  for (const Compared& c : list) {
    Json o = {{"name", c.name}, {"max_abs", Number(c.difference.absolute)}, {"max_rel", Number(c.difference.relative)}, {"rms", Number(c.difference.rms)}, {"ok", c.difference.relative <= tolerance}};
    if (!c.op_a.empty()) o["op_a"] = c.op_a, o["op_b"] = c.op_b;
    if (!c.difference.mismatch.empty()) o["mismatch"] = c.difference.mismatch;
    out.push_back(std::move(o));
  }
  return out;
}

void Print(const std::vector<Compared>& list, double tolerance, const char* what) {
  if (list.empty()) return;
  fmt::print("{:<10} {:>12} {:>12} {:>12}  {}\n", what, "max abs", "max rel", "rms", "name");
  for (const Compared& c : list) {
    const Difference& d = c.difference;
    const std::string op = c.op_a == c.op_b ? c.op_a : c.op_a + "/" + c.op_b;
    fmt::print("{:<10} {:>12.3g} {:>12.3g} {:>12.3g}  {}{}\n", d.relative <= tolerance ? "ok" : "DIFFERS", d.absolute, d.relative, d.rms, c.name,
               op.empty() ? (d.mismatch.empty() ? "" : " (" + d.mismatch + ")") : " (" + op + ")");
  }
}

Result<int> Run(const Args& args, Context& context) {
  if (IsNpz(args.a)) return Error(Code::kUsage, "the first file must be a model").What("MODEL_A");
  std::optional<Arrays> inputs;
  if (!args.inputs.empty()) {
    TFLOWER_TRY(inputs, ReadNpz(args.inputs));
  } else if (IsNpz(args.b)) {
    return Error(Code::kUsage, "reference results need the inputs that they belong to").What("--inputs");
  }
  TFLOWER_TRY(const std::unique_ptr<Registry> registry, context.OpenRegistry());
  const auto run = [&](const std::string& path) {
    Result<Ran> ran = RunModel(path, args, *registry, inputs);
    if (!ran.ok() && ran.error().file.empty()) ran.error().file = path;
    return ran;
  };
  TFLOWER_TRY(const Ran a, run(args.a));
  Ran b;
  if (IsNpz(args.b)) {
    TFLOWER_TRY(b.outputs, ReadNpz(args.b));
  } else {
    TFLOWER_TRY(b, run(args.b));
  }
  context.LogWarnings(*registry);
  TFLOWER_TRY(const std::vector<Compared> outputs, CompareOutputs(a.outputs, b.outputs, args));
  const std::vector<Compared> layers = CompareLayers(a, b);
  const auto differs = [&](const Compared& c) { return !(c.difference.relative <= args.tolerance); };
  const auto first = std::ranges::find_if(layers, differs);
  const auto bad = std::ranges::find_if(outputs, differs);
  if (args.json) {
    Json o = {{"tolerance", args.tolerance}, {"outputs", ToJson(outputs, args.tolerance)}, {"layers", ToJson(layers, args.tolerance)}, {"ok", bad == outputs.end()}};
    o["first_difference"] = first == layers.end() ? Json(nullptr) : Json({{"name", first->name}, {"op_a", first->op_a}, {"op_b", first->op_b}});
    fmt::print("{}\n", o.dump(-1, ' ', false, Json::error_handler_t::replace));
  } else {
    Print(layers, args.tolerance, "LAYER");
    Print(outputs, args.tolerance, "OUTPUT");
  }
  if (bad == outputs.end()) return 0;
  const Difference& d = bad->difference;
  Error e(Code::kMismatch, d.mismatch.empty() ? fmt::format("differs by {:.3g}, relative {:.3g}; allowed is {:.3g}", d.absolute, d.relative, args.tolerance) : "cannot be compared: " + d.mismatch);
  e.what = "output '" + bad->name + "'";
  if (first != layers.end()) e.notes.push_back(fmt::format("the models part at {} '{}'", first->op_a, first->name));
  return e;
}

}  // namespace

void AddCompare(CLI::App& app, Context& context, Command& run) {
  auto args = std::make_shared<Args>();
  CLI::App& c = *app.add_subcommand("compare", "Run two models, or a model against reference results, and compare outputs and layers");
  c.add_option("MODEL_A", args->a, "Model to look at")->required()->type_name("MODEL_A.tflite");
  c.add_option("MODEL_B", args->b, "Model, or the outputs that A should give")->required()->type_name("MODEL_B.tflite|REF.npz");
  c.add_option("--inputs", args->inputs, "Arrays by signature input, tensor name or position (default: random)")->type_name("IN.npz");
  c.add_option("--tolerance", args->tolerance, "Bound of |a - b| / max(1, |b|), for every element")->check(CLI::NonNegativeNumber)->capture_default_str();
  c.add_option("--signature", args->signature, "Signature to run (default: serving_default, else the first)")->type_name("KEY");
  c.add_option("--threads", args->threads, "Threads")->check(CLI::Range(1, 1024))->capture_default_str();
  c.add_flag("--json", args->json, "One JSON object on standard output");
  AddRegistryOptions(c, context);
  c.callback([args, &context, &run] { run = [args, &context] { return Run(*args, context); }; });
}

}  // namespace tflower::cli
