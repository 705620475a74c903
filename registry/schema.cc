#include "schema.h"

#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validator.hpp>

#include "json_reader.h"
#include "manifest.h"

namespace tflower {
namespace {

constexpr std::string_view kSchemaText =
#include "manifest_schema.inc"
    ;

// Limits that a document tree needs before it is built: size, depth, UTF-8, syntax.
Status CheckText(std::string_view text, const std::string& file) {
  if (text.size() > kMaxManifestBytes) {
    return Error(Code::kManifest, "the manifest is larger than " + std::to_string(kMaxManifestBytes) + " bytes").File(file);
  }
  JsonReader json(text);
  json.Skip();
  json.Finish();
  if (json.ok()) return Ok();
  return Error(Code::kManifest, "broken manifest: " + json.message())
      .File(file)
      .At(json.offset())
      .What(json.pointer().empty() ? "document" : json.pointer());
}

// The parts of valijson's context, "<root>", "[platforms]", "[0]", as a JSON pointer.
std::string Pointer(const std::vector<std::string>& context) {
  std::string out;
  for (size_t i = 1; i < context.size(); ++i) {
    std::string_view step = context[i];
    if (step.size() >= 2 && step.front() == '[' && step.back() == ']') step = step.substr(1, step.size() - 2);
    out += "/" + std::string(step);
  }
  return out.empty() ? "document" : out;
}

Status Validate(std::string_view text, const std::string& file) {
  const nlohmann::json schema_json = nlohmann::json::parse(kSchemaText);
  valijson::Schema schema;
  valijson::SchemaParser().populateSchema(valijson::adapters::NlohmannJsonAdapter(schema_json), schema);
  const nlohmann::json document = nlohmann::json::parse(text);
  valijson::ValidationResults results;
  if (valijson::Validator().validate(schema, valijson::adapters::NlohmannJsonAdapter(document), &results)) return Ok();
  // Innermost errors come first; the outer ones only repeat that something below them failed.
  valijson::ValidationResults::Error error;
  if (!results.popError(error)) error.description = "does not fit the schema";
  return Error(Code::kManifest, "the manifest breaks its schema: " + error.description).File(file).What(Pointer(error.context));
}

}  // namespace

std::string_view ManifestSchema() { return kSchemaText; }

Status ValidateManifest(std::string_view text, const std::string& file) {
  TFLOWER_CHECK(CheckText(text, file));
  try {  // nlohmann and valijson report trouble by exceptions
    return Validate(text, file);
  } catch (const std::exception& e) {
    return Error(Code::kManifest, std::string("the manifest cannot be validated: ") + e.what()).File(file);
  }
}

}  // namespace tflower
