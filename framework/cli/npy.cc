// The .npy format.
#include "cli/npy.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <fmt/format.h>

namespace tflower::cli {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

Error Bad(std::string why) { return Error(Code::kMalformed, "not a .npy array: " + why); }

struct Descr {
  DType dtype;
  const char* text;
};
constexpr Descr kDescrs[] = {
    {DType::kFloat32, "<f4"}, {DType::kFloat64, "<f8"}, {DType::kFloat16, "<f2"}, {DType::kInt8, "|i1"}, {DType::kInt16, "<i2"}, {DType::kInt32, "<i4"},
    {DType::kInt64, "<i8"}, {DType::kUInt8, "|u1"}, {DType::kUInt16, "<u2"}, {DType::kUInt32, "<u4"}, {DType::kUInt64, "<u8"}, {DType::kBool, "|b1"},
    {DType::kComplex64, "<c8"}, {DType::kComplex128, "<c16"},
    {DType::kBFloat16, "|V2"},  // numpy has no such type; arrays of the package ml_dtypes are written as two bytes of anything
};

struct Header {
  std::string descr;
  bool fortran = false;
  std::vector<int64_t> dims;
};

// The text after 'key': in the header's dictionary.
Result<std::string_view> ValueOf(std::string_view header, std::string_view key) {
  size_t at = header.find(fmt::format("'{}'", key));
  if (at == std::string_view::npos) return Bad(fmt::format("the header has no '{}'", key));
  at = header.find(':', at + key.size() + 2);
  if (at == std::string_view::npos) return Bad("the header is broken");
  at = header.find_first_not_of(' ', at + 1);
  if (at == std::string_view::npos) return Bad("the header is broken");
  return header.substr(at);
}

Result<Header> ParseHeader(std::string_view text) {
  Header h;
  TFLOWER_TRY(const std::string_view descr, ValueOf(text, "descr"));
  const size_t end = descr.size() > 1 ? descr.find(descr[0], 1) : std::string_view::npos;
  if ((descr[0] != '\'' && descr[0] != '"') || end == std::string_view::npos) return Error(Code::kUnsupportedType, "structured arrays are not supported");
  h.descr = descr.substr(1, end - 1);
  TFLOWER_TRY(const std::string_view order, ValueOf(text, "fortran_order"));
  h.fortran = order.starts_with("True");
  TFLOWER_TRY(std::string_view shape, ValueOf(text, "shape"));
  if (!shape.starts_with('(')) return Bad("the shape is no tuple");
  shape = shape.substr(1, shape.find(')') - 1);
  while (true) {
    shape.remove_prefix(std::min(shape.find_first_not_of(" ,"), shape.size()));
    if (shape.empty()) return h;
    int64_t d = 0;
    const auto [next, error] = std::from_chars(shape.data(), shape.data() + shape.size(), d);
    if (error != std::errc() || d < 0 || h.dims.size() >= 64) return Bad("the shape is broken");
    h.dims.push_back(d);
    shape.remove_prefix(static_cast<size_t>(next - shape.data()));
  }
}

Result<uint64_t> Count(const std::vector<int64_t>& dims) {
  uint64_t n = 1;
  for (int64_t d : dims)
    if (__builtin_mul_overflow(n, static_cast<uint64_t>(d), &n)) return Bad("the shape overflows");
  return n;
}

void AppendUtf8(std::string& out, uint32_t c) {
  if (c < 0x80) out += static_cast<char>(c);
  else if (c < 0x800) out += {static_cast<char>(0xc0 | c >> 6), static_cast<char>(0x80 | (c & 63))};
  else if (c < 0x10000) out += {static_cast<char>(0xe0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63))};
  else out += {static_cast<char>(0xf0 | (c >> 18 & 7)), static_cast<char>(0x80 | (c >> 12 & 63)), static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63))};
}

// One of numpy's fixed-width S (bytes) and U (UCS-4) elements, zero padded, as UTF-8.
std::string TextOf(std::span<const std::byte> value, bool unicode) {
  std::string s;
  if (unicode) {
    for (size_t k = 0; k + 4 <= value.size(); k += 4) {
      uint32_t c;
      std::memcpy(&c, value.data() + k, 4);
      if (c != 0) AppendUtf8(s, c);
    }
  } else {
    s.assign(reinterpret_cast<const char*>(value.data()), value.size());
    s.resize(s.find_last_not_of('\0') + 1);
  }
  return s;
}

// TFLite's packed strings: count, the begin of each and the end of all as 32-bit offsets, contents.
Result<std::vector<std::byte>> PackStrings(std::span<const std::byte> values, uint64_t count, size_t width, bool unicode) {
  std::vector<uint32_t> head{static_cast<uint32_t>(count)};
  uint64_t at = 4 * (count + 2);
  std::string data;
  for (uint64_t i = 0; i < count && at <= INT32_MAX; ++i) {
    const std::string s = TextOf(values.subspan(i * width, width), unicode);
    head.push_back(static_cast<uint32_t>(at));
    at += s.size();
    data += s;
  }
  if (at > INT32_MAX) return Error(Code::kLimit, "the strings need more than the 2 GB that a tensor of strings can hold");
  head.push_back(static_cast<uint32_t>(at));
  std::vector<std::byte> out(head.size() * 4 + data.size());
  std::memcpy(out.data(), head.data(), head.size() * 4);
  if (!data.empty()) std::memcpy(out.data() + head.size() * 4, data.data(), data.size());
  return out;
}

