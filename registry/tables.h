// The tables that a plugin's entry function gives, read with distrust: a wrong table is an Error, not a crash.
// (What the pointers point to cannot be checked: a plugin in the process has the user's rights.)
#pragma once

#include <string>
#include <vector>

#include <tflower/abi.h>
#include <tflower/status.h>

#include "manifest.h"

namespace tflower {

// A plugin that has introduced itself. Everything is owned by the plugin's library and lives as long as the process.
struct PluginTables {
  const char* id = nullptr;
  const char* version = nullptr;
  uint32_t abi_major = 0, abi_min = 0;
  std::vector<const tflower_lowering*> lowerings;
  std::vector<const tflower_rule*> rules;
  std::vector<const tflower_kernel*> kernels;
};

// Calls the entry and reads all tables. `file` is for messages. kPluginAbi: versions do not fit; kPluginLoad: the entry
// fails, or a table breaks the rules of abi.h. Thread: any, if R7 of abi.h is kept.
Result<PluginTables> ReadTables(tflower_plugin_main_fn entry, const std::string& file);

// Rows as a manifest declares them.
LoweringDecl Declare(const tflower_lowering& row);
RuleDecl Declare(const tflower_rule& row);
KernelDecl Declare(const tflower_kernel& row);
Provides Declare(const PluginTables& tables);

// Text of one row, for messages: "lowering 'Conv2D' (priority 100, emits CONV_2D)".
std::string Describe(const LoweringDecl& row);
std::string Describe(const RuleDecl& row);
std::string Describe(const KernelDecl& row);

// "CONV_2D", or the custom code.
std::string OperatorText(const KernelDecl& row);

// Dtype sets of a kernel, "(float32, float32|int8) -> (float32)".
std::string DescribeSignature(const KernelDecl& row);

}  // namespace tflower
