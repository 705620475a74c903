// LoadedModel: the bytes of a .tflite file and the view of them, kept together.
#pragma once

#include <memory>
#include <span>
#include <string>

#include "../exec/buffer.h"
#include "mapped_file.h"
#include "tflower/status.h"
#include "view.h"

namespace tflower::runtime {

// Immutable; shared by all sessions. Thread: any.
class LoadedModel {
 public:
  // Maps the file. Errors: kUnreadable, kUnknownFormat, kMalformed, all with the file's name.
  static Result<std::unique_ptr<const LoadedModel>> FromFile(const std::string& path, bool verify_checksum = false);
  // Borrows the bytes, which must outlive the model; copies them when they are not 16-byte aligned.
  static Result<std::unique_ptr<const LoadedModel>> FromBytes(std::span<const std::byte> bytes);

  const ModelView& view() const { return *view_; }
  const MappedFile& file() const { return file_; }  // empty when the bytes are borrowed
  uint64_t file_bytes() const { return file_bytes_; }

 private:
  LoadedModel() = default;
  Status Decode(std::span<const std::byte> bytes);

  MappedFile file_;
  AlignedBuffer copy_;
  uint64_t file_bytes_ = 0;
  std::unique_ptr<const ModelView> view_;
};

}  // namespace tflower::runtime
