// tflower bench: latency and memory of a .tflite model.
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <map>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cli/cli.h"
#include "cli/model_io.h"
#include "probe/random_inputs.h"
#include "runtime/plan/kernel_source.h"
#include "tflower/runtime.h"

namespace tflower::cli {
namespace {

struct Args {
  std::string model, inputs, signature;
  int threads = 1, runs = 50, warmup = 5;
  bool profile_ops = false, json = false;
};

using Clock = std::chrono::steady_clock;
double Ms(Clock::time_point from, Clock::time_point to) { return std::chrono::duration<double, std::milli>(to - from).count(); }

struct OpTime {
  std::string op, node;
  int32_t code = 0;
  uint32_t subgraph = 0, index = 0;
  double total_ms = 0;
  uint64_t calls = 0, bytes = 0;
};

struct Measured {
  double load_ms = 0, first_ms = 0;
  std::vector<double> latency_ms;
  uint64_t arena_bytes = 0, packed_bytes = 0;
  long peak_rss_kb = 0;
  std::vector<OpTime> ops;
};

double Quantile(std::vector<double> v, double q) {
  std::sort(v.begin(), v.end());
  return v[std::min(v.size() - 1, static_cast<size_t>(q * static_cast<double>(v.size())))];
}

// A pass of its own, so that the clock reads of the profile do not count in the latencies.
Status Profile(runtime::Session& session, int runs, Measured& m) {
  size_t at = 0;
  session.SetOperatorHook([&](const runtime::OperatorEvent& e) {
    if (at == m.ops.size()) m.ops.push_back({std::string(e.op), std::string(e.node), e.code, e.subgraph, e.index, 0, 0, 0});
    m.ops[at].total_ms += static_cast<double>(e.ns) * 1e-6;
    m.ops[at].bytes = e.bytes;
    ++m.ops[at++].calls;
  });
  for (int i = 0; i < runs; ++i) {
    at = 0;
    TFLOWER_CHECK(session.Invoke());
  }
  session.SetOperatorHook(nullptr);
  return Ok();
}

// Random inputs; when the model cannot take them and unknown dimensions were taken as 1, says so.
Status FillInputs(runtime::Session& session) {
  std::string guessed;
  for (size_t i = 0; i < session.num_inputs(); ++i) {
    const runtime::TensorInfo info = session.InputInfo(i);
    const auto unknown = std::find(info.shape_signature.begin() + (info.shape_signature.empty() ? 0 : 1), info.shape_signature.end(), -1);
    if (unknown != info.shape_signature.end()) guessed += (guessed.empty() ? "'" : ", '") + std::string(info.name) + "'";
  }
  Status status = probe::FillRandom(session);
  if (status.ok() || guessed.empty()) return status;
  return std::move(status.error()).Hint("without --inputs, unknown dimensions (of " + guessed + ") are taken as 1: give arrays of a real size");
}

Result<Measured> Measure(const Args& args, Context& context) {
  Measured m;
  const auto t0 = Clock::now();
  TFLOWER_TRY(const std::unique_ptr<Registry> registry, context.OpenRegistry());
  const auto kernels = std::make_shared<runtime::RegistryKernels>(*registry);
  TFLOWER_TRY(const auto model, runtime::Model::FromFile(args.model, kernels));
  TFLOWER_TRY(const auto session, runtime::Session::Create(model, {.threads = args.threads, .signature = args.signature, .max_bytes = 0}));
  Arrays arrays;
  if (!args.inputs.empty()) {
    TFLOWER_TRY(arrays, ReadNpz(args.inputs));
    TFLOWER_TRY(const auto matched, MatchInputs(*model, *session, arrays));
    TFLOWER_CHECK(SetInputs(*session, matched));
  } else {
    TFLOWER_CHECK(FillInputs(*session));
  }
  TFLOWER_CHECK(session->Prepare());
  const auto t1 = Clock::now();
  m.load_ms = Ms(t0, t1);
  TFLOWER_CHECK(session->Invoke());
  m.first_ms = Ms(t1, Clock::now());
  for (int i = 0; i < args.warmup; ++i) TFLOWER_CHECK(session->Invoke());
  for (int i = 0; i < args.runs; ++i) {
    const auto begin = Clock::now();
    TFLOWER_CHECK(session->Invoke());
    m.latency_ms.push_back(Ms(begin, Clock::now()));
  }
  if (args.profile_ops) TFLOWER_CHECK(Profile(*session, std::min(args.runs, 20), m));
  context.LogWarnings(*registry);
  m.arena_bytes = session->Stats().arena_bytes;
  m.packed_bytes = model->packed_bytes() + session->Stats().packed_bytes;
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  m.peak_rss_kb = usage.ru_maxrss;
  return m;
}

void PrintJson(const Args& args, const Measured& m) {
  nlohmann::ordered_json o;
  o["load_ms"] = m.load_ms;
  o["first_ms"] = m.first_ms;
  o["latency_ms"] = {{"min", Quantile(m.latency_ms, 0)}, {"median", Quantile(m.latency_ms, 0.5)}, {"p95", Quantile(m.latency_ms, 0.95)}, {"all", m.latency_ms}};
  o["threads"] = args.threads;
  o["peak_rss_kb"] = m.peak_rss_kb;
  o["arena_bytes"] = m.arena_bytes;
  o["packed_bytes"] = m.packed_bytes;
  if (args.profile_ops) {
    o["ops"] = nlohmann::ordered_json::array();
    for (const OpTime& t : m.ops) o["ops"].push_back({{"op", t.op}, {"node", t.node}, {"ms", t.total_ms / static_cast<double>(t.calls)}, {"code", t.code}, {"subgraph", t.subgraph}, {"index", t.index}, {"bytes", t.bytes}});
  }
  fmt::print("{}\n", o.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

void PrintProfile(const Measured& m) {
  std::map<std::string, std::pair<double, uint64_t>> by_op;
  double total = 0;
  for (const OpTime& t : m.ops) {
    const double ms = t.total_ms / static_cast<double>(t.calls);
    by_op[t.op].first += ms;
    ++by_op[t.op].second;
    total += ms;
  }
  std::vector<std::pair<std::string, std::pair<double, uint64_t>>> rows(by_op.begin(), by_op.end());
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.second.first > b.second.first; });
  fmt::print("{:<32}{:>8}{:>12}{:>8}\n", "operator", "count", "ms", "%");
  for (const auto& [op, row] : rows) fmt::print("{:<32}{:>8}{:>12.3f}{:>8.1f}\n", op, row.second, row.first, 100 * row.first / total);
}

void PrintText(const Args& args, const Measured& m) {
  fmt::print("load {:.2f} ms, first {:.2f} ms, latency min {:.3f} median {:.3f} p95 {:.3f} ms over {} runs, {} threads\n", m.load_ms, m.first_ms,
             Quantile(m.latency_ms, 0), Quantile(m.latency_ms, 0.5), Quantile(m.latency_ms, 0.95), m.latency_ms.size(), args.threads);
  fmt::print("peak memory {} kB, arena {} bytes, packed weights {} bytes\n", m.peak_rss_kb, m.arena_bytes, m.packed_bytes);
  if (args.profile_ops) PrintProfile(m);
}

}  // namespace

void AddBench(CLI::App& app, Context& context, Command& run) {
  auto args = std::make_shared<Args>();
  CLI::App& c = *app.add_subcommand("bench", "Measure latency and memory of a .tflite model");
  c.add_option("MODEL", args->model, "Model to run")->required()->type_name("MODEL.tflite");
  c.add_option("--threads", args->threads, "Threads")->check(CLI::Range(1, 1024))->capture_default_str();
  c.add_option("--runs", args->runs, "Timed runs")->check(CLI::Range(1, 1000000))->capture_default_str();
  c.add_option("--warmup", args->warmup, "Runs before them")->check(CLI::Range(0, 1000000))->capture_default_str();
  c.add_option("--inputs", args->inputs, "Arrays to run on (default: random)")->type_name("IN.npz");
  c.add_option("--signature", args->signature, "Signature to run")->type_name("KEY");
  c.add_flag("--profile-ops", args->profile_ops, "Time of each operator");
  c.add_flag("--json", args->json, "One JSON object on standard output");
  AddRegistryOptions(c, context);
  c.callback([args, &context, &run] {
    run = [args, &context]() -> Result<int> {
      Result<Measured> m = Measure(*args, context);
      if (!m.ok()) {
        if (m.error().file.empty()) m.error().file = args->model;
        return std::move(m.error());
      }
      if (args->json) PrintJson(*args, m.value());
      else PrintText(*args, m.value());
      return 0;
    };
  });
}

}  // namespace tflower::cli
