// Parsing of NAME=1,224,224,3.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tflower/status.h"

namespace tflower::cli {

// "x=?,224,224,3" -> {"x", {-1, 224, 224, 3}}; "x=" is a scalar. kUsage otherwise.
Result<std::pair<std::string, std::vector<int64_t>>> ParseShape(const std::string& text);

// "a,b" -> {"a", "b"}; empty parts are dropped.
std::vector<std::string> SplitList(const std::string& text);

}  // namespace tflower::cli
