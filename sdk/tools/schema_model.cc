// Reads the compiled TFLite schema (flatbuffers reflection) and operators.csv, and checks one against the other.
#include "schema_model.h"

#include <flatbuffers/reflection.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>
#include <string_view>

namespace tflower::gen {
namespace {

struct Scalar {
  const char* cpp_type;
  const char* field_type;
};

const Scalar* FindScalar(reflection::BaseType type) {
  static const std::map<reflection::BaseType, Scalar> kScalars = {
      {reflection::Bool, {"bool", "kBool"}},       {reflection::Byte, {"int8_t", "kInt8"}},
      {reflection::UByte, {"uint8_t", "kUint8"}},  {reflection::Short, {"int16_t", "kInt16"}},
      {reflection::UShort, {"uint16_t", "kUint16"}}, {reflection::Int, {"int32_t", "kInt32"}},
      {reflection::UInt, {"uint32_t", "kUint32"}}, {reflection::Long, {"int64_t", "kInt64"}},
      {reflection::ULong, {"uint64_t", "kUint64"}}, {reflection::Float, {"float", "kFloat32"}},
      {reflection::Double, {"double", "kFloat64"}},
  };
  const auto it = kScalars.find(type);
  return it == kScalars.end() ? nullptr : &it->second;
}

std::string ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) Die("cannot open " + path);
  return {std::istreambuf_iterator<char>(in), {}};
}

// "tflite.Padding" -> "Padding"
std::string BaseName(const flatbuffers::String* full) {
  const std::string name = full->str();
  return name.substr(name.rfind('.') + 1);
}

EnumType ReadEnum(const reflection::Enum& from) {
  const Scalar* scalar = FindScalar(from.underlying_type()->base_type());
  EnumType out{BaseName(from.name()), scalar ? scalar->cpp_type : "uint8_t", {}};
  for (const auto* value : *from.values()) out.values.emplace_back(value->name()->str(), value->value());
  return out;
}

// Shortest decimal form that reads back as the same float.
std::string FloatLiteral(double value) {
  std::ostringstream out;
  out.precision(9);
  out << value;
  std::string text = out.str();
  if (text.find_first_of(".e") == std::string::npos) text += ".0";
  return text + "f";
}

std::string EnumDefault(const EnumType& type, int64_t value) {
  for (const auto& [name, v] : type.values)
    if (v == value) return type.name + "::" + name;
  Die(type.name + " has no value " + std::to_string(value) + " for a default");
}

class SchemaReader {
 public:
  explicit SchemaReader(const reflection::Schema& schema) : schema_(schema) {}

  EnumType Enum(int index) const { return ReadEnum(*schema_.enums()->Get(static_cast<unsigned>(index))); }

  EnumType EnumByName(const std::string& name) const {
    const auto* found = schema_.enums()->LookupByKey(("tflite." + name).c_str());
    if (!found) Die("the schema has no enum " + name);
    return ReadEnum(*found);
  }

  Table ReadTable(const std::string& name) {
    const auto* object = schema_.objects()->LookupByKey(("tflite." + name).c_str());
    if (!object || object->is_struct()) Die("the schema has no table " + name);
    std::vector<const reflection::Field*> fields(object->fields()->begin(), object->fields()->end());
    std::sort(fields.begin(), fields.end(), [](const auto* a, const auto* b) { return a->id() < b->id(); });
    Table table{name, {}};
    for (const reflection::Field* field : fields)
      if (!field->deprecated()) table.fields.push_back(ReadField(name, *field));
    return table;
  }

  const std::map<std::string, EnumType>& used_enums() const { return used_enums_; }

 private:
  Field ReadField(const std::string& table, const reflection::Field& from) {
    Field out;
    out.name = from.name()->str();
    out.slot = from.offset();
    out.default_int = from.default_integer();
    out.default_real = from.default_real();
    const reflection::BaseType base = from.type()->base_type();
    if (base == reflection::String) {
      out.type = "kString", out.cpp_type = "Str", out.cpp_default = "{}";
    } else if (base == reflection::Vector) {
      const Scalar* element = FindScalar(from.type()->element());
      if (!element) Die(table + "." + out.name + ": vectors hold scalars only");
      out.type = "kVector", out.element = element->field_type, out.cpp_default = "{}";
      // Bytes of a file may hold anything, which a bool may not.
      const std::string item = from.type()->element() == reflection::Bool ? "uint8_t" : element->cpp_type;
      out.cpp_type = "Span<" + (from.type()->index() < 0 ? item : UseEnum(out, from.type()->index()).name) + ">";
    } else if (const Scalar* scalar = FindScalar(base)) {
      out.type = scalar->field_type;
      SetScalar(out, *scalar, from);
    } else {
      Die(table + "." + out.name + ": unsupported field type");
    }
    return out;
  }

  void SetScalar(Field& out, const Scalar& scalar, const reflection::Field& from) {
    out.cpp_type = scalar.cpp_type;
    if (from.type()->index() >= 0) {
      const EnumType& type = UseEnum(out, from.type()->index());
      out.cpp_type = type.name;
      out.cpp_default = EnumDefault(type, out.default_int);
    } else if (out.type == "kBool") {
      out.cpp_default = out.default_int ? "true" : "false";
    } else if (out.type == "kFloat32" || out.type == "kFloat64") {
      out.cpp_default = FloatLiteral(out.default_real);
    } else {
      out.cpp_default = std::to_string(out.default_int);
    }
  }

