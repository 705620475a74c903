// Resolution: pins, priorities, ties, declines, kernels by version and dtype; and what Explain says of each.
#include <doctest/doctest.h>

#include "plugin_dir.h"

namespace tflower::test {
namespace {

constexpr int32_t kAdd = 0, kCustom = 32;
constexpr int32_t kFloat32 = 0, kInt32 = 2, kInt8 = 9;

const Candidate& Of(const Resolution& resolution, const std::string& plugin, RowKind kind = RowKind::kLowering) {
  for (const Candidate& candidate : resolution.candidates) {
    if (candidate.plugin_id == plugin && candidate.kind == kind) return candidate;
  }
  FAIL("no candidate of " << plugin);
  return resolution.candidates.front();
}

std::string Winner(const RegistryOptions& options, uint32_t skip = 0) {
  const auto registry = MustOpen(options);
  const auto found = registry->FindLowering("TestOp", skip);
  return found.ok() ? std::string(found.value().provider.plugin_id) : CodeName(found.error().code);
}

}  // namespace

TEST_CASE("higher priority wins, whatever the order of discovery") {
  PluginDir dir;
  dir.Add("gamma", "1");
  dir.Add("alpha", "2");
  CHECK(Winner(dir.Options()) == "com.test.gamma");
  PluginDir reverse;
  reverse.Add("alpha", "1");
  reverse.Add("gamma", "2");
  CHECK(Winner(reverse.Options()) == "com.test.gamma");
  CHECK(Winner(reverse.Options(), 1) == "com.test.alpha");  // after gamma declined
  CHECK(Winner(reverse.Options(), 2) == "TFW0209");

  const Resolution explained = MustOpen(dir.Options())->Explain("TestOp");
  CHECK_FALSE(explained.error);
  CHECK(explained.candidates.front().plugin_id == "com.test.gamma");
  CHECK(Of(explained, "com.test.gamma").verdict == "chosen: first in order");
  CHECK(Of(explained, "com.test.gamma").detail == "ABS NEG");
  CHECK(Of(explained, "com.test.alpha").verdict == "asked when those above decline: lower priority");
}

TEST_CASE("a tie between two plugins is an error that shows the way out") {
  PluginDir dir;
  dir.Add("beta", "1");
  dir.Add("alpha", "2");
  const auto registry = MustOpen(dir.Options());
  const auto found = registry->FindLowering("TestOp");
  REQUIRE_FALSE(found.ok());
  CHECK(found.error().code == Code::kConflict);
  CHECK(found.error().message == "com.test.alpha 1.0.0 and com.test.beta 1.0.0 claim it with equal priority 100");
  CHECK(found.error().hint == "choose one with --resolve TestOp=com.test.alpha or --resolve TestOp=com.test.beta");
  CHECK_FALSE(IsMapped(dir.path()));  // decided from manifests alone

  const Resolution explained = registry->Explain("TestOp");
  REQUIRE(explained.error);
  CHECK(explained.error->code == Code::kConflict);
  CHECK(Of(explained, "com.test.alpha").tied);
  CHECK(Of(explained, "com.test.beta").verdict == "conflict: equal priority with com.test.alpha");
}

TEST_CASE("a third plugin of higher priority settles a tie") {
  PluginDir dir;
  dir.Add("beta", "1");
  dir.Add("alpha", "2");
  dir.Add("gamma", "3");
  CHECK(Winner(dir.Options()) == "com.test.gamma");
  CHECK(Winner(dir.Options(), 1) == "TFW0403");  // but behind it they still tie
}

TEST_CASE("a pin decides, and is strict") {
  PluginDir dir;
  dir.Add("beta", "1");
  dir.Add("alpha", "2");
  dir.Add("gamma", "3");
  RegistryOptions options = dir.Options();
  options.pins = {"TestOp=com.test.beta"};
  CHECK(Winner(options) == "com.test.beta");
  CHECK(Winner(options, 1) == "TFW0209");  // no other is asked
  const Resolution explained = MustOpen(options)->Explain("TestOp");
  CHECK(Of(explained, "com.test.beta").verdict == "chosen: pinned");
  CHECK(Of(explained, "com.test.gamma").verdict == "not asked: pinned to com.test.beta");

  for (const char* pin : {"TestOp", "=com.test.beta", "TestOp=", "TestOp=com.test.nobody", "Unknown=com.test.beta"}) {
    CAPTURE(pin);
    options.pins = {pin};
    CHECK(Registry::Open(options).error().code == Code::kUsage);
  }
  options.pins = {"TestOp=com.test.beta", "TestOp=com.test.alpha"};
  CHECK(Registry::Open(options).error().code == Code::kUsage);
}

TEST_CASE("priority 0 is used on request only") {
  PluginDir dir;
  dir.Add("on_request", "p");
  RegistryOptions options = dir.Options();
  const auto without = MustOpen(options)->FindLowering("RareOp");
  CHECK(without.error().code == Code::kUnsupportedOp);
  CHECK(without.error().hint.find("--resolve RareOp=com.test.on_request") != std::string::npos);
  CHECK(MustOpen(options)->Explain("RareOp").error->code == Code::kUnsupportedOp);
  options.pins = {"RareOp=com.test.on_request"};
  CHECK(MustOpen(options)->FindLowering("RareOp").ok());
}

TEST_CASE("kernels by version, dtype and reference") {
  PluginDir dir;
  dir.Add("alpha", "p");
  const auto registry = MustOpen(dir.Options());
  const int32_t floats[] = {kFloat32, kFloat32}, bytes[] = {kInt8, kInt8}, absent[] = {kFloat32, -1}, ints[] = {kInt32, kInt32};
  const auto row = [&](KernelQuery query) -> const tflower_kernel* {
    const auto found = registry->FindKernel(query);
    return found.ok() ? found.value().row : nullptr;
  };
  const tflower_kernel* fast = row({.code = kAdd, .version = 1, .input_dtypes = floats});
  REQUIRE(fast != nullptr);
  CHECK(fast->flags == 0);
  CHECK(fast->max_version == 2);
  CHECK(row({.code = kAdd, .version = 2, .input_dtypes = absent}) == fast);
  const tflower_kernel* reference = row({.code = kAdd, .version = 5, .input_dtypes = floats});
  REQUIRE(reference != nullptr);
  CHECK(reference->flags == TFLOWER_KERNEL_REFERENCE);
  CHECK(row({.code = kAdd, .version = 1, .input_dtypes = bytes}) == reference);
  CHECK(row({.code = kAdd, .version = 1, .input_dtypes = floats, .reference_only = true}) == reference);
  CHECK(row({.code = kAdd, .version = 1, .input_dtypes = floats, .skip = 1}) == reference);
  CHECK(row({.code = kAdd, .version = 1, .input_dtypes = floats, .output_dtypes = std::span(ints, 1)}) == reference);

  const auto missing = registry->FindKernel({.code = kAdd, .version = 1, .input_dtypes = ints});
  REQUIRE_FALSE(missing.ok());
  CHECK(missing.error().code == Code::kMissingKernel);
  CHECK(missing.error().op == "ADD");
  CHECK(missing.error().message == "no kernel for version 1 with (int32, int32)");
  REQUIRE(missing.error().notes.size() == 2);
  CHECK(missing.error().notes[0] ==
        "com.test.alpha 1.0.0 has kernel 'ADD' (version 1-2, (float32, float32) -> (float32), priority 100)");
  CHECK(row({.code = kAdd, .version = 6, .input_dtypes = floats}) == nullptr);
  CHECK(row({.code = kAdd, .version = 0, .input_dtypes = floats}) == nullptr);
  CHECK(row({.code = 3, .version = 1}) == nullptr);
  CHECK(row({.code = -7, .version = 1}) == nullptr);
  const int32_t odd[] = {-2, 64};
  CHECK(row({.code = kAdd, .version = 1, .input_dtypes = odd}) == nullptr);
  CHECK(row({.code = kCustom, .custom_code = "test.TestOp", .version = 1, .input_dtypes = odd}) != nullptr);  // any
  CHECK(row({.code = kCustom, .custom_code = "test.Testop", .version = 1}) == nullptr);
}

TEST_CASE("kernels tie only where both fit") {
  PluginDir dir;
  dir.Add("alpha", "1");
  dir.Add("beta", "2");
  const auto registry = MustOpen(dir.Options());
  const int32_t floats[] = {kFloat32, kFloat32};
  const auto tie = registry->FindKernel({.code = kAdd, .version = 1, .input_dtypes = floats});
  REQUIRE_FALSE(tie.ok());
  CHECK(tie.error().code == Code::kConflict);
  CHECK(tie.error().hint.find("--resolve ADD=com.test.alpha") != std::string::npos);
  CHECK(registry->Explain("ADD").error->code == Code::kConflict);

  PluginDir both;
  both.Add("alpha", "1");
  both.Add("gamma", "2");
  const auto clear = MustOpen(both.Options());
  CHECK(clear->FindKernel({.code = kAdd, .version = 1, .input_dtypes = floats}).value().provider.plugin_id == "com.test.gamma");
  const Resolution explained = clear->Explain("ADD");
  CHECK_FALSE(explained.error);
  CHECK(explained.candidates.size() == 4);
  CHECK(explained.candidates[0].verdict == "chosen: first in order");
  CHECK(explained.candidates[0].detail == "v1-2 (float32, float32) -> (float32)");
  CHECK(explained.candidates[3].verdict == "chosen where the rows above do not fit");
}

TEST_CASE("composites and patterns") {
  PluginDir dir;
  dir.Add("alpha", "1");
  dir.Add("gamma", "2");
  const auto registry = MustOpen(dir.Options());
  CHECK(registry->FindComposite("CellTestOp").error().code == Code::kConflict);  // both have benefit 5
  CHECK(registry->Explain("CellTestOp").error->code == Code::kConflict);
  CHECK(registry->FindComposite("Cell").error().code == Code::kNotFound);
  const auto rules = registry->PatternRules();
  REQUIRE(rules.ok());
  REQUIRE(rules.value().size() == 2);
  CHECK(rules.value()[0].provider.plugin_id == "com.test.gamma");  // benefit 200
  CHECK(rules.value()[1].row->benefit == 100);

  RegistryOptions pinned = dir.Options();
  pinned.pins = {"CellTestOp=com.test.gamma"};
  CHECK(MustOpen(pinned)->FindComposite("CellTestOp").value().provider.plugin_id == "com.test.gamma");
}

TEST_CASE("composite rules for names that begin so") {
  PluginDir dir;
  dir.Add("alpha", "1");   // CellTestOp
  dir.Add("prefix", "2");  // CellTest*
  const auto registry = MustOpen(dir.Options());
  const auto provider = [&](const char* name) { return registry->FindComposite(name).value().provider.plugin_id; };
  CHECK(provider("CellTestOp") == "com.test.alpha");
  CHECK(provider("CellTestOp2") == "com.test.prefix");
  CHECK(provider("CellTest") == "com.test.prefix");
  CHECK(provider("CellTest*") == "com.test.prefix");  // what coverage lists
  CHECK(registry->FindComposite("CellTes").error().code == Code::kNotFound);
  CHECK(registry->FindComposite("CellTestOp2", 1).error().code == Code::kDeclined);
}

TEST_CASE("a fault is explained") {
  PluginDir dir;
  dir.AddWith(BuiltLibrary("hostile/MAIN_FAILS"), "p");
  const Resolution explained = MustOpen(dir.Options())->Explain("HostileOp");
  REQUIRE(explained.error);
  CHECK(explained.error->op == "HostileOp");
  CHECK(explained.error->message.find("the plugin that covers it cannot be used: tflower_plugin_main refuses") == 0);
  CHECK(Of(explained, "com.test.hostile").verdict.find("cannot be used: ") == 0);
}

TEST_CASE("nobody covers the op") {
  PluginDir dir;
  dir.Add("alpha", "1");
  const auto registry = MustOpen(dir.Options());
  const auto found = registry->FindLowering("Foo");
  CHECK(found.error().code == Code::kUnsupportedOp);
  CHECK(found.error().op == "Foo");
  CHECK(registry->Explain("Foo").candidates.empty());
  CHECK(registry->Explain("Foo").error->code == Code::kUnsupportedOp);

  RegistryOptions disabled = dir.Options();
  disabled.disable = {"com.test.*"};
  const auto off = MustOpen(disabled)->FindLowering("TestOp");
  CHECK(off.error().code == Code::kUnsupportedOp);
  REQUIRE(off.error().notes.size() == 1);
  CHECK(off.error().notes[0] == "com.test.alpha 1.0.0 covers it, but is switched off by 'com.test.*'");
}

}  // namespace tflower::test
