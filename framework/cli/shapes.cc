// Parsing of NAME=1,224,224,3.
#include "cli/shapes.h"

#include <charconv>

namespace tflower::cli {

std::vector<std::string> SplitList(const std::string& text) {
  std::vector<std::string> parts;
  size_t begin = 0;
  while (begin <= text.size()) {
    const size_t end = std::min(text.find(',', begin), text.size());
    if (end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

Result<std::pair<std::string, std::vector<int64_t>>> ParseShape(const std::string& text) {
  const size_t equals = text.rfind('=');
  const auto bad = [&](const std::string& why) { return Error(Code::kUsage, "'" + text + "': " + why).Hint("write NAME=1,224,224,3 with ? for a dynamic dimension"); };
  if (equals == std::string::npos || equals == 0) return bad("has no NAME=");
  std::vector<int64_t> dims;
  for (const std::string& part : SplitList(text.substr(equals + 1))) {
    if (part == "?" || part == "-1") {
      dims.push_back(-1);
      continue;
    }
    int64_t d = 0;
    const auto [end, error] = std::from_chars(part.data(), part.data() + part.size(), d);
    if (error != std::errc() || end != part.data() + part.size() || d < 0 || d > INT32_MAX) return bad("'" + part + "' is not a dimension");
    dims.push_back(d);
  }
  return std::pair{text.substr(0, equals), dims};
}

}  // namespace tflower::cli
