#include "import/fingerprint.h"

#include <filesystem>

#include "import/canonical.h"
#include "import/message.h"
#include "import/proto/fingerprint.pb.h"
#include "tflower/farm_hash.h"

namespace tflower::tf {

Status CheckFingerprint(const FileBytes& saved_model, const std::string& fingerprint_path) {
  constexpr int kKnownProducer = 4;  // FarmHash of the deterministic serialization
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(fingerprint_path, ignored)) return Ok();
  TFLOWER_TRY(const FileBytes file, FileBytes::Map(fingerprint_path));
  TFLOWER_TRY(const auto fingerprint, ParseMessage<proto::FingerprintDef>(file, file.bytes(), "the fingerprint"));
  if (fingerprint.version().producer() != kKnownProducer) return Ok();
  std::string canonical(saved_model.bytes());
  if (SortMaps(canonical) && FarmHash64(canonical) == fingerprint.saved_model_checksum()) return Ok();
  return Error(Code::kMalformed, "the file is damaged, or was changed: it does not have the hash in fingerprint.pb")
      .File(saved_model.path())
      .Hint("export the model again; if it was changed on purpose, delete fingerprint.pb");
}

}  // namespace tflower::tf
