// PrintManifest: structs to manifest text, one row a line so that differences between versions read well.
#include <nlohmann/json.hpp>

#include "manifest.h"
#include "names.h"

namespace tflower {
namespace {

using Json = nlohmann::ordered_json;

Json Emits(const std::string& names) {
  Json out = Json::array();
  for (size_t begin = 0; begin < names.size();) {
    const size_t end = std::min(names.find(' ', begin), names.size());
    if (end > begin) out.push_back(names.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

Json Print(const Platform& p) {
  return {{"os", p.os}, {"arch", p.arch}, {"library", p.library}, {"sha256", p.sha256}, {"size", p.size}};
}

Json Print(const LoweringDecl& row) {
  Json out = {{"op", row.op}};
  if (!row.emits.empty()) out["emits"] = Emits(row.emits);
  out["priority"] = row.priority;
  if (!row.refused.empty()) out["refused"] = row.refused;
  return out;
}

Json Print(const RuleDecl& row) {
  Json out = {{"id", row.id}, {"kind", RuleKindName(row.kind)}};
  if (row.composite()) out["implements"] = row.implements;
  out["benefit"] = row.benefit;
  if (!row.emits.empty()) out["emits"] = Emits(row.emits);
  return out;
}

// Trailing "any" sets are left out: an operand that is not listed is any.
Json Signature(const uint64_t* sets, size_t size) {
  while (size > 0 && sets[size - 1] == 0) --size;
  Json out = Json::array();
  for (size_t i = 0; i < size; ++i) {
    Json names = Json::array();
    for (int32_t dtype = 0; dtype < 64; ++dtype) {
      if ((sets[i] >> dtype & 1) != 0) names.push_back(DtypeName(dtype));
    }
    out.push_back(std::move(names));
  }
  return out;
}

Json Print(const KernelDecl& row) {
  Json out;
  if (row.code == kCustomOperator) out["custom_code"] = row.custom_code;
  else out["op"] = OperatorName(row.code);
  const bool one = row.min_version == row.max_version;
  out["versions"] = std::to_string(row.min_version) + (one ? "" : "-" + std::to_string(row.max_version));
  if (Json inputs = Signature(row.inputs.data(), row.inputs.size()); !inputs.empty()) out["inputs"] = std::move(inputs);
  if (Json outputs = Signature(row.outputs.data(), row.outputs.size()); !outputs.empty()) out["outputs"] = std::move(outputs);
  out["priority"] = row.priority;
  Json flags = Json::array();
  for (const char* name : {"view", "impure", "in_place", "reference"}) {
    if ((row.flags & KernelFlag(name)) != 0) flags.push_back(name);
  }
  if (!flags.empty()) out["flags"] = std::move(flags);
  return out;
}

std::string Dump(const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); }

template <class Row>
std::string Rows(const char* key, const std::vector<Row>& rows, const char* indent) {
  std::string out = std::string(indent) + "\"" + key + "\": [";
  for (size_t i = 0; i < rows.size(); ++i) out += (i == 0 ? "\n " : ",\n ") + std::string(indent) + Dump(Print(rows[i]));
  return out + "\n" + indent + "]";
}

std::string Member(const char* key, const std::string& value) {
  return value.empty() ? "" : " \"" + std::string(key) + "\": " + Dump(value) + ",\n";
}

}  // namespace

Result<std::string> PrintManifest(const Manifest& m) {
  std::string out = "{\n \"format\": \"1.0\",\n";
  out += Member("id", m.id) + Member("version", m.version) + Member("name", m.name) + Member("vendor", m.vendor) +
         Member("license", m.license) + Member("homepage", m.homepage);
  out += " \"abi\": " + Dump({{"major", m.abi_major}, {"min", m.abi_min}, {"built", m.abi_built}}) + ",\n";
  out += Rows("platforms", m.platforms, " ") + ",\n \"provides\": {\n";
  std::string provides;
  const auto add = [&](std::string rows) { provides += (provides.empty() ? "" : ",\n") + std::move(rows); };
  if (!m.provides.lowerings.empty()) add(Rows("lowerings", m.provides.lowerings, "  "));
  if (!m.provides.rules.empty()) add(Rows("rules", m.provides.rules, "  "));
  if (!m.provides.kernels.empty()) add(Rows("kernels", m.provides.kernels, "  "));
  out += provides + "\n }\n}\n";
  TFLOWER_CHECK(ParseManifest(out, m.id + kManifestSuffix));  // a table can hold names that a manifest cannot
  return out;
}

}  // namespace tflower
