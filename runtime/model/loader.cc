// LoadedModel: map or borrow the bytes, then verify and decode them.
#include "loader.h"

#include <cstring>

#include "checksum.h"

namespace tflower::runtime {
namespace {

constexpr uintptr_t kFileAlignment = 16;  // offsets in the file are aligned relative to its start

}  // namespace

Status LoadedModel::Decode(std::span<const std::byte> bytes) {
  file_bytes_ = bytes.size();
  TFLOWER_TRY(view_, ModelView::Decode(bytes));
  return Ok();
}

Result<std::unique_ptr<const LoadedModel>> LoadedModel::FromFile(const std::string& path, bool verify_checksum) {
  std::unique_ptr<LoadedModel> model(new LoadedModel());
  TFLOWER_TRY(model->file_, MappedFile::Open(path));
  auto status = model->Decode(model->file_.bytes());
  if (status.ok() && verify_checksum) status = VerifyChecksum(model->file_.bytes());
  if (!status.ok()) return std::move(status.error()).File(path);
  return std::unique_ptr<const LoadedModel>(std::move(model));
}

Result<std::unique_ptr<const LoadedModel>> LoadedModel::FromBytes(std::span<const std::byte> bytes) {
  std::unique_ptr<LoadedModel> model(new LoadedModel());
  if (!bytes.empty() && reinterpret_cast<uintptr_t>(bytes.data()) % kFileAlignment != 0) {
    if (!model->copy_.Reserve(bytes.size())) return Error(Code::kLimit, "no memory for an aligned copy of the model");
    std::memcpy(model->copy_.data(), bytes.data(), bytes.size());
    bytes = {model->copy_.data(), bytes.size()};
  }
  TFLOWER_CHECK(model->Decode(bytes));
  return std::unique_ptr<const LoadedModel>(std::move(model));
}

}  // namespace tflower::runtime
