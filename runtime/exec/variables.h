// Variables: a session's state between invocations: variable tensors (LSTM states) and resource variables by name.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "../model/view.h"
#include "buffer.h"
#include "tensor.h"
#include "tflower/status.h"

namespace tflower::runtime {

// Belongs to one session. Thread: one at a time.
class Variables {
 public:
  // Memory of a variable tensor, zero (the zero point, where quantised) at first. Address valid as long as this lives.
  // Errors: kLimit without memory.
  Result<void*> TensorMemory(uint32_t subgraph, uint32_t tensor, const TensorView& view);

  struct Resource {
    std::string name;
    OwnedTensor value;
    bool assigned = false;
  };

  // Id of the resource variable of that container and name, made when new.
  int32_t ResourceId(std::string_view container, std::string_view name);
  // Null for an id that was never given out.
  Resource* FindResource(int32_t id);

  // True the first time after construction or Reset: whether an initialiser has to run.
  bool FirstCall(uint32_t subgraph) { return called_.insert(subgraph).second; }
  void ForgetCall(uint32_t subgraph) { called_.erase(subgraph); }

  // Variable tensors become zero, resource variables unassigned, initialisers run again.
  void Reset();

 private:
  struct Tensor {
    OwnedTensor value;
    int fill = 0;
  };
  std::map<std::pair<uint32_t, uint32_t>, Tensor> tensors_;
  std::map<std::pair<std::string, std::string>, int32_t, std::less<>> ids_;
  std::deque<Resource> resources_;
  std::set<uint32_t> called_;
};

}  // namespace tflower::runtime