// Column-major values to row-major.
std::vector<std::byte> FromFortran(std::span<const std::byte> values, const std::vector<int64_t>& dims, size_t size) {
  std::vector<std::byte> out(values.size());
  std::vector<int64_t> index(dims.size(), 0);
  for (size_t i = 0; i < values.size() / size; ++i) {
    size_t at = 0;
    for (size_t d = dims.size(); d-- > 0;) at = at * static_cast<size_t>(dims[d]) + static_cast<size_t>(index[d]);
    std::memcpy(out.data() + i * size, values.data() + at * size, size);
    for (size_t d = dims.size(); d-- > 0;) {
      if (++index[d] < dims[d]) break;
      index[d] = 0;
    }
  }
  return out;
}

struct Element {
  DType dtype;
  size_t size;
  bool unicode = false;
};

// "<f4", "|S7", "<U12". The byte order of single bytes may be any.
Result<Element> ParseDescr(std::string_view descr) {
  const auto fits = [&](const Descr& d) { return descr == d.text || (d.text[0] == '|' && !descr.empty() && descr.substr(1) == d.text + 1); };
  const auto* known = std::find_if(std::begin(kDescrs), std::end(kDescrs), fits);
  if (known != std::end(kDescrs)) return Element{known->dtype, static_cast<size_t>(BitsOf(known->dtype)) / 8};
  if (descr.size() < 3 || (descr[1] != 'S' && descr[1] != 'U') || descr[0] == '>')
    return Error(Code::kUnsupportedType, fmt::format("arrays of type '{}' are not supported", descr));
  constexpr uint32_t kMaxChars = 1 << 28;
  uint32_t chars = 0;
  const auto [end, error] = std::from_chars(descr.data() + 2, descr.data() + descr.size(), chars);
  if (error != std::errc() || end != descr.data() + descr.size() || chars > kMaxChars) return Bad("the width of its strings is broken");
  if (chars == 0) return Bad("its strings have no width");  // numpy writes at least 1; any number of them would fit into no bytes
  const bool unicode = descr[1] == 'U';
  return Element{DType::kString, unicode ? size_t{chars} * 4 : chars, unicode};
}

}  // namespace

Result<Array> ParseNpy(std::span<const std::byte> file) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  if (file.size() < 12 || !text.starts_with(kMagic)) return Bad("the magic is missing");
  const int major = static_cast<uint8_t>(text[6]);
  const size_t start = major == 1 ? 10 : 12;
  uint32_t length = 0;
  std::memcpy(&length, file.data() + 8, major == 1 ? 2 : 4);
  if (major < 1 || major > 3 || length > file.size() - start) return Bad("the header is truncated");
  TFLOWER_TRY(const Header h, ParseHeader(text.substr(start, length)));
  TFLOWER_TRY(const Element element, ParseDescr(h.descr));
  std::span<const std::byte> values = file.subspan(start + length);
  TFLOWER_TRY(const uint64_t count, Count(h.dims));
  if (count != values.size() / element.size || values.size() % element.size != 0)
    return Bad(fmt::format("has {} bytes of values, its shape needs {} of {}", values.size(), count, element.size));
  std::vector<std::byte> row_major;
  if (h.fortran && h.dims.size() > 1) values = row_major = FromFortran(values, h.dims, element.size);
  Array array{element.dtype, h.dims, {}};
  if (element.dtype == DType::kString) {
    TFLOWER_TRY(array.bytes, PackStrings(values, count, element.size, element.unicode));
  } else {
    array.bytes.assign(values.begin(), values.end());
  }
  return array;
}

Result<std::vector<std::byte>> FormatNpy(const Array& array) {
  std::string descr;
  std::vector<std::byte> strings;
  std::span<const std::byte> values = array.bytes;
  if (array.dtype == DType::kString) {
    int32_t count = 0;
    if (array.bytes.size() >= 4) std::memcpy(&count, array.bytes.data(), 4);
    std::vector<int32_t> offsets(static_cast<size_t>(count) + 1, 0);
    if (count > 0) std::memcpy(offsets.data(), array.bytes.data() + 4, offsets.size() * 4);
    int32_t width = 1;
    for (int32_t i = 0; i < count; ++i) width = std::max(width, offsets[static_cast<size_t>(i) + 1] - offsets[static_cast<size_t>(i)]);
    // numpy pads all to the longest: one long string among many short ones may need any amount of memory.
    if (int64_t{width} * count > INT32_MAX) return Error(Code::kLimit, fmt::format("{} strings of up to {} bytes need more than 2 GB as a numpy array", count, width));
    strings.resize(static_cast<size_t>(width) * static_cast<size_t>(count));
    for (size_t i = 0; i < static_cast<size_t>(count); ++i)
      std::memcpy(strings.data() + i * static_cast<size_t>(width), array.bytes.data() + offsets[i], static_cast<size_t>(offsets[i + 1] - offsets[i]));
    descr = fmt::format("|S{}", width);
    values = strings;
  } else {
    const auto* known = std::find_if(std::begin(kDescrs), std::end(kDescrs), [&](const Descr& d) { return d.dtype == array.dtype; });
    if (known == std::end(kDescrs)) return Error(Code::kUnsupportedType, fmt::format("numpy has no type for {}", NameOf(array.dtype)));
    descr = known->text;
  }
  std::string shape;
  for (int64_t d : array.dims) shape += fmt::format("{},", d);
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}", descr, shape);
  header.append(63 - (10 + header.size()) % 64, ' ');  // values start at a multiple of 64
  header += '\n';
  std::vector<std::byte> out(10 + header.size() + values.size());
  std::memcpy(out.data(), kMagic.data(), kMagic.size());
  out[6] = std::byte{1};
  out[7] = std::byte{0};
  const uint16_t length = static_cast<uint16_t>(header.size());
  std::memcpy(out.data() + 8, &length, 2);
  std::memcpy(out.data() + 10, header.data(), header.size());
  if (!values.empty()) std::memcpy(out.data() + 10 + header.size(), values.data(), values.size());
  return out;
}

}  // namespace tflower::cli
