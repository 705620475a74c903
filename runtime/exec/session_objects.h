// SessionObjects: state of kernels (tables) that lives as long as a session, by kind and id. Thread: one at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "tflower/abi.h"

namespace tflower::runtime {

class SessionObjects {
 public:
  SessionObjects() = default;
  SessionObjects(const SessionObjects&) = delete;
  SessionObjects& operator=(const SessionObjects&) = delete;
  ~SessionObjects() { Clear(); }

  // The object, made when it is asked for the first time; null when `create` fails.
  void* Get(tflower_str kind, int64_t id, void* (*create)(), void (*destroy)(void*)) {
    Object& object = objects_[{std::string(kind.data, kind.size), id}];
    if (object.data == nullptr) object = {create(), destroy};
    return object.data;
  }
  void Clear() {
    for (auto& [key, object] : objects_)
      if (object.data != nullptr && object.destroy != nullptr) object.destroy(object.data);
    objects_.clear();
  }

 private:
  struct Object {
    void* data = nullptr;
    void (*destroy)(void*) = nullptr;
  };
  std::map<std::pair<std::string, int64_t>, Object> objects_;
};

}  // namespace tflower::runtime
