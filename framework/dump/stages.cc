#include "dump/stages.h"

#include <filesystem>

#include "dump/dump.h"
#include "export/metadata.h"
#include "export/output_file.h"
#include "runtime/model/loader.h"

namespace tflower::dump {
namespace {

Status WriteText(const std::string& path, const std::string& text) {
  TFLOWER_TRY(exporter::OutputFile file, exporter::OutputFile::Create(path));
  TFLOWER_CHECK(file.Write(std::as_bytes(std::span(text))));
  return file.Commit();
}

}  // namespace

std::string Stages::Path(const std::string& name) const { return (std::filesystem::path(folder_) / name).string(); }

Status Stages::Imported(const char* stage, const tf::Graph& graph) const {
  if (folder_.empty()) return Ok();
  std::error_code error;
  std::filesystem::create_directories(folder_, error);
  if (error) return Error(Code::kUnreadable, "cannot be made: " + error.message()).File(folder_);
  return WriteText(Path(std::string(stage) + ".txt"), Text(graph));
}

Status Stages::Target(const char* stage, const ir::Model& model, const tf::Graph& source) const {
  if (folder_.empty()) return Ok();
  const std::string path = Path(std::string(stage) + ".tflite");
  TFLOWER_CHECK(exporter::Write(model, exporter::MetadataFor(model, source, true), path));
  return Exported(stage, path);
}

Status Stages::Exported(const char* stage, const std::string& tflite) const {
  if (folder_.empty()) return Ok();
  TFLOWER_TRY(const auto model, runtime::LoadedModel::FromFile(tflite));
  return WriteText(Path(std::string(stage) + ".txt"), Text(model->view()));
}

}  // namespace tflower::dump
