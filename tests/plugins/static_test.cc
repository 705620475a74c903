// Plugins linked into the program: the same rows and rules, no library, no manifest.
#include <doctest/doctest.h>

#include "plugin_dir.h"

extern "C" tflower_status tflower_plugin_main_linked(const tflower_host*, tflower_plugin*);

namespace tflower::test {
namespace {

tflower_status Fails(const tflower_host*, tflower_plugin*) { return TFLOWER_ERROR; }

constexpr StaticPlugin kLinked[] = {{"linked", &tflower_plugin_main_linked}};
constexpr StaticPlugin kFails[] = {{"fails", &Fails}};

RegistryOptions With(PluginDir& dir) {
  RegistryOptions options = dir.Options();
  options.static_plugins = kLinked;
  return options;
}

}  // namespace

TEST_CASE("a linked plugin serves without any file") {
  PluginDir dir;
  const auto registry = MustOpen(With(dir));
  const std::vector<PluginInfo> plugins = registry->Plugins();
  REQUIRE(plugins.size() == 1);
  CHECK(plugins[0].id == "com.test.linked");
  CHECK(plugins[0].state == PluginState::kStatic);
  CHECK(plugins[0].manifest.empty());
  CHECK(plugins[0].library.empty());
  CHECK(plugins[0].lowering_ops == std::vector<std::string>{"TestOp"});
  const auto found = registry->FindLowering("TestOp");
  REQUIRE(found.ok());
  CHECK(found.value().provider.plugin_version == "3.0.0");
  CHECK(registry->PatternRules().value().size() == 1);
  CHECK(registry->FindKernel({.code = 32, .custom_code = "test.TestOp"}).ok());
  registry->OpenAll();
  CHECK(registry->Plugins()[0].state == PluginState::kStatic);
  CHECK(registry->Warnings().empty());
}

TEST_CASE("linked and opened plugins compete by the same rules") {
  PluginDir dir;
  dir.Add("alpha", "a");
  const auto found = MustOpen(With(dir))->FindLowering("TestOp");
  REQUIRE_FALSE(found.ok());
  CHECK(found.error().code == Code::kConflict);
  RegistryOptions pinned = With(dir);
  pinned.pins = {"TestOp=com.test.linked"};
  CHECK(MustOpen(pinned)->FindLowering("TestOp").value().provider.plugin_id == "com.test.linked");
  RegistryOptions off = With(dir);
  off.disable = {"com.test.linked"};
  CHECK(MustOpen(off)->FindLowering("TestOp").value().provider.plugin_id == "com.test.alpha");
}

TEST_CASE("a plugin in the search path replaces the linked copy of the same id") {
  PluginDir dir;
  dir.AddWith(BuiltLibrary("hostile/NULL_ROW"), "p", [](Manifest& m) { m.id = "com.test.linked"; });
  const auto registry = MustOpen(With(dir));
  CHECK(registry->Plugins()[0].state == PluginState::kDeclared);
  CHECK(registry->Plugins()[1].state == PluginState::kShadowed);
}

TEST_CASE("a linked plugin that fails is an error at once") {
  PluginDir dir;
  RegistryOptions options = dir.Options();
  options.static_plugins = kFails;
  const auto opened = Registry::Open(options);
  REQUIRE_FALSE(opened.ok());
  CHECK(opened.error().code == Code::kPluginLoad);
  CHECK(opened.error().file == "linked plugin 'fails'");
}

}  // namespace tflower::test
