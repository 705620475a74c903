#include "tables.h"

#include <cstring>

#include "host.h"
#include "names.h"

namespace tflower {
namespace {

constexpr uint32_t kMaxRows = 100000;
constexpr size_t kMaxName = 255;

Error Broken(const std::string& file, std::string message) {
  return Error(Code::kPluginLoad, "breaks the plugin ABI: " + std::move(message)).File(file);
}

bool IsName(const char* text) {
  const size_t size = text == nullptr ? 0 : strnlen(text, kMaxName + 1);
  return size > 0 && size <= kMaxName;
}

// True when the producer's struct holds all members of ABI 1.0 up to `last`.
template <class Row, class Member>
bool Holds(const Row& row, const Member& last) {
  const size_t needed = static_cast<size_t>(reinterpret_cast<const char*>(&last) - reinterpret_cast<const char*>(&row)) + sizeof last;
  return row.struct_size >= needed && row.struct_size <= 65536;
}

const char* Problem(const tflower_lowering& row) {
  if (!Holds(row, row.lower)) return "its struct_size is too small";
  if (!IsName(row.op)) return "it has no op";
  if (row.role == TFLOWER_ROLE_REFUSED && (!TFLOWER_HAS(&row, tflower_lowering, refused) || !IsName(row.refused))) return "it refuses the op without saying why";
  if (row.lower == nullptr && (row.role == TFLOWER_ROLE_PLAIN || row.role == TFLOWER_ROLE_HANDLE)) return "it has no lower function";
  if (row.priority < 0) return "its priority is negative";
  if (row.num_inputs > 1024 || (row.num_inputs > 0 && (row.inputs == nullptr || row.operand_def_size < sizeof(tflower_operand_def)))) {
    return "its inputs are broken";
  }
  if (row.num_attrs > 1024 || (row.num_attrs > 0 && (row.attrs == nullptr || row.attr_def_size < sizeof(tflower_attr_def)))) {
    return "its attributes are broken";
  }
  return nullptr;
}

bool IsPattern(const tflower_rule& row) {
  if (row.num_nodes == 0 || row.num_nodes > 1024 || row.nodes == nullptr) return false;
  if (row.pattern_node_size < sizeof(tflower_pattern_node)) return false;
  for (uint32_t i = 0; i < row.num_nodes; ++i) {
    tflower_pattern_node node;
    std::memcpy(&node, reinterpret_cast<const char*>(row.nodes) + size_t{i} * row.pattern_node_size, sizeof node);
    if (node.num_inputs > std::size(node.inputs) || (i == 0 && node.op == nullptr)) return false;
    for (uint32_t k = 0; k < node.num_inputs; ++k) {
      if (node.inputs[k] < -1 || node.inputs[k] >= static_cast<int32_t>(row.num_nodes)) return false;
    }
  }
  return true;
}

const char* Problem(const tflower_rule& row) {
  if (!Holds(row, row.lower_call)) return "its struct_size is too small";
  if (!IsName(row.id)) return "it has no id";
  if (row.kind == TFLOWER_RULE_LOOP) return row.rewrite == nullptr ? "it has no rewrite function" : nullptr;
  if (row.kind == TFLOWER_RULE_PATTERN) {
    if (row.rewrite == nullptr) return "it has no rewrite function";
    return IsPattern(row) ? nullptr : "its pattern is broken";
  }
  if (row.kind != TFLOWER_RULE_COMPOSITE) return "its kind is unknown";
  if (!IsName(row.implements)) return "it has no implements-name";
  if (TFLOWER_HAS(&row, tflower_rule, attr_def_size) && row.num_attrs > 0 &&
      (row.num_attrs > 1024 || row.attrs == nullptr || row.attr_def_size < sizeof(tflower_attr_def))) return "its attributes are broken";
  return row.lower_call == nullptr ? "it has no lower_call function" : nullptr;
}

const char* Problem(const tflower_kernel& row) {
  if (!Holds(row, row.release)) return "its struct_size is too small";
  const bool custom = row.code == kCustomOperator;
  if (custom != (row.custom_code != nullptr && *row.custom_code != '\0')) return "code and custom_code contradict each other";
  if (custom && !IsName(row.custom_code)) return "its custom_code is too long";
  if (row.min_version < 1 || row.max_version < row.min_version || row.max_version > 65535) return "its versions are broken";
  return row.infer == nullptr || row.eval == nullptr ? "it has no infer or eval function" : nullptr;
}

template <class Row>
Status ReadTable(const tflower_plugin& plugin, const char* interface_id, const std::string& file, std::vector<const Row*>& out) {
  tflower_table table{};
  table.struct_size = sizeof table;
  const tflower_status status = plugin.get_table(interface_id, &table);
  if (status == TFLOWER_DECLINED) return Ok();
  const std::string name = "table '" + std::string(interface_id) + "'";
  if (status != TFLOWER_OK) return Broken(file, name + ": get_table fails with status " + std::to_string(status));
  if (!TFLOWER_HAS(&table, tflower_table, rows)) return Broken(file, name + ": its struct_size is too small");
  if (table.count > kMaxRows) return Broken(file, name + " has " + std::to_string(table.count) + " rows");
  if (table.count > 0 && table.rows == nullptr) return Broken(file, name + ": its rows are NULL");
  for (uint32_t i = 0; i < table.count; ++i) {
    const Row* row = static_cast<const Row*>(table.rows[i]);
    const char* problem = row == nullptr ? "it is NULL" : Problem(*row);
    if (problem != nullptr) return Broken(file, name + ", row " + std::to_string(i) + ": " + problem);
    out.push_back(row);
  }
  return Ok();
}

Result<tflower_plugin> CallMain(tflower_plugin_main_fn entry, const std::string& file) {
  tflower_plugin plugin{};
  plugin.struct_size = sizeof plugin;
  tflower_status status = TFLOWER_ERROR;
  try {  // the entry's type cannot promise that nothing is thrown
    status = entry(&HostForPlugins(), &plugin);
  } catch (...) {
    return Broken(file, "tflower_plugin_main throws an exception");
  }
  if (status != TFLOWER_OK) {
    return Error(Code::kPluginLoad, "tflower_plugin_main refuses this program with status " + std::to_string(status)).File(file);
  }
  return plugin;
}

Status CheckAbi(const tflower_plugin& plugin, const std::string& file) {
  const auto text = [](uint32_t major, uint32_t minor) { return std::to_string(major) + "." + std::to_string(minor); };
  if (plugin.abi_major == TFLOWER_ABI_MAJOR && plugin.abi_min <= TFLOWER_ABI_MINOR) return Ok();
  return Error(Code::kPluginAbi, "needs plugin ABI " + text(plugin.abi_major, plugin.abi_min) + ", but this program has " +
                                     text(TFLOWER_ABI_MAJOR, TFLOWER_ABI_MINOR))
      .File(file)
      .Hint("install a version of the plugin that was made for this version of tflower");
}

}  // namespace

Result<PluginTables> ReadTables(tflower_plugin_main_fn entry, const std::string& file) {
  TFLOWER_TRY(const tflower_plugin plugin, CallMain(entry, file));
  if (!TFLOWER_HAS(&plugin, tflower_plugin, get_table) || plugin.struct_size > sizeof plugin) {
    return Broken(file, "tflower_plugin_main leaves struct_size " + std::to_string(plugin.struct_size));
  }
  if (plugin.abi_major != 0) TFLOWER_CHECK(CheckAbi(plugin, file));  // first: another major may lay the rest out differently
  if (plugin.abi_major == 0 || !IsName(plugin.id) || !IsName(plugin.version) || plugin.get_table == nullptr) {
    return Broken(file, "tflower_plugin_main succeeds but leaves abi_major, id, version or get_table empty");
  }
  PluginTables tables{.id = plugin.id, .version = plugin.version, .abi_major = plugin.abi_major, .abi_min = plugin.abi_min};
  TFLOWER_CHECK(ReadTable(plugin, TFLOWER_LOWERINGS, file, tables.lowerings));
  TFLOWER_CHECK(ReadTable(plugin, TFLOWER_RULES, file, tables.rules));
  TFLOWER_CHECK(ReadTable(plugin, TFLOWER_KERNELS, file, tables.kernels));
  return tables;
}

}  // namespace tflower
