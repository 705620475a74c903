// tflower plugins and tflower resolve as a user meets them: what is printed, exit codes, the error line.
#include <doctest/doctest.h>
#include <sys/wait.h>

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "plugin_dir.h"

namespace tflower::test {
namespace {

struct Outcome {
  int code = -1;
  std::string out, err;
};

// Runs the program with a private plugin path, and without the shipped plugins, which may be linked in.
Outcome Tflower(const PluginDir& dir, const std::string& arguments) {
  PluginDir scratch;
  const std::string out = scratch.path() + "/out", err = scratch.path() + "/err";
  const std::string command = "TFLOWER_PLUGINS_DISABLE='tflower.*' TFLOWER_PLUGIN_PATH='" + dir.path() + "' '" TEST_PROGRAM "' " + arguments + " >" + out + " 2>" + err;
  const int status = std::system(command.c_str());
  return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, ReadBytes(out), ReadBytes(err)};
}

bool Has(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

// Lines of the table that begin with this word.
std::string Line(const std::string& text, const std::string& start) {
  const size_t at = text.find("\n" + start);
  return at == std::string::npos ? "" : text.substr(at + 1, text.find('\n', at + 1) - at - 1);
}

}  // namespace

TEST_CASE("list") {
  PluginDir dir;
  dir.Add("alpha", "1");
  dir.Add("alpha2", "2");
  dir.Write("bad/org.bad.tflower.json", "{\"format\"");
  const Outcome list = Tflower(dir, "plugins list");
  CHECK(list.code == 0);
  CHECK(Has(Line(list.out, "com.test.alpha  1.10.0"), "declared          1      2        3"));
  CHECK(Has(Line(list.out, "-  "), "faulty"));
  CHECK_FALSE(Has(list.out, "shadowed"));
  CHECK(Has(list.err, "warning: " + dir.path() + "/bad/org.bad.tflower.json"));
  CHECK(Has(Tflower(dir, "plugins list --all").out, "shadowed"));
  const auto json = nlohmann::json::parse(Tflower(dir, "plugins list --json --all").out);
  const auto disabled = std::ranges::count_if(json["plugins"], [](const auto& plugin) { return plugin["state"] == "disabled"; });
  REQUIRE(static_cast<ptrdiff_t>(json["plugins"].size()) - disabled == 3);
  CHECK(json["plugins"][0]["fault"]["code"] == "TFW0402");
  CHECK(json["plugins"][1]["counts"]["kernels"] == 3);
}

TEST_CASE("info") {
  PluginDir dir;
  dir.Add("alpha", "1");
  const Outcome info = Tflower(dir, "plugins info com.test.alpha");
  CHECK(info.code == 0);
  CHECK(Has(info.out, "com.test.alpha 1.0.0\n"));
  CHECK(Has(info.out, "  TF ops (1):\n    TestOp\n"));
  CHECK(nlohmann::json::parse(Tflower(dir, "plugins info com.test.alpha --json").out)["kernels"][0] == "ADD");
  const Outcome unknown = Tflower(dir, "plugins info com.test.nobody");
  CHECK(unknown.code == 1);
  CHECK(Has(unknown.err, "error: com.test.nobody: no plugin has this id"));
  CHECK(Tflower(dir, "plugins info").code == 2);
  CHECK(Tflower(dir, "plugins").code == 2);
}

TEST_CASE("doctor") {
  PluginDir dir;
  dir.Add("alpha", "1");
  const Outcome well = Tflower(dir, "plugins doctor");
  CHECK(well.code == 0);
  CHECK(Has(well.out, "  " + dir.path() + "  (TFLOWER_PLUGIN_PATH)\n"));
  CHECK(Has(well.out, "ok: manifest, owner, hash, ABI and tables agree"));
  const std::string manifest = dir.AddWith(BuiltLibrary("hostile/MAIN_FAILS"), "2");
  const Outcome ill = Tflower(dir, "plugins doctor");
  CHECK(ill.code == 4);
  CHECK(Has(ill.out, "FAULT: " + dir.path() + "/2/plugin.so: tflower_plugin_main refuses this program"));
  CHECK(Has(ill.err, "; 1 of "));
  CHECK(Has(ill.err, " plugins cannot be used [TFW0400]"));
  std::filesystem::remove(dir.path() + "/2/plugin.so");
  CHECK(Has(Tflower(dir, "plugins doctor").out, "cannot be found: No such file"));
  CHECK(Has(nlohmann::json::parse(Tflower(dir, "plugins doctor --json").out)["plugins"][1]["fault"]["message"], "cannot be found"));
}

TEST_CASE("resolve") {
  PluginDir dir;
  dir.Add("alpha", "1");
  dir.Add("gamma", "2");
  const Outcome found = Tflower(dir, "resolve TestOp");
  CHECK(found.code == 0);
  CHECK(found.out == "lowering com.test.gamma 1.0.0  ABS NEG\n");
  const Outcome explained = Tflower(dir, "resolve TestOp --explain");
  CHECK(explained.code == 0);
  CHECK(Has(explained.out, "chosen: first in order"));
  CHECK(Has(explained.out, "asked when those above decline: lower priority"));
  CHECK(Has(Tflower(dir, "resolve TestOp --resolve TestOp=com.test.alpha").out, "com.test.alpha"));

  const Outcome nobody = Tflower(dir, "resolve Foo --explain");
  CHECK(nobody.code == 1);
  CHECK(Has(nobody.err, "error: Foo: no plugin covers this op"));
  dir.Add("beta", "3");
  dir.Add("beta", "4");
  std::filesystem::remove_all(dir.path() + "/2");
  const Outcome tie = Tflower(dir, "resolve TestOp --explain --json");
  CHECK(tie.code == 4);
  CHECK(nlohmann::json::parse(tie.out)["candidates"][0]["tied"] == true);
  CHECK(Has(tie.err, "--resolve TestOp=com.test.alpha or --resolve TestOp=com.test.beta"));
  CHECK(Tflower(dir, "resolve TestOp --resolve nonsense").code == 2);
  CHECK(Tflower(dir, "resolve TestOp --plugin /nonexistent").code == 4);
}

}  // namespace tflower::test
