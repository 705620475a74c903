// RunPair: as a file in the folder for temporary ones, by the ordinary runtime.
#include "probe/probe.h"

#include <unistd.h>

#include <filesystem>
#include <memory>
#include <system_error>
#include <vector>

#include "export/tflite_writer.h"
#include "probe/random_inputs.h"
#include "runtime/plan/kernel_source.h"
#include "tflower/runtime.h"

namespace tflower::probe {
namespace {

constexpr std::chrono::seconds kMaxTime{2};         // of a body that runs on and on
constexpr uint64_t kMaxBytes = uint64_t{1} << 30;

class TemporaryFile {
 public:
  static Result<TemporaryFile> Create() {
    std::error_code error;
    const std::filesystem::path folder = std::filesystem::temp_directory_path(error);
    if (error) return Error(Code::kUnreadable, "there is no folder for temporary files: " + error.message());
    std::string path = (folder / "tflower-probe-XXXXXX").string();
    const int fd = mkstemp(path.data());
    if (fd < 0) return Error(Code::kUnreadable, "cannot be made").File(path);
    close(fd);
    return TemporaryFile(std::move(path));
  }
  TemporaryFile(TemporaryFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile() {
    if (!path_.empty()) unlink(path_.c_str());
  }
  const std::string& path() const { return path_; }

 private:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

Result<std::unique_ptr<runtime::Session>> Run(const std::shared_ptr<const runtime::Model>& model, const std::string& signature) {
  runtime::SessionOptions options;
  options.signature = signature;
  options.max_bytes = kMaxBytes;
  options.max_time = kMaxTime;
  TFLOWER_TRY(std::unique_ptr<runtime::Session> session, runtime::Session::Create(model, options));
  TFLOWER_CHECK(FillRandom(*session));
  TFLOWER_CHECK(session->Invoke());
  return session;
}

}  // namespace

Result<Difference> RunPair(const ir::Model& pair, const Registry& registry) {
  TFLOWER_TRY(const TemporaryFile file, TemporaryFile::Create());
  TFLOWER_TRY(const exporter::WriteStats written, exporter::Write(pair, {}, file.path()));
  static_cast<void>(written);
  TFLOWER_TRY(const auto model, runtime::Model::FromFile(file.path(), std::make_shared<runtime::RegistryKernels>(registry)));
  TFLOWER_TRY(const auto a, Run(model, pair.subgraphs[0]->signature_key));
  TFLOWER_TRY(const auto b, Run(model, pair.subgraphs[1]->signature_key));
  Difference worst;
  for (size_t i = 0; i < a->num_outputs(); ++i) {
    const runtime::TensorInfo of_a = a->OutputInfo(i), of_b = b->OutputInfo(i);
    Difference d = Compare({of_a.dtype, of_a.shape, a->OutputData(i)}, {of_b.dtype, of_b.shape, b->OutputData(i)});
    if (i == 0 || d.relative > worst.relative) worst = std::move(d);
  }
  return worst;
}

}  // namespace tflower::probe
