// Logging, progress and the error line.
#include "cli/cli.h"

#include <unistd.h>

#include <cstdio>

#include <nlohmann/json.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace tflower::cli {
namespace {

spdlog::logger& Logger() {
  static const std::shared_ptr<spdlog::logger> logger = [] {
    auto l = std::make_shared<spdlog::logger>("tflower", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    l->set_pattern("%v");
    l->set_level(spdlog::level::trace);
    return l;
  }();
  return *logger;
}

std::string Dump(const nlohmann::ordered_json& object) { return object.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace); }

nlohmann::ordered_json ErrorObject(const Error& e, const char* level) {
  nlohmann::ordered_json o = {{"level", level}, {"code", CodeName(e.code)}, {"message", e.message}};
  const auto put = [&](const char* key, const std::string& v) { if (!v.empty()) o[key] = v; };
  put("file", e.file);
  if (e.byte_offset) o["offset"] = *e.byte_offset;
  put("op", e.op);
  put("node", e.node);
  put("what", e.what);
  put("hint", e.hint);
  if (!e.notes.empty()) o["notes"] = e.notes;
  return o;
}

}  // namespace

void Log(const Context& context, Level level, std::string_view message) {
  static constexpr const char* kNames[] = {"debug", "info", "warning"};
  if (level == Level::kDebug && context.verbosity < 1) return;
  if (level == Level::kInfo && context.verbosity < 0) return;
  const char* name = kNames[static_cast<int>(level)];
  if (context.json_log) Logger().info(Dump({{"level", name}, {"message", std::string(message)}}));
  else if (level == Level::kWarning) Logger().info("warning: {}", message);
  else Logger().info("{}", message);
}

void LogFailure(const Context& context, const Error& error) {
  if (context.json_log) Logger().info(Dump(ErrorObject(error, "failure")));
  else Logger().info("  {}", error.ToString());
}

int Fail(const Context& context, const Error& error) {
  if (context.json_log) Logger().info(Dump(ErrorObject(error, "error")));
  else Logger().info("error: {}", error.ToString());
  return ExitCode(error.code);
}

void AddRegistryOptions(CLI::App& command, Context& context) {
  command.add_option("--plugin", context.registry.plugins, "Plugin manifest, library or folder to use before all others")->type_name("PATH");
  command.add_option("--resolve", context.registry.pins, "Let this plugin provide this op")->type_name("OP=PLUGIN");
}

Result<std::unique_ptr<Registry>> Context::OpenRegistry() {
  TFLOWER_TRY(std::unique_ptr<Registry> r, Registry::Open(registry));
  LogWarnings(*r);
  return r;
}

void Context::LogWarnings(const Registry& r) {
  for (const Error& w : r.Warnings())
    if (std::string text = w.ToString(); warned.insert(text).second) Log(*this, Level::kWarning, text);
}

Progress::Progress(const Context& context) {
  on_ = context.progress == "always" || (context.progress == "auto" && context.verbosity >= 0 && !context.json_log && isatty(STDERR_FILENO) == 1 && getenv("CI") == nullptr);
}

Progress::~Progress() {
  if (on_) std::fputs("\r\x1b[K", stderr);
}

void Progress::Stage(const char* name) {
  if (!on_) return;
  std::fprintf(stderr, "\r\x1b[K%s ...", name);
  std::fflush(stderr);
}

}  // namespace tflower::cli
