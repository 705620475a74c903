// TensorTable: fills in a plan's tensors while it is made: types, quantisation, places, and how long contents hold.
#pragma once

#include <cstdint>
#include <set>
#include <vector>

#include "plan.h"

namespace tflower::runtime {

// How long a tensor's contents hold.
enum class Constness : uint8_t { kNo, kPlan, kModel };

class TensorTable {
 public:
  // plan: its tables get an entry per tensor of the subgraph. shared: keeps what sparse constants are expanded to.
  TensorTable(const SubgraphView& subgraph, Plan& plan, SharedConstants& shared, uint64_t max_bytes);

  // Enters constants and variables. Errors: kMalformed for damaged strings and sparse constants, kUnsupportedType for variables of strings.
  Status AddSources();

  // Known type, bytes to be placed by StoragePlanner. kLimit above max_bytes.
  Status SetStatic(size_t tensor, const TensorType& type);
  void SetConstant(size_t tensor, const TensorType& type, const void* data, uint64_t bytes, Constness constness);
  // A block of its own; dims are 0 where they are not known yet.
  void SetHeap(size_t tensor, const TensorType& type);
  // The same for an output of which nothing is known but what the model declares.
  void SetUnknown(size_t tensor);

  const TensorType& type(size_t tensor) const { return plan_.types[tensor]; }
  Constness constness(size_t tensor) const { return constness_[tensor]; }

 private:
  void SetType(size_t tensor, const TensorType& type, uint32_t flags);
  Status AddSource(size_t tensor);
  Status CheckContents(const TensorView& view);
  Status AddSparse(size_t tensor, const TensorType& type);

  const SubgraphView& subgraph_;
  Plan& plan_;
  SharedConstants& shared_;
  uint64_t max_bytes_;
  std::vector<Constness> constness_;
  std::set<const std::byte*> checked_strings_;
};

}  // namespace tflower::runtime
