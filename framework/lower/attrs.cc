// NodeAttrs: decoding, defaults, and the account of every attribute.
#include "lower/attrs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace tflower::lower {
namespace {

tflower_str Str(std::string_view s) { return {s.data(), s.size()}; }
std::string_view View(tflower_str s) { return {s.data, s.size}; }

int64_t TypeNumber(tf::DataType t) {
  const int tfl = tf::ToTflType(t);
  return tfl >= 0 ? tfl : -1 - static_cast<int64_t>(t);
}

std::string ValueText(const tflower_attr& a) {
  const uint32_t kind = a.kind & 15u;
  std::string out;
  for (uint32_t i = 0; i < a.count && i < 16; ++i) {
    if (i != 0) out += ", ";
    if (a.strs != nullptr) out += "\"" + std::string(View(a.strs[i])) + "\"";
    else if (a.floats != nullptr) out += fmt::format("{}", a.floats[i]);
    else if (kind == TFLOWER_ATTR_BOOL && a.ints != nullptr) out += a.ints[i] != 0 ? "true" : "false";
    else if (a.ints != nullptr) out += fmt::format("{}", a.ints[i]);
  }
  return (a.kind & TFLOWER_ATTR_LIST) != 0 || kind == TFLOWER_ATTR_SHAPE ? "[" + out + "]" : out;
}

Status CheckRule(const tflower_attr_def& def, const tflower_attr& a) {
  if (def.num_one_of != 0) {
    std::vector<std::string_view> allowed(def.one_of, def.one_of + def.num_one_of);
    for (std::string_view s : allowed) if (View(a.strs[0]) == s) return Ok();
    return Error(Code::kUnsupportedAttribute, fmt::format("{} is not supported, only {}", ValueText(a), fmt::join(allowed, ", "))).What(def.name);
  }
  if (def.check == nullptr || def.check(&a) != 0) return Ok();
  return Error(Code::kUnsupportedAttribute, fmt::format("{}: {}", ValueText(a), def.rule != nullptr ? def.rule : "is not supported")).What(def.name);
}

}  // namespace

Status NodeAttrs::Decode(const tflower_attr_def& def, const tf::Attr& attr, tflower_attr& out) {
  out.raw = {attr.value.data(), attr.value.size()};
  out.count = 1;
  switch (def.kind) {
    case TFLOWER_ATTR_INT: {
      TFLOWER_TRY(const int64_t v, tf::AttrInt(attr));
      out.ints = Keep({v});
      break;
    }
    case TFLOWER_ATTR_BOOL: {
      TFLOWER_TRY(const bool v, tf::AttrBool(attr));
      out.ints = Keep({v});
      break;
    }
    case TFLOWER_ATTR_FLOAT: {
      TFLOWER_TRY(const float v, tf::AttrFloat(attr));
      out.floats = floats_.emplace_back(std::vector<float>{v}).data();
      break;
    }
    case TFLOWER_ATTR_STRING: {
      TFLOWER_TRY(const std::string_view v, tf::AttrString(attr));
      out.strs = strs_.emplace_back(std::vector<tflower_str>{Str(v)}).data();
      break;
    }
    case TFLOWER_ATTR_TYPE: {
      TFLOWER_TRY(const tf::DataType v, tf::AttrType(attr));
      out.ints = Keep({TypeNumber(v)});
      break;
    }
    case TFLOWER_ATTR_SHAPE: {
      TFLOWER_TRY(const tf::PartialShape v, tf::AttrShape(attr));
      out.count = v ? static_cast<uint32_t>(v->size()) : UINT32_MAX;
      if (v) out.ints = Keep(*v);
      break;
    }
    case TFLOWER_ATTR_FUNC: {
      TFLOWER_TRY(const tf::FuncRef v, tf::AttrFunc(attr));
      out.strs = strs_.emplace_back(std::vector<tflower_str>{Str(v.name)}).data();
      break;
    }
    case TFLOWER_ATTR_LIST | TFLOWER_ATTR_INT: {
      TFLOWER_TRY(std::vector<int64_t> v, tf::AttrInts(attr));
      out.count = static_cast<uint32_t>(v.size());
      out.ints = Keep(std::move(v));
      break;
    }
    case TFLOWER_ATTR_LIST | TFLOWER_ATTR_FLOAT: {
      TFLOWER_TRY(std::vector<float> v, tf::AttrFloats(attr));
      out.count = static_cast<uint32_t>(v.size());
      out.floats = floats_.emplace_back(std::move(v)).data();
      break;
    }
    case TFLOWER_ATTR_LIST | TFLOWER_ATTR_STRING: {
      TFLOWER_TRY(const std::vector<std::string_view> v, tf::AttrStrings(attr));
      std::vector<tflower_str> strs;
      for (std::string_view s : v) strs.push_back(Str(s));
      out.count = static_cast<uint32_t>(strs.size());
      out.strs = strs_.emplace_back(std::move(strs)).data();
      break;
    }
    case TFLOWER_ATTR_LIST | TFLOWER_ATTR_TYPE: {
      TFLOWER_TRY(const std::vector<tf::DataType> v, tf::AttrTypes(attr));
      std::vector<int64_t> ints;
      for (tf::DataType t : v) ints.push_back(TypeNumber(t));
      out.count = static_cast<uint32_t>(ints.size());
      out.ints = Keep(std::move(ints));
      break;
    }
    default: break;  // ANY, TENSOR: raw only
  }
  return CheckRule(def, out);
}

