// A library is mapped when one of its rows is asked for, and not before. One case: what is mapped stays mapped.
#include <doctest/doctest.h>

#include "plugin_dir.h"

namespace tflower::test {

TEST_CASE("only the library that is needed is mapped") {
  PluginDir dir;
  dir.Add("alpha", "alpha");
  dir.Add("other", "other");
  dir.Add("cpp", "cpp");
  const auto registry = MustOpen(dir.Options());
  CHECK(registry->Plugins().size() == 3);
  CHECK_FALSE(IsMapped(dir.path()));

  CHECK(registry->FindLowering("NobodyHasThis").error().code == Code::kUnsupportedOp);
  CHECK(registry->FindKernel({.code = 32, .custom_code = "test.Cpp", .version = 9}).error().code == Code::kMissingKernel);
  CHECK(registry->FindComposite("Nothing").error().code == Code::kNotFound);
  CHECK_FALSE(IsMapped(dir.path()));

  const auto lowering = registry->FindLowering("TestOp");
  REQUIRE(lowering.ok());
  CHECK(lowering.value().provider.plugin_id == "com.test.alpha");
  CHECK(IsMapped(dir.path() + "/alpha/"));
  CHECK_FALSE(IsMapped(dir.path() + "/other/"));
  CHECK_FALSE(IsMapped(dir.path() + "/cpp/"));

  const auto kernel = registry->FindKernel({.code = 32, .custom_code = "test.Cpp", .version = 3});
  REQUIRE(kernel.ok());
  CHECK(kernel.value().row->max_version == 3);
  CHECK(kernel.value().provider.plugin_version == "2.1.0-rc.1");
  CHECK(IsMapped(dir.path() + "/cpp/"));
  CHECK_FALSE(IsMapped(dir.path() + "/other/"));
}

TEST_CASE("rows outlive the registry") {
  PluginDir dir;
  dir.Add("alpha", "a");
  LoweringRef ref;
  {
    const auto registry = MustOpen(dir.Options());
    auto found = registry->FindLowering("TestOp");
    REQUIRE(found.ok());
    ref = found.value();
  }
  CHECK(std::string(ref.row->op) == "TestOp");
  CHECK(ref.provider.plugin_version == "1.0.0");
  CHECK(ref.row->lower(ref.row, nullptr, nullptr) == TFLOWER_DECLINED);
}

}  // namespace tflower::test
