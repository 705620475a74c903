// tflower-manifest: writes the manifest of a plugin library from the library's own tables, so that nobody types hashes
// or lists of ops. Run by tflower_add_plugin() after linking, and again on the installed file.
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "registry/file.h"
#include "registry/library_check.h"
#include "registry/manifest.h"
#include "registry/plugin_library.h"
#include "registry/schema.h"
#include "registry/tables.h"

namespace tflower {
namespace {

namespace fs = std::filesystem;

struct Arguments {
  std::string library, input, output, id, version;
};

// Takes what people write: name, vendor, license, homepage; id and version may be given here instead of as options.
Status ReadInput(const Arguments& args, Manifest& m) {
  TFLOWER_TRY(const std::string text, ReadTextFile(args.input, kMaxManifestBytes));
  const nlohmann::json json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object()) return Error(Code::kManifest, "is not a JSON object").File(args.input);
  for (const auto& [key, value] : json.items()) {
    if (key.starts_with("x-")) continue;
    std::string* field = key == "id" ? &m.id : key == "version" ? &m.version : key == "name" ? &m.name : key == "vendor" ? &m.vendor
                       : key == "license" ? &m.license : key == "homepage" ? &m.homepage : nullptr;
    if (field == nullptr) return Error(Code::kManifest, "the key is unknown; the rest of the manifest comes from the library").File(args.input).What(key);
    if (!value.is_string()) return Error(Code::kManifest, "must be a string").File(args.input).What(key);
    *field = value.get<std::string>();
  }
  return Ok();
}

// What the command line or the input says must be what the library says of itself.
Status Agree(const char* what, const std::string& wanted, const char* real, const std::string& library) {
  if (wanted.empty() || wanted == real) return Ok();
  return Error(Code::kParity, "the library says '" + std::string(real) + "', but '" + wanted + "' is wanted").File(library).What(what);
}

Status AddPlatform(const Arguments& args, const std::string& library, Manifest& m) {
  TFLOWER_TRY(const OpenFile file, OpenFile::Open(library, true));
  TFLOWER_CHECK(CheckElf(file, library));
  Platform platform{.os = std::string(HostOs()), .arch = std::string(HostArch()), .size = file.size()};
  const fs::path folder = fs::absolute(args.output).parent_path();
  platform.library = fs::path(library).lexically_relative(folder).string();
  if (!IsSafeRelativePath(platform.library)) {
    return Error(Code::kManifest, "the manifest must lie in the library's folder or above it").File(args.output);
  }
  TFLOWER_TRY(platform.sha256, HashFile(file, library));
  m.platforms.push_back(std::move(platform));
  return Ok();
}

// Appears whole or not at all.
Status WriteFile(const std::string& path, const std::string& text) {
  const std::string temporary = path + ".tmp" + std::to_string(getpid());
  std::ofstream out(temporary, std::ios::binary | std::ios::trunc);
  out << text;
  out.close();
  std::error_code error;
  if (out) fs::rename(temporary, path, error);
  if (out && !error) return Ok();
  fs::remove(temporary, error);
  return Error(Code::kUnreadable, "cannot be written").File(path);
}

Status Generate(const Arguments& args) {
  Manifest m;
  if (!args.input.empty()) TFLOWER_CHECK(ReadInput(args, m));
  const std::string library = fs::absolute(args.library).lexically_normal().string();
  TFLOWER_CHECK(AddPlatform(args, library, m));
  TFLOWER_TRY(const tflower_plugin_main_fn entry, MapLibrary(library));
  TFLOWER_TRY(const PluginTables tables, ReadTables(entry, library));
  TFLOWER_CHECK(Agree("id", m.id, tables.id, library));
  TFLOWER_CHECK(Agree("id", args.id, tables.id, library));
  TFLOWER_CHECK(Agree("version", m.version, tables.version, library));
  TFLOWER_CHECK(Agree("version", args.version, tables.version, library));
  m.id = tables.id;
  m.version = tables.version;
  m.abi_major = tables.abi_major;
  m.abi_min = tables.abi_min;
  m.abi_built = TFLOWER_ABI_MINOR;
  m.provides = Declare(tables);
  TFLOWER_TRY(const std::string text, PrintManifest(m));
  TFLOWER_CHECK(ValidateManifest(text, args.output));
  return WriteFile(args.output, text);
}

}  // namespace
}  // namespace tflower

int main(int argc, char** argv) {
  tflower::Arguments args;
  CLI::App app("Writes the manifest of a tflower plugin library.");
  app.add_option("--library", args.library, "the plugin's shared library")->required();
  app.add_option("--output", args.output, "the manifest to write, in the library's folder: ID.tflower.json")->required();
  app.add_option("--input", args.input, "JSON with name, vendor, license, homepage");
  app.add_option("--id", args.id, "the id that the library must have");
  app.add_option("--version", args.version, "the version that the library must have");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    return app.exit(e) == 0 ? 0 : 2;
  }
  const tflower::Status status = tflower::Generate(args);
  if (status.ok()) return 0;
  std::fprintf(stderr, "error: %s\n", status.error().ToString().c_str());
  return tflower::ExitCode(status.error().code);
}
