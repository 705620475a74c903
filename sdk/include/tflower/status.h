// Error, Result<T> and Status: how every layer of tflower reports failure. Standard library only, header only.
//
// Errors are values, never exceptions: a function that can fail returns Result<T> (or Status). An Error says which op,
// which node (the user's name for it), which attribute or input, the value seen, why, and what to do about it.
// Notes are added on the way up, once per layer. Thread-safety: plain values.
#pragma once

#include <cassert>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "tflower/source_location.h"

namespace tflower {

// Stable codes, printed as TFW0101. The hundreds give the program's exit code: 1xx input -> 3, 2xx model -> 1,
// 3xx usage -> 2, 4xx plugin -> 4, 5xx comparison -> 5, 6xx resource limit -> 6, 7xx our own bug -> 70.
enum class Code : uint16_t {
  kOk = 0,
  kUnreadable = 100,         // a file or folder cannot be opened, read or written
  kMalformed = 101,          // bytes that break the format's rules (also: checksum mismatch, truncation)
  kUnknownFormat = 102,      // none of the formats that tflower reads, or a variant of one that it does not read
  kInvalidGraph = 103,       // the file can be read, but what it says contradicts itself (missing node, type clash, impossible attribute)
  kUnsupportedOp = 200,      // no plugin covers the op
  kUnsupportedAttribute = 201,
  kUnsupportedType = 202,    // dtype
  kUnsupportedShape = 203,   // rank, dimension or dynamic shape
  kUnsupportedGraph = 204,   // a valid structure that has no form in TFLite (recursion, TF1 loops), or no place to start from
  kUnboundVariable = 205,    // a variable that a signature needs has no value
  kNotFound = 206,           // a signature, tag, tensor or function that was asked for is not in the model
  kMissingKernel = 207,      // no kernel for an operator, version and dtypes
  kInvalidOperand = 208,     // a run-time value (index, size, axis) or an input array breaks the operator's contract
  kDeclined = 209,           // a plugin said "not for me"; the next candidate is tried
  kUsage = 300,
  kPluginLoad = 400,         // the shared library cannot be opened or initialised
  kPluginAbi = 401,          // ABI versions do not fit
  kManifest = 402,           // the manifest is not JSON, or breaks the schema
  kConflict = 403,           // two plugins claim one op with equal right
  kParity = 404,             // the library does not contain what its manifest declares, or more than that
  kUntrusted = 405,          // policy forbids the library
  kMismatch = 500,           // comparison failed
  kLimit = 600,              // memory, time or size
  kInternal = 700,
};

inline int ExitCode(Code code) {
  switch (static_cast<int>(code) / 100) {
    case 0: return 0;
    case 1: return 3;
    case 2: return 1;
    case 3: return 2;
    case 4: return 4;
    case 5: return 5;
    case 6: return 6;
    default: return 70;
  }
}

// kUnsupportedAttribute -> "TFW0201".
inline std::string CodeName(Code code) {
  const std::string digits = std::to_string(static_cast<int>(code));
  return "TFW" + std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0') + digits;
}

struct Error {
  Code code = Code::kInternal;
  std::string message;             // which value broke which rule, without the op and node
  std::string op;                  // TF op or TFLite operator, when one is concerned
  std::string node;                // the user's name for the node
  std::string what;                // attribute, input or output concerned ("dilations", "input 1")
  std::string hint;                // what to do about it
  std::string file;                // the user's file; with byte_offset when known
  std::optional<uint64_t> byte_offset;
  std::vector<std::string> notes;  // context, innermost first
  SourceLocation where;            // the line that raised it

  Error() = default;
  Error(Code code, std::string message, SourceLocation where = SourceLocation::current())
      : code(code), message(std::move(message)), where(where) {}

  Error&& Op(std::string_view v) && { op = v; return std::move(*this); }
  Error&& Node(std::string_view v) && { node = v; return std::move(*this); }
  Error&& What(std::string_view v) && { what = v; return std::move(*this); }
  Error&& Hint(std::string_view v) && { hint = v; return std::move(*this); }
  Error&& File(std::string_view v) && { file = v; return std::move(*this); }
  Error&& At(uint64_t offset) && { byte_offset = offset; return std::move(*this); }
  Error&& Note(std::string v) && { notes.push_back(std::move(v)); return std::move(*this); }

  // One line: "FILE (byte N): Conv2D 'block1/conv': dilations: message; note; help: hint [TFW0201]".
  std::string ToString() const {
    std::string out;
    if (!file.empty()) {
      out += file;
      if (byte_offset) out += " (byte " + std::to_string(*byte_offset) + ")";
      out += ": ";
    }
    if (!op.empty()) out += op + (node.empty() ? "" : " '" + node + "'") + ": ";
    else if (!node.empty()) out += "'" + node + "': ";
    if (!what.empty()) out += what + ": ";
    out += message;
    for (const std::string& note : notes) out += "; " + note;
    if (!hint.empty()) out += "; help: " + hint;
    // Hostile names must not break the one-line rule, nor move the terminal's cursor.
    for (char& c : out) if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
    return out + " [" + CodeName(code) + "]";
  }
};

struct Unit {};

template <class T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}
  bool ok() const { return state_.index() == 0; }
  T& value() { assert(ok()); return *std::get_if<0>(&state_); }
  const T& value() const { assert(ok()); return *std::get_if<0>(&state_); }
  Error& error() { assert(!ok()); return *std::get_if<1>(&state_); }
  const Error& error() const { assert(!ok()); return *std::get_if<1>(&state_); }

 private:
  std::variant<T, Error> state_;
};

using Status = Result<Unit>;
inline Status Ok() { return Unit{}; }

}  // namespace tflower

#define TFLOWER_CAT_(a, b) a##b
#define TFLOWER_CAT(a, b) TFLOWER_CAT_(a, b)
#define TFLOWER_TRY_(tmp, decl, ...)                 \
  auto tmp = (__VA_ARGS__);                          \
  if (!tmp.ok()) return std::move(tmp.error());      \
  decl = std::move(tmp.value())
// TFLOWER_TRY(const int x, F()): declares x from a Result, or returns its error to the caller.
#define TFLOWER_TRY(decl, ...) TFLOWER_TRY_(TFLOWER_CAT(tflower_try_, __LINE__), decl, __VA_ARGS__)
// TFLOWER_CHECK(F()): returns F's error, if any, to the caller.
#define TFLOWER_CHECK(...)                                                                 \
  do {                                                                                     \
    if (auto tflower_status_ = (__VA_ARGS__); !tflower_status_.ok())                       \
      return std::move(tflower_status_.error());                                           \
  } while (false)
