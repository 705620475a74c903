// What HASHTABLE makes: keys and values, filled once, that live as long as the session.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tflower::kernels {

// Keys in order, each with the number of its entry. Sorted, not hashed: no keys, however hostile, make a lookup slow.
template <class Key>
class SortedKeys {
 public:
  // Of equal keys the first counts.
  explicit SortedKeys(std::vector<Key> keys = {}) {
    for (size_t i = 0; i < keys.size(); ++i) sorted_.emplace_back(std::move(keys[i]), static_cast<int64_t>(i));
    std::sort(sorted_.begin(), sorted_.end());
    const auto same_key = [](const auto& a, const auto& b) { return a.first == b.first; };
    sorted_.erase(std::unique(sorted_.begin(), sorted_.end(), same_key), sorted_.end());
  }
  int64_t size() const { return static_cast<int64_t>(sorted_.size()); }
  // The entry, or -1.
  template <class K>
  int64_t Find(const K& key) const {
    const auto at = std::lower_bound(sorted_.begin(), sorted_.end(), key, [](const auto& entry, const K& k) { return entry.first < k; });
    return at != sorted_.end() && at->first == key ? at->second : -1;
  }

 private:
  std::vector<std::pair<Key, int64_t>> sorted_;
};

struct Table {
  // Types as numbers of TensorType; -1 before HASHTABLE has run.
  int32_t key_type = -1, value_type = -1;
  bool filled = false;
  SortedKeys<int64_t> ints;          // int32 and int64 keys
  SortedKeys<std::string> strings;   // or these
  std::vector<std::byte> values;     // by entry, in their tensor's layout
  std::vector<std::string> texts;    // or these

  int64_t size() const { return ints.size() + strings.size(); }
};

}  // namespace tflower::kernels
