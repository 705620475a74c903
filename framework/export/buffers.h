// BufferTable: the buffers of a .tflite file, identical contents once.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ir/constant.h"

namespace tflower::exporter {

class BufferTable {
 public:
  // Index of the buffer with these contents; 0 is the empty buffer that the format reserves.
  Result<uint32_t> Add(const ir::ConstantRef& constant);
  uint32_t AddBytes(std::string bytes);
  // Contents of buffer i + 1.
  const std::vector<ir::ConstantRef>& constants() const { return constants_; }

 private:
  Result<uint32_t> AddReady(const ir::ConstantRef& constant);
  Result<uint32_t> AddLazy(const ir::ConstantRef& constant);
  uint32_t Append(const ir::ConstantRef& constant) {
    constants_.push_back(constant);
    return static_cast<uint32_t>(constants_.size());
  }
  Result<uint64_t> IdOf(const ir::ConstantRef& constant);

  std::vector<ir::ConstantRef> constants_;
  std::map<const ir::Constant*, uint32_t> seen_;
  std::map<std::string, std::vector<uint32_t>> ready_;  // by size, first and last bytes
  std::map<uint64_t, uint32_t> lazy_by_id_;
  // Numbers for the operands of lazy constants, which are no buffers themselves: equal contents or equal operators, equal number.
  std::map<std::string, std::vector<std::pair<ir::ConstantRef, uint64_t>>> operands_;
  uint64_t next_operand_ = 0;
};

}  // namespace tflower::exporter