  const EnumType& UseEnum(Field& field, int index) {
    EnumType type = Enum(index);
    field.enum_name = type.name;
    return used_enums_.emplace(type.name, std::move(type)).first->second;
  }

  const reflection::Schema& schema_;
  std::map<std::string, EnumType> used_enums_;
};

// The names by which people know operators, where capitals after each underscore would not give them.
std::string StructName(const std::string& op) {
  static const std::map<std::string, std::string> kNames = {
      {"ATAN2", "Atan2"},           {"BATCH_MATMUL", "BatchMatMul"},          {"BATCH_TO_SPACE_ND", "BatchToSpaceND"},
      {"CUSTOM", ""},               {"DELEGATE", ""},                         {"PADV2", "PadV2"},
      {"PLACEHOLDER_FOR_GREATER_OP_CODES", ""}, {"RFFT2D", "Rfft2D"},          {"SPACE_TO_BATCH_ND", "SpaceToBatchND"},
      {"TOPK_V2", "TopKV2"},
  };
  if (const auto it = kNames.find(op); it != kNames.end()) return it->second;
  std::string out;
  bool first = true;  // of a word; the "D" of "2D" begins one too
  for (const char c : op) {
    if (c != '_') out += first ? c : static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    first = c == '_' || (first && c >= '0' && c <= '9');
  }
  return out;
}

std::vector<std::string> Split(const std::string& text, char separator) {
  std::vector<std::string> out(1);
  for (const char c : text) {
    if (c == separator) out.emplace_back();
    else out.back() += c;
  }
  return out;
}

Operator ReadRow(const std::string& line) {
  const std::vector<std::string> cells = Split(line, ',');
  if (cells.size() != 5) Die("operators.csv: not five cells: " + line);
  Operator op;
  op.code = std::atoi(cells[0].c_str());
  op.name = cells[1];
  op.struct_name = StructName(op.name);
  op.table = cells[2];
  op.union_number = std::atoi(cells[3].c_str());
  if (op.table.empty() != (op.union_number == 0)) Die("operators.csv: table and union go together: " + line);
  if (cells[4].empty()) return op;
  for (const std::string& entry : Split(cells[4], ' ')) {
    const size_t colon = entry.find(':');
    if (colon == std::string::npos) Die("operators.csv: not version:release: " + line);
    op.min_runtime.emplace_back(std::atoi(entry.c_str()), entry.substr(colon + 1));
  }
  return op;
}

std::vector<Operator> ReadOperators(const std::string& path) {
  std::istringstream lines(ReadFile(path));
  std::string line;
  std::getline(lines, line);  // heading
  std::vector<Operator> out;
  while (std::getline(lines, line)) out.push_back(ReadRow(line));
  return out;
}

void CheckCodes(const std::vector<Operator>& operators, const EnumType& builtin) {
  if (operators.size() != builtin.values.size()) Die("operators.csv and BuiltinOperator differ in length");
  std::set<std::string> names;
  for (size_t i = 0; i < operators.size(); ++i) {
    const Operator& op = operators[i];
    if (op.code != static_cast<int>(i) || builtin.values[i] != std::pair<std::string, int64_t>(op.name, op.code))
      Die("operators.csv and BuiltinOperator differ at " + op.name);
    if (!op.struct_name.empty() && !names.insert(op.struct_name).second) Die("two operators named " + op.struct_name);
  }
}

int UnionMember(const EnumType& type, const std::string& table) {
  for (const auto& [name, value] : type.values)
    if (name == table) return static_cast<int>(value);
  Die(type.name + " has no member " + table);
}

}  // namespace

void Die(const std::string& message) {
  std::fprintf(stderr, "gen_tfl_ops: %s\n", message.c_str());
  std::exit(1);
}

Schema ReadSchema(const std::string& bfbs_path, const std::string& csv_path) {
  const std::string bytes = ReadFile(bfbs_path);
  flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (!reflection::VerifySchemaBuffer(verifier)) Die(bfbs_path + " is not a compiled schema");
  SchemaReader reader(*reflection::GetSchema(bytes.data()));

  Schema out;
  out.builtin = reader.EnumByName("BuiltinOperator");
  out.operators = ReadOperators(csv_path);
  CheckCodes(out.operators, out.builtin);
  const EnumType unions[] = {reader.EnumByName("BuiltinOptions"), reader.EnumByName("BuiltinOptions2")};
  std::map<std::string, Table> tables;
  for (Operator& op : out.operators) {
    if (op.table.empty()) continue;
    if (op.union_number < 1 || op.union_number > 2) Die(op.name + ": the union is 1 or 2");
    op.union_member = UnionMember(unions[op.union_number - 1], op.table);
    if (!tables.count(op.table)) tables.emplace(op.table, reader.ReadTable(op.table));
  }
  for (auto& [name, table] : tables) out.tables.push_back(std::move(table));
  for (const auto& [name, type] : reader.used_enums()) out.enums.push_back(type);
  return out;
}

}  // namespace tflower::gen
