#include "lower/custom_op.h"

#include <map>

#include <fmt/format.h>
#include <tflower/flex_map.h>

namespace tflower::lower {
namespace {

// A list, by its elements' kind. True when it has a form.
Result<bool> EncodeList(const tf::Attr& attr, FlexMapWriter& out) {
  const std::string_view key = attr.name;
  if (const Result<std::vector<int64_t>> ints = tf::AttrInts(attr); ints.ok()) {
    if (!ints.value().empty()) out.Ints(key, ints.value());
    return !ints.value().empty();
  }
  if (const Result<std::vector<float>> floats = tf::AttrFloats(attr); floats.ok()) {
    out.Floats(key, floats.value());
    return true;
  }
  if (const Result<std::vector<std::string_view>> strings = tf::AttrStrings(attr); strings.ok()) {
    out.Strings(key, strings.value());
    return true;
  }
  return false;
}

Result<bool> Encode(const tf::Attr& attr, FlexMapWriter& out) {
  switch (tf::KindOf(attr)) {
    case tf::AttrKind::kInt: {
      TFLOWER_TRY(const int64_t v, tf::AttrInt(attr));
      out.Int(attr.name, v);
      return true;
    }
    case tf::AttrKind::kFloat: {
      TFLOWER_TRY(const float v, tf::AttrFloat(attr));
      out.Float(attr.name, v);
      return true;
    }
    case tf::AttrKind::kBool: {
      TFLOWER_TRY(const bool v, tf::AttrBool(attr));
      out.Bool(attr.name, v);
      return true;
    }
    case tf::AttrKind::kString: {
      TFLOWER_TRY(const std::string_view v, tf::AttrString(attr));
      out.String(attr.name, v);
      return true;
    }
    case tf::AttrKind::kType: {
      TFLOWER_TRY(const tf::DataType v, tf::AttrType(attr));
      if (tf::ToTflType(v) < 0) return false;
      out.Int(attr.name, tf::ToTflType(v));
      return true;
    }
    case tf::AttrKind::kList: return EncodeList(attr, out);
    default: return false;
  }
}

}  // namespace

Result<std::vector<std::byte>> EncodeAttributes(std::span<const tf::Attr> attrs, const tf::OpDef* defaults, std::string_view except, std::vector<std::string>& left_out) {
  std::map<std::string_view, const tf::Attr*> sorted;
  if (defaults != nullptr)
    for (const tf::OpDef::AttrDef& def : defaults->attrs)
      if (!def.default_value.value.empty()) sorted[def.name] = &def.default_value;
  for (const tf::Attr& attr : attrs) sorted[attr.name] = &attr;
  FlexMapWriter out;
  for (const auto& [name, attr] : sorted) {
    if (name.starts_with('_') || name == except) continue;
    if (name.find('\0') != std::string_view::npos) return Error(Code::kInvalidGraph, "the attribute's name holds a zero byte");
    TFLOWER_TRY(const bool encoded, Encode(*attr, out));
    if (!encoded && tf::KindOf(*attr) != tf::AttrKind::kNone) left_out.emplace_back(name);
  }
  const std::span<const std::byte> bytes = out.Finish();
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

std::vector<tflower_type> HintedTypes(std::span<const tf::OutputType> types) {
  std::vector<tflower_type> out;
  for (const tf::OutputType& t : types) {
    tflower_type type{};
    type.struct_size = sizeof type;
    type.dtype = tf::ToTflType(t.dtype);
    type.rank = t.shape && t.shape->size() <= TFLOWER_MAX_RANK ? static_cast<int32_t>(t.shape->size()) : -1;
    for (int32_t d = 0; d < type.rank; ++d) type.dims[d] = (*t.shape)[static_cast<size_t>(d)];
    out.push_back(type);
  }
  return out;
}

Result<std::vector<tflower_type>> DeclaredTypes(std::span<const tf::OutputType> types) {
  for (size_t i = 0; i < types.size(); ++i) {
    if (types[i].dtype == tf::DataType::kInvalid)
      return Error(Code::kUnsupportedType, "the model does not say what type this result of the custom operator has").What(fmt::format("output {}", i))
          .Hint("convert a SavedModel, which says it, or give the node the attribute _output_types");
    if (tf::ToTflType(types[i].dtype) < 0)
      return Error(Code::kUnsupportedType, fmt::format("type {} does not exist in TFLite", tf::DataTypeName(types[i].dtype))).What(fmt::format("output {}", i));
  }
  return HintedTypes(types);
}

}  // namespace tflower::lower