void NodeAttrs::Default(const tflower_attr_def& def, tflower_attr& out) {
  out.count = 1;
  switch (def.kind) {
    case TFLOWER_ATTR_INT: case TFLOWER_ATTR_BOOL: case TFLOWER_ATTR_TYPE: out.ints = &def.int_default; break;
    case TFLOWER_ATTR_FLOAT: out.floats = floats_.emplace_back(std::vector<float>{static_cast<float>(def.float_default)}).data(); break;
    case TFLOWER_ATTR_STRING: out.strs = strs_.emplace_back(std::vector<tflower_str>{Str(def.string_default != nullptr ? def.string_default : "")}).data(); break;
    case TFLOWER_ATTR_LIST | TFLOWER_ATTR_INT:
    case TFLOWER_ATTR_SHAPE:
      out.ints = def.ints_default;
      out.count = def.ints_default_count;
      break;
    default: out.count = 0; break;
  }
}

Status NodeAttrs::Read(const tflower_lowering& row, std::span<const tf::Attr> attrs, bool allow_unknown) {
  return Read(Defs{row.attrs, row.num_attrs, row.attr_def_size}, attrs, allow_unknown, "");
}

Status NodeAttrs::Read(const tflower_rule& rule, std::span<const tf::Attr> attrs, bool allow_unknown, std::string_view except) {
  const bool has = TFLOWER_HAS(&rule, tflower_rule, attr_def_size);
  return Read(has ? Defs{rule.attrs, rule.num_attrs, rule.attr_def_size} : Defs{nullptr, 0, 0}, attrs, allow_unknown, except);
}

Status NodeAttrs::Read(const Defs& defs, std::span<const tf::Attr> attrs, bool allow_unknown, std::string_view except) {
  std::vector<const tf::Attr*> given(defs.count, nullptr);
  for (const tf::Attr& attr : attrs) {
    if (attr.name.starts_with('_') || attr.name == except) continue;
    uint32_t i = 0;
    while (i < defs.count && attr.name != defs[i].name) ++i;
    if (i < defs.count) given[i] = &attr;
    else if (!allow_unknown)
      return Error(Code::kUnsupportedAttribute, "the lowering does not know this attribute and will not ignore it").What(attr.name).Hint("a newer plugin may know it");
  }
  attrs_.assign(defs.count, tflower_attr{});
  for (uint32_t i = 0; i < defs.count; ++i) {
    const tflower_attr_def& def = defs[i];
    attrs_[i].struct_size = sizeof(tflower_attr);
    attrs_[i].kind = def.kind;
    if (given[i] != nullptr) TFLOWER_CHECK(Decode(def, *given[i], attrs_[i]));
    else if ((def.flags & TFLOWER_ATTR_REQUIRED) != 0) return Error(Code::kInvalidGraph, "the node lacks this attribute").What(def.name);
    else Default(def, attrs_[i]);
  }
  return Ok();
}

}  // namespace tflower::lower
