#include "semver.h"

#include <algorithm>

namespace tflower {
namespace {

bool IsNumber(std::string_view part) {
  return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool IsCanonicalNumber(std::string_view part) { return IsNumber(part) && (part.size() == 1 || part[0] != '0'); }

bool IsIdentifier(std::string_view part) {
  return !part.empty() && std::all_of(part.begin(), part.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
  });
}

// Cuts the text before the first `mark` off and returns it; all of it when there is no mark.
std::string_view Cut(std::string_view& text, char mark) {
  const size_t end = std::min(text.find(mark), text.size());
  const std::string_view head = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return head;
}

struct Parts {
  std::string_view core, prerelease, build;
  bool has_prerelease = false, has_build = false;
};

Parts SplitVersion(std::string_view text) {
  Parts parts;
  parts.has_build = text.find('+') != text.npos;
  std::string_view rest = text;
  std::string_view version = Cut(rest, '+');
  parts.build = rest;
  parts.has_prerelease = version.find('-') != version.npos;
  parts.core = Cut(version, '-');
  parts.prerelease = version;
  return parts;
}

bool AllIdentifiers(std::string_view list, bool numbers_canonical) {
  for (bool more = true; more;) {
    more = list.find('.') != list.npos;
    const std::string_view part = Cut(list, '.');
    if (!IsIdentifier(part) || (numbers_canonical && IsNumber(part) && !IsCanonicalNumber(part))) return false;
  }
  return true;
}

int Sign(bool less, bool greater) { return less ? -1 : greater ? 1 : 0; }

// Numbers without leading zeros: the longer is the larger.
int CompareNumbers(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return Sign(a.size() < b.size(), true);
  return Sign(a < b, a > b);
}

int CompareIdentifiers(std::string_view a, std::string_view b) {
  const bool a_number = IsNumber(a), b_number = IsNumber(b);
  if (a_number && b_number) return CompareNumbers(a, b);
  if (a_number != b_number) return a_number ? -1 : 1;  // numbers are lower than words
  return Sign(a < b, a > b);
}

int CompareLists(std::string_view a, std::string_view b) {
  while (!a.empty() && !b.empty()) {
    if (const int order = CompareIdentifiers(Cut(a, '.'), Cut(b, '.')); order != 0) return order;
  }
  return Sign(a.empty() && !b.empty(), !a.empty());
}

}  // namespace

bool IsSemver(std::string_view text) {
  const Parts parts = SplitVersion(text);
  std::string_view core = parts.core;
  if (std::count(core.begin(), core.end(), '.') != 2) return false;
  for (int i = 0; i < 3; ++i) {
    const std::string_view number = Cut(core, '.');
    if (!IsCanonicalNumber(number) || number.size() > 9) return false;
  }
  return (!parts.has_prerelease || AllIdentifiers(parts.prerelease, true)) && (!parts.has_build || AllIdentifiers(parts.build, false));
}

int CompareSemver(std::string_view a, std::string_view b) {
  const Parts left = SplitVersion(a), right = SplitVersion(b);
  if (const int order = CompareLists(left.core, right.core); order != 0) return order;
  if (left.has_prerelease != right.has_prerelease) return left.has_prerelease ? -1 : 1;
  return CompareLists(left.prerelease, right.prerelease);
}

}  // namespace tflower
