// What the sub-commands share: logging, the error line, exit codes, registry options.
//
// stdout carries data, stderr the log; on failure the last line on stderr begins with "error:" (design: exit codes 0 ok, 1 cannot be
// converted or run as asked, 2 usage, 3 input, 4 plugin, 5 comparison, 6 limit, 70 internal).
#pragma once

#include <functional>
#include <set>
#include <string>
#include <string_view>

#include <CLI/CLI.hpp>

#include "registry/registry.h"
#include "tflower/status.h"

namespace tflower::cli {

struct Context {
  int verbosity = 0;  // -1 quiet, 0 normal, 1.. verbose
  bool json_log = false;
  std::string progress = "auto";
  RegistryOptions registry;

  std::set<std::string> warned;

  // The registry that --plugin and --resolve ask for; its warnings are logged.
  Result<std::unique_ptr<Registry>> OpenRegistry();
  // Logs what has not been logged yet, such as plugins that could not be opened and were passed over.
  void LogWarnings(const Registry& registry);
};

// A sub-command's work: its exit code, or the error that main prints.
using Command = std::function<Result<int>()>;

// Each registers one sub-command; when that is the one the user asked for, `run` is set.
void AddConvert(CLI::App& app, Context& context, Command& run);
void AddRun(CLI::App& app, Context& context, Command& run);
void AddBench(CLI::App& app, Context& context, Command& run);
void AddInspect(CLI::App& app, Context& context, Command& run);
void AddPlugins(CLI::App& app, Context& context, Command& run);
void AddCoverage(CLI::App& app, Context& context, Command& run);
void AddCompare(CLI::App& app, Context& context, Command& run);
void AddResolve(CLI::App& app, Context& context, Command& run);

// Options that every command with plugins has: --plugin, --resolve.
void AddRegistryOptions(CLI::App& command, Context& context);

enum class Level { kDebug, kInfo, kWarning };
// A line for people on stderr, as text or JSON; kInfo and kDebug respect -q and -v.
void Log(const Context& context, Level level, std::string_view message);
// One failing node in a list of them.
void LogFailure(const Context& context, const Error& error);
// The last line: "error: ..." (or a JSON object). Returns the exit code.
int Fail(const Context& context, const Error& error);

// Stages of a long command on a terminal: one line, rewritten; nothing when stderr is no terminal (or always/never says otherwise).
class Progress {
 public:
  explicit Progress(const Context& context);
  ~Progress();
  void Stage(const char* name);

 private:
  bool on_;
};

}  // namespace tflower::cli
