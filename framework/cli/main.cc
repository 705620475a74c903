// tflower: the program. Parses the command line and hands over to a sub-command.
#include <csignal>
#include <cstdio>
#include <exception>
#include <new>

#include "cli/cli.h"

namespace tflower::cli {
namespace {

int Main(int argc, char** argv) {
  Context context;
  Command run;
  CLI::App app{"tflower: TensorFlow models to .tflite files, and a runtime for them", "tflower"};
  app.set_version_flag("--version", "tflower " TFLOWER_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  bool quiet = false;
  app.add_flag("-q,--quiet", quiet, "Print errors and warnings only");
  app.add_flag("-v,--verbose", context.verbosity, "Print more");
  std::string log_format = "text";
  app.add_option("--log-format", log_format, "Lines of the log")->check(CLI::IsMember({"text", "json"}));
  app.add_option("--progress", context.progress, "Show progress")->check(CLI::IsMember({"auto", "always", "never"}));
  AddConvert(app, context, run);
  AddRun(app, context, run);
  AddBench(app, context, run);
  AddCompare(app, context, run);
  AddInspect(app, context, run);
  AddCoverage(app, context, run);
  AddPlugins(app, context, run);
  AddResolve(app, context, run);
  for (int i = 1; i + 1 < argc; ++i)  // also for errors of the command line itself
    if (std::string_view(argv[i]) == "--log-format") context.json_log = std::string_view(argv[i + 1]) == "json";
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0) return app.exit(e);  // --help, --version
    return Fail(context, Error(Code::kUsage, e.what()).Hint("tflower --help"));
  }
  context.json_log = log_format == "json";
  if (quiet) context.verbosity = -1;
  Result<int> result = run();
  if (!result.ok()) return Fail(context, result.error());
  if (std::fflush(stdout) != 0) return Fail(context, Error(Code::kUnreadable, "cannot write to standard output"));
  return result.value();
}

}  // namespace
}  // namespace tflower::cli

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  try {
    return tflower::cli::Main(argc, argv);
  } catch (const std::bad_alloc&) {
    std::fputs("error: out of memory [TFW0600]\n", stderr);
    return 6;
  } catch (const std::exception& e) {
    std::fprintf(stderr, "error: internal error: %s [TFW0700]\n", e.what());
    return 70;
  }
}
