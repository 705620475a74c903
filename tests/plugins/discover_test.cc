// Discovery: order, shadowing, explicit paths, the environment, broken manifests.
#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>

#include "plugin_dir.h"

namespace tflower::test {
namespace {

namespace fs = std::filesystem;

// Sets a variable for one test case.
class Variable {
 public:
  Variable(const char* name, const std::string& value) : name_(name) { setenv(name, value.c_str(), 1); }
  ~Variable() { unsetenv(name_); }

 private:
  const char* name_;
};

std::vector<std::string> Ids(const Registry& registry) {
  std::vector<std::string> out;
  for (const PluginInfo& plugin : registry.Plugins()) {
    out.push_back(plugin.id + " " + plugin.version + " " + std::string(PluginStateName(plugin.state)));
  }
  return out;
}

using Strings = std::vector<std::string>;

}  // namespace

TEST_CASE("what is known without opening") {
  PluginDir dir;
  dir.Add("cpp", "p");
  dir.Add("alpha", "q");
  const auto registry = MustOpen(dir.Options());
  const std::vector<PluginInfo> plugins = registry->Plugins();
  REQUIRE(plugins.size() == 2);
  CHECK(plugins[0].lowering_ops == Strings{"TestOp"});
  CHECK(plugins[0].kernel_ops == Strings{"ADD", "test.TestOp"});
  CHECK(plugins[0].rule_ids == Strings{"test/cell", "test/relu"});
  CHECK(plugins[0].kernels == 3);
  CHECK(plugins[1].name == "A plugin in C++ \"on the raw ABI\"");
  CHECK(plugins[1].license == "Apache-2.0");
  CHECK(plugins[1].library.ends_with("/libtflower_test_cpp.so"));
  CHECK(plugins[1].origin == "search path");
  CHECK(plugins[1].abi_major == 1);
}

TEST_CASE("one folder a plugin, no deeper, hidden folders left out") {
  PluginDir dir;
  dir.Add("cpp", "a/b/c");
  dir.Add("alpha", ".hidden");
  CHECK(MustOpen(dir.Options())->Plugins().empty());
}

TEST_CASE("first place wins, newer wins within one place") {
  PluginDir first, second;
  first.Add("alpha", "x");
  second.Add("alpha2", "x");
  RegistryOptions options = first.Options();
  options.search_path->push_back(second.path());
  const auto registry = MustOpen(options);
  CHECK(Ids(*registry) == Strings{"com.test.alpha 1.0.0 declared", "com.test.alpha 1.10.0 shadowed"});
  CHECK(registry->Plugins()[1].reason.find("shadowed by version 1.0.0 in " + first.path()) == 0);
  CHECK(registry->FindLowering("TestOp").value().provider.plugin_version == "1.0.0");

  PluginDir both;
  both.Add("alpha", "1");
  both.Add("alpha2", "2");
  CHECK(MustOpen(both.Options())->FindLowering("TestOp").value().provider.plugin_version == "1.10.0");
}

TEST_CASE("the same file by two paths is one plugin") {
  PluginDir dir;
  dir.Add("alpha", "a");
  fs::create_directory_symlink("a", dir.path() + "/b");
  CHECK(MustOpen(dir.Options())->Plugins().size() == 1);
}

TEST_CASE("switched off by glob") {
  PluginDir dir;
  dir.Add("alpha", "a");
  dir.Add("cpp", "c");
  const Variable off("TFLOWER_PLUGINS_DISABLE", "com.nobody,*.cpp");
  const auto registry = MustOpen(dir.Options());
  CHECK(Ids(*registry) == Strings{"com.test.alpha 1.0.0 declared", "com.test.cpp 2.1.0-rc.1 disabled"});
  CHECK(registry->Plugins()[1].reason == "switched off by '*.cpp'");
}

TEST_CASE("--plugin takes a manifest, a library or a folder, and goes first") {
  PluginDir dir, empty;
  dir.Add("alpha2", "p");
  const auto first = [&](const std::string& path) {
    RegistryOptions options = empty.Options();
    options.plugins = {path};
    return Ids(*MustOpen(options));
  };
  const Strings wanted{"com.test.alpha 1.10.0 declared"};
  for (const auto& entry : fs::directory_iterator(dir.path() + "/p")) CHECK(first(entry.path()) == wanted);  // manifest, library
  CHECK(first(dir.path() + "/p") == wanted);
  CHECK(first(dir.path()) == wanted);

  empty.Add("alpha", "installed");
  RegistryOptions options = empty.Options();
  options.plugins = {dir.path()};
  CHECK(MustOpen(options)->FindLowering("TestOp").value().provider.plugin_version == "1.10.0");
}

TEST_CASE("--plugin with nothing or something broken is an error at once") {
  PluginDir dir;
  RegistryOptions options = dir.Options();
  const auto code = [&](const std::string& path) {
    options.plugins = {path};
    const auto opened = Registry::Open(options);
    REQUIRE_FALSE(opened.ok());
    CHECK(opened.error().file.find(path) == 0);
    return opened.error().code;
  };
  CHECK(code(dir.path() + "/nothing") == Code::kPluginLoad);
  CHECK(code(dir.path()) == Code::kManifest);  // an empty folder
  dir.Write("x.tflower.json", "{");
  CHECK(code(dir.path() + "/x.tflower.json") == Code::kManifest);
  CHECK(code(dir.path()) == Code::kManifest);
  dir.Write("lonely/lib.so", "ELF");
  CHECK(code(dir.path() + "/lonely/lib.so") == Code::kManifest);
}

TEST_CASE("a broken manifest in a search folder warns, and explains ops that are missing") {
  PluginDir dir;
  dir.Add("alpha", "good");
  dir.Write("bad/com.test.bad.tflower.json", R"({"format": "1.0", "id": 7})");
  const auto registry = MustOpen(dir.Options());
  REQUIRE(registry->Warnings().size() == 1);
  CHECK(registry->Warnings()[0].ToString().find("com.test.bad.tflower.json (byte 24): /id: broken manifest: must be a string") != std::string::npos);
  CHECK(registry->FindLowering("TestOp").ok());
  const auto missing = registry->FindLowering("Foo");
  CHECK(missing.error().code == Code::kManifest);
  CHECK(ExitCode(missing.error().code) == 4);
  CHECK(missing.error().message.find("no plugin covers this op; perhaps the plugin whose manifest is unusable would") == 0);
  CHECK(registry->FindKernel({.code = 99}).error().code == Code::kManifest);
  CHECK(registry->FindComposite("Foo").error().code == Code::kNotFound);  // not having one is no failure
}

TEST_CASE("unknown keys warn") {
  PluginDir dir;
  const std::string file = dir.AddWith(BuiltLibrary("hostile/NULL_ROW"), "p");
  std::string text = ReadBytes(file);
  text.insert(1, "\"colour\": \"red\", \"x-colour\": \"red\",");
  dir.Write("p/com.test.hostile.tflower.json", text);
  const auto registry = MustOpen(dir.Options());
  REQUIRE(registry->Warnings().size() == 1);
  CHECK(registry->Warnings()[0].message == "unknown key /colour");
}

TEST_CASE("the environment") {
  PluginDir replace, add, home, system;
  replace.Add("alpha", "p");
  add.Add("alpha2", "p");
  fs::create_directories(home.path() + "/tflower/plugins.d");
  home.Add("beta", "tflower/plugins.d/p");
  fs::create_directories(system.path() + "/tflower/plugins.d");
  system.Add("gamma", "tflower/plugins.d/p");
  const Variable home_variable("XDG_DATA_HOME", home.path());
  const Variable system_variable("XDG_DATA_DIRS", "relative/is/ignored:" + system.path());
  const RegistryOptions options{.linked_plugins = false};

  CHECK(Ids(*MustOpen(options)) == Strings{"com.test.beta 1.0.0 declared", "com.test.gamma 1.0.0 declared"});
  {
    const Variable variable("TFLOWER_ADD_PLUGIN_PATH", add.path());
    CHECK(Ids(*MustOpen(options)) ==
          Strings{"com.test.alpha 1.10.0 declared", "com.test.beta 1.0.0 declared", "com.test.gamma 1.0.0 declared"});
    const Variable replaced("TFLOWER_PLUGIN_PATH", replace.path() + ":/nowhere");
    CHECK(Ids(*MustOpen(options)) == Strings{"com.test.alpha 1.10.0 declared", "com.test.alpha 1.0.0 shadowed"});
  }
}

TEST_CASE("places that cannot be read are nothing") {
  const RegistryOptions options{.search_path = Strings{"/nonexistent", "/proc/self/mem", "/dev/null"}, .linked_plugins = false};
  CHECK(MustOpen(options)->Plugins().empty());
}

}  // namespace tflower::test
