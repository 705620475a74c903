// CheckFingerprint: compares saved_model.pb with the hash that TensorFlow wrote beside it.
#pragma once

#include <string>

#include "import/file_bytes.h"
#include "tflower/status.h"

namespace tflower::tf {

// A graph has no checksums of its own: a flipped bit in a constant would convert to a wrong model. `fingerprint_path` may not
// exist (models older than TF 2.12, TF1), or be of another version than the one whose hash is known: then nothing is checked.
// kMalformed: the hash differs. Cost: about 1.5 ms per MB.
Status CheckFingerprint(const FileBytes& saved_model, const std::string& fingerprint_path);

}  // namespace tflower::tf
