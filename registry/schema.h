// ValidateManifest: the check of a manifest against its JSON Schema (registry/schema/manifest.schema.json, built in).
#pragma once

#include <string>
#include <string_view>

#include <tflower/status.h>

namespace tflower {

// The schema's text, as it is installed.
std::string_view ManifestSchema();

// kManifest: not JSON, too deep, too large, or against the schema; names file, JSON pointer and the rule. About 70 us a
// kilobyte: the registry does it for what users bring along and in `doctor`; manifests that are installed with the
// program were validated when they were written, and ParseManifest enforces the same rules. Thread: any.
Status ValidateManifest(std::string_view text, const std::string& file);

}  // namespace tflower
