// Attributes of a TF node as its row wants them: decoded, checked against the row's rules, complete with defaults.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "import/tf_graph.h"
#include "tflower/abi.h"
#include "tflower/status.h"

namespace tflower::lower {

// The attribute array of a tflower_node; owns what its entries point to.
class NodeAttrs {
 public:
  // attrs()[i] belongs to row.attrs[i]. Errors: kUnsupportedAttribute (an attribute that the row does not know, or a value that its rule
  // forbids, naming both), kInvalidGraph (missing, or of another kind).
  Status Read(const tflower_lowering& row, std::span<const tf::Attr> attrs, bool allow_unknown);
  // The same for attributes that come with an implements-name, `except`: known to the host; or, allow_unknown, for those of a function.
  Status Read(const tflower_rule& rule, std::span<const tf::Attr> attrs, bool allow_unknown, std::string_view except);
  const std::vector<tflower_attr>& attrs() const { return attrs_; }

 private:
  // A row's definitions: entries of `size` bytes.
  struct Defs {
    const tflower_attr_def* first;
    uint32_t count, size;
    const tflower_attr_def& operator[](uint32_t i) const { return *reinterpret_cast<const tflower_attr_def*>(reinterpret_cast<const char*>(first) + size_t{i} * size); }
  };
  Status Read(const Defs& defs, std::span<const tf::Attr> attrs, bool allow_unknown, std::string_view except);
  Status Decode(const tflower_attr_def& def, const tf::Attr& attr, tflower_attr& out);
  void Default(const tflower_attr_def& def, tflower_attr& out);
  const int64_t* Keep(std::vector<int64_t> ints) { return ints_.emplace_back(std::move(ints)).data(); }

  std::vector<tflower_attr> attrs_;
  std::deque<std::vector<int64_t>> ints_;
  std::deque<std::vector<float>> floats_;
  std::deque<std::vector<tflower_str>> strs_;
};

}  // namespace tflower::lower
