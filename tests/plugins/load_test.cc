// Loading: every way in which a library can be wrong is a typed error that names the file, never a crash.
#include <doctest/doctest.h>
#include <sys/stat.h>

#include <filesystem>
#include <thread>

#include "plugin_dir.h"

namespace tflower::test {
namespace {

namespace fs = std::filesystem;

// The error that asking for HostileOp gives, after checking that all ways to ask agree.
Error Fault(const PluginDir& dir) {
  const auto registry = MustOpen(dir.Options());
  const auto first = registry->FindLowering("HostileOp");
  REQUIRE_FALSE(first.ok());
  CHECK(ExitCode(first.error().code) == 4);
  CHECK(registry->FindLowering("HostileOp").error().message == first.error().message);  // kept, with its reason
  CHECK(registry->Plugins()[0].state == PluginState::kFaulty);
  CHECK(registry->Warnings().size() == 1);
  registry->OpenAll();
  CHECK(registry->Plugins()[0].state == PluginState::kFaulty);
  return first.error();
}

void CheckFault(const PluginDir& dir, Code code, const std::string& words) {
  const Error error = Fault(dir);
  INFO(error.ToString());
  CHECK(error.code == code);
  CHECK(error.op == "HostileOp");
  CHECK(error.ToString().find(words) != std::string::npos);
  CHECK(error.file.starts_with(dir.path()));
}

struct Hostile {
  const char* name;
  Code code;
  const char* words;
};

constexpr Hostile kHostile[] = {
    {"WRONG_MAJOR", Code::kPluginAbi, "needs plugin ABI 9.0"},
    {"FUTURE_MINOR", Code::kPluginAbi, "needs plugin ABI 1.999"},
    {"NO_SYMBOL", Code::kPluginLoad, "does not export tflower_plugin_main"},
    {"MAIN_FAILS", Code::kPluginLoad, "refuses this program"},
    {"MAIN_EMPTY", Code::kPluginLoad, "leaves abi_major, id, version or get_table empty"},
    {"MAIN_THROWS", Code::kPluginLoad, "throws an exception"},
    {"NULL_ROW", Code::kPluginLoad, "row 0: it is NULL"},
    {"NULL_ROWS", Code::kPluginLoad, "its rows are NULL"},
    {"SHORT_ROW", Code::kPluginLoad, "its struct_size is too small"},
    {"TABLE_FAILS", Code::kPluginLoad, "get_table fails"},
    {"HUGE_COUNT", Code::kPluginLoad, "has 4294967295 rows"},
    {"NO_FUNCTION", Code::kPluginLoad, "it has no lower function"},
    {"BAD_PATTERN", Code::kPluginLoad, "its pattern is broken"},
    {"WRONG_ID", Code::kParity, "says that it is com.test.somebody_else 1.0.0"},
    {"SHORT_STRUCT", Code::kPluginLoad, "leaves struct_size 12"},
};

}  // namespace

TEST_CASE("hostile libraries") {
  for (const Hostile& hostile : kHostile) {
    CAPTURE(hostile.name);
    PluginDir dir;
    dir.AddWith(BuiltLibrary(std::string("hostile/") + hostile.name), "p");
    CheckFault(dir, hostile.code, hostile.words);
  }
}

TEST_CASE("manifests that lie about the library") {
  const std::string library = BuiltLibrary("alpha");
  const auto alpha = [](Manifest& m) { m.id = "com.test.alpha"; };
  SUBCASE("rows") {
    PluginDir dir;
    dir.AddWith(library, "p", alpha);
    const Error error = Fault(dir);
    CHECK(error.code == Code::kParity);
    const std::string text = error.ToString();
    CHECK(text.find("1 rows are missing, 6 are not declared") != std::string::npos);
    CHECK(text.find("missing: lowering 'HostileOp' (priority 1)") != std::string::npos);
    CHECK(text.find("not declared: lowering 'TestOp' (priority 100, emits ABS NEG)") != std::string::npos);
    CHECK(text.find("not declared: kernel 'ADD' (version 1-2, (float32, float32) -> (float32), priority 100)") != std::string::npos);
  }
  SUBCASE("version") {
    PluginDir dir;
    dir.AddWith(library, "p", [](Manifest& m) { m.id = "com.test.alpha", m.version = "1.0.1"; });
    CheckFault(dir, Code::kParity, "says that it is com.test.alpha 1.0.0, but its manifest says com.test.alpha 1.0.1");
  }
  SUBCASE("size") {
    PluginDir dir;
    dir.AddWith(library, "p", [](Manifest& m) { ++m.platforms[0].size; });
    CheckFault(dir, Code::kParity, "bytes instead of");
  }
  SUBCASE("hash") {
    PluginDir dir;
    dir.AddWith(library, "p", [](Manifest& m) { m.platforms[0].sha256 = std::string(64, 'a'); });
    CheckFault(dir, Code::kParity, "its SHA-256 is");
  }
  SUBCASE("ABI from the future: not even mapped") {
    PluginDir dir;
    dir.AddWith(library, "p", [](Manifest& m) { m.abi_min = 7; });
    CheckFault(dir, Code::kPluginAbi, "needs plugin ABI 1.7, but this program has 1.0");
    CHECK_FALSE(IsMapped(dir.path()));
  }
  SUBCASE("other platforms only") {
    PluginDir dir;
    dir.AddWith(library, "p", [](Manifest& m) { m.platforms[0].os = "plan9"; });
    CheckFault(dir, Code::kPluginLoad, "has no library for linux/");
  }
}

TEST_CASE("libraries that must not reach the system's loader") {
  const std::string library = BuiltLibrary("hostile/NULL_ROW");
  const auto add_bytes = [&](PluginDir& dir, const std::string& bytes) {
    dir.Write("bytes", bytes);
    dir.AddWith(dir.path() + "/bytes", "p");
  };
  std::string bytes = ReadBytes(library);
  PluginDir dir;
  SUBCASE("deleted") {
    dir.AddWith(library, "p");
    fs::remove(dir.path() + "/p/plugin.so");
    CheckFault(dir, Code::kPluginLoad, "cannot be found: No such file");
  }
  SUBCASE("not an ELF file") {
    add_bytes(dir, std::string(5000, 'x'));
    CheckFault(dir, Code::kPluginLoad, "no ELF file");
  }
  SUBCASE("too short") {
    add_bytes(dir, bytes.substr(0, 20));
    CheckFault(dir, Code::kPluginLoad, "too short for an ELF file");
  }
  SUBCASE("other machine") {
    bytes[18] = static_cast<char>(bytes[18] == 62 ? 183 : 62);  // e_machine
    add_bytes(dir, bytes);
    CheckFault(dir, Code::kPluginLoad, "is for another machine");
  }
  SUBCASE("32 bit") {
    bytes[4] = 1;  // EI_CLASS
    add_bytes(dir, bytes);
    CheckFault(dir, Code::kPluginLoad, "is for another machine");
  }
  SUBCASE("not a shared object") {
    bytes[16] = 1;  // e_type
    add_bytes(dir, bytes);
    CheckFault(dir, Code::kPluginLoad, "not a shared library");
  }
  SUBCASE("truncated everywhere") {
    for (const size_t keep : {64u, 200u, 1000u, 5000u}) {
      PluginDir each;
      add_bytes(each, bytes.substr(0, std::min<size_t>(keep, bytes.size() / 2)));
      CheckFault(each, Code::kPluginLoad, "is truncated");
    }
  }
  SUBCASE("a folder") {
    dir.AddWith(library, "p");
    fs::remove(dir.path() + "/p/plugin.so");
    fs::create_directory(dir.path() + "/p/plugin.so");
    CheckFault(dir, Code::kPluginLoad, "is not a regular file");
  }
  SUBCASE("a pipe, which nobody writes") {
    dir.AddWith(library, "p");
    fs::remove(dir.path() + "/p/plugin.so");
    REQUIRE(mkfifo((dir.path() + "/p/plugin.so").c_str(), 0600) == 0);
    CheckFault(dir, Code::kPluginLoad, "is not a regular file");
  }
  SUBCASE("a link out of the folder") {
    dir.AddWith(library, "p");
    fs::rename(dir.path() + "/p/plugin.so", dir.path() + "/elsewhere.so");
    fs::create_symlink("../elsewhere.so", dir.path() + "/p/plugin.so");
    CheckFault(dir, Code::kUntrusted, "is a link that leaves the plugin's folder");
  }
  SUBCASE("writable by everybody") {
    dir.AddWith(library, "p");
    REQUIRE(chmod((dir.path() + "/p/plugin.so").c_str(), 0666) == 0);
    CheckFault(dir, Code::kUntrusted, "can be written by everybody");
  }
  SUBCASE("in a folder writable by everybody") {
    dir.AddWith(library, "p");
    REQUIRE(chmod((dir.path() + "/p").c_str(), 0777) == 0);
    CheckFault(dir, Code::kUntrusted, "can be written by everybody");
  }
  SUBCASE("manifest writable by everybody") {
    const std::string manifest = dir.AddWith(library, "p");
    REQUIRE(chmod(manifest.c_str(), 0666) == 0);
    CheckFault(dir, Code::kUntrusted, "can be written by everybody");
  }
}

TEST_CASE("a link inside the folder is fine") {
  PluginDir dir;
  const fs::path folder = dir.Add("alpha", "p");
  const fs::path library = fs::path(BuiltLibrary("alpha")).filename();
  fs::path file;
  for (const auto& entry : fs::recursive_directory_iterator(folder)) {
    if (entry.path().extension() == ".so") file = entry.path();
  }
  fs::rename(file, file.parent_path() / "real.so");
  fs::create_symlink("real.so", file);
  CHECK(MustOpen(dir.Options())->FindLowering("TestOp").ok());
}

TEST_CASE("a faulty plugin is passed over when another covers the op") {
  PluginDir dir;
  dir.Add("alpha", "alpha");
  fs::path broken = dir.Add("gamma", "gamma");  // higher priority
  for (const auto& entry : fs::recursive_directory_iterator(broken)) {
    if (entry.path().extension() == ".so") fs::resize_file(entry.path(), 100);
  }
  const auto registry = MustOpen(dir.Options());
  const auto found = registry->FindLowering("TestOp");
  REQUIRE(found.ok());
  CHECK(found.value().provider.plugin_id == "com.test.alpha");
  REQUIRE(registry->Warnings().size() == 1);
  CHECK(registry->Warnings()[0].code == Code::kParity);
  CHECK(registry->PatternRules().error().code == Code::kParity);  // no rule is lost in silence
}

TEST_CASE("concurrent first use opens once and agrees") {
  PluginDir dir;
  dir.Add("alpha", "p");
  const auto registry = MustOpen(dir.Options());
  std::vector<const tflower_lowering*> rows(8);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < rows.size(); ++i) {
    threads.emplace_back([&, i] {
      auto found = registry->FindLowering("TestOp");
      if (found.ok()) rows[i] = found.value().row;
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const tflower_lowering* row : rows) CHECK(row == rows[0]);
  CHECK(rows[0] != nullptr);
}

}  // namespace tflower::test
