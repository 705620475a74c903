// Frame: values of one activation.
#include "lower/frame.h"

#include <algorithm>

namespace tflower::lower {

Frame::Frame(const tf::Scope& scope, std::string_view function, std::vector<ir::Value*> args, int depth)
    : scope_(scope), function_(function), depth_(depth), args_(std::move(args)), states_(scope.nodes().size(), State::kNew),
      outputs_read_(scope.nodes().size(), 1), values_(scope.nodes().size()) {
  for (const tf::Node& node : scope.nodes())
    for (const tf::Input& in : node.inputs)
      if (in.node >= 0) {
        uint32_t& n = outputs_read_[static_cast<size_t>(in.node)];
        n = std::max(n, static_cast<uint32_t>(std::max(in.output, 0)) + 1);
      }
}

ir::Value* Frame::Get(const tf::Input& in) const {
  if (in.arg >= 0) return static_cast<size_t>(in.arg) < args_.size() ? args_[static_cast<size_t>(in.arg)] : nullptr;
  return Get(in.node, in.output);
}

ir::Value* Frame::Get(int32_t node, int32_t output) const {
  const std::vector<ir::Value*>& outputs = values_[static_cast<size_t>(node)];
  return output >= 0 && static_cast<size_t>(output) < outputs.size() ? outputs[static_cast<size_t>(output)] : nullptr;
}

}  // namespace tflower::lower
