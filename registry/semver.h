// Semantic versions (semver.org 2.0): "1.4.0", "2.0.0-rc.1+build5". Thread-safety: plain functions.
#pragma once

#include <string_view>

namespace tflower {

// True when text is MAJOR.MINOR.PATCH[-prerelease][+build] with numbers below 10^9 and without leading zeros.
bool IsSemver(std::string_view text);

// < 0, 0, > 0 as a is older than, equal to, newer than b. Build metadata does not count. Both must be IsSemver.
int CompareSemver(std::string_view a, std::string_view b);

}  // namespace tflower
