// FunctionLibrary: the model's functions, kept as bytes and parsed when first called.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "import/draft.h"
#include "import/file_bytes.h"
#include "import/op_table.h"
#include "import/tf_graph.h"
#include "tflower/status.h"

namespace tflower::tf {

class FunctionLibrary final : public MadeUp {
 public:
  // Both must outlive the library.
  FunctionLibrary(const FileBytes& file, const OpTable& ops) : file_(file), ops_(ops) {}

  // Adds the functions of a serialized FunctionDefLibrary: only their names are read. kMalformed, or kInvalidGraph for two
  // functions of one name.
  Status Add(std::string_view library);
  // See Graph::FindFunction.
  Result<const Function*> Find(std::string_view name);
  std::vector<std::string_view> Names() const;
  bool Has(std::string_view name) const { return by_name_.contains(name); }

  // MadeUp: functions that stand for TF1 control flow. Names() does not list them.
  std::string FreeName(const std::string& wish) override;
  void AddFunction(std::unique_ptr<Function> function) override;

 private:
  struct Entry {
    std::string_view name;
    std::string_view bytes;              // none: made up
    std::unique_ptr<OpDef> signature;    // null: not asked for yet
    std::unique_ptr<Function> function;  // null: not parsed yet
    std::vector<size_t> callees;         // entries that the body names, each once
    enum class State { kUnseen, kActive, kChecked, kFailed } state = State::kUnseen;
    Error error;                         // of kFailed
    uint32_t depth = 0;                  // of calls below it
    uint64_t inlined_nodes = 0;          // nodes of the body with all calls inlined
    std::vector<size_t> call_sites;      // callees with repetition, for inlined_nodes
  };
  Status Parse(Entry& entry);
  Result<const OpDef*> Signature(std::string_view name);
  void CollectCalls(Entry& entry) const;
  Status CheckCalls(size_t root);
  Status Finish(Entry& entry);
  Error Recursion(const std::vector<std::pair<size_t, size_t>>& stack, size_t again) const;

  const FileBytes& file_;
  const OpTable& ops_;
  std::deque<Entry> entries_;  // in file order, made-up ones behind; a deque because parsing one may make up others
  std::map<std::string_view, size_t> by_name_;
  std::unordered_map<std::string, uint32_t> made_names_;  // how often each was wished for
};

}  // namespace tflower::tf
