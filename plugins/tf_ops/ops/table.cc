// Tables: HashTable -> HASHTABLE, its contents -> HASHTABLE_IMPORT, lookups -> HASHTABLE_FIND, sizes -> HASHTABLE_SIZE.
//
// Stock LiteRT has tables from int64 to string, and from string to int64. Others become such ones:
//   int32 keys                          int64 keys, by CAST
//   string -> int32, bool               string -> int64, and CAST
//   string -> float32, float64          string -> int64, their bits
//   string -> string                    string -> number of the entry, number -> string
//   int64 -> numbers                    int64 -> number of the entry as a string, string -> int64, and CAST
// Contents must be constants: TFLite fills a table once, with the first values that come.
#include "formula.h"
#include "index.h"
#include "string_constants.h"
#include "vocabulary.h"

namespace tflower::tf_ops {
namespace {

constexpr AttrDef kTable[] = {NoEffect("container"), NoEffect("shared_name"), NoEffect("use_node_name_sharing"), Type("key_dtype"), Type("value_dtype")};
constexpr AttrDef kAnonymous[] = {Type("key_dtype"), Type("value_dtype")};
constexpr AttrDef kKeyValue[] = {Type("Tkey"), Type("Tval")};
constexpr AttrDef kInOut[] = {Type("Tin"), Type("Tout")};
constexpr AttrDef kTextFile[] = {Int("key_index"), Int("value_index"), Int("vocab_size", -1), String("delimiter", kAnyValue, "\t"), Int("offset", 0)};

// LiteRT numbers variables from 0, in the same space.
constexpr int32_t kFirstTableId = 1 << 24;

// How a table of TF is made of tables of TFLite.
struct Form {
  DType key = DType::kNone, value = DType::kNone;  // TF's
  bool int_keys = false;      // the first table's keys are int64, not string
  bool direct = false;        // the first table's values are what is looked up; else they are the keys of a second table
  DType link() const { return int_keys ? DType::kString : DType::kInt64; }
  DType table_key() const { return int_keys ? DType::kInt64 : DType::kString; }
  DType table_value() const { return value == DType::kString ? DType::kString : DType::kInt64; }
};

Result<Form> FormOf(const Node& table) {
  Form form{table.Type("key_dtype"), table.Type("value_dtype")};
  const auto refuse = [&](const char* attr, DType type, const char* allowed) {
    return Error(Code::kUnsupportedType, "tables with " + std::string(attr) + " " + std::string(NameOf(type)) + " are not supported, only " + allowed).What(attr);
  };
  if (!Contains(kIndex | Types({DType::kString}), form.key)) return refuse("key_dtype", form.key, "int32, int64, string");
  constexpr DTypeSet kNumbers = Types({DType::kInt64, DType::kInt32, DType::kBool, DType::kFloat32, DType::kFloat64});
  if (!Contains(kNumbers | Types({DType::kString}), form.value)) return refuse("value_dtype", form.value, "int32, int64, bool, float32, float64, string");
  form.int_keys = form.key != DType::kString;
  form.direct = form.int_keys == (form.value == DType::kString);
  return form;
}

Result<Form> FormOfHandle(Builder& build, const Value& handle) {
  TFLOWER_TRY(const Node table, build.HandleNode(handle));
  return FormOf(table);
}

Status LowerTable(const Node& node, Builder& build) {
  TFLOWER_TRY(const Form form, FormOf(node));
  const auto make = [&](int part, DType key, DType value) -> Status {
    const int32_t id = kFirstTableId + static_cast<int32_t>(node.handle_number()) * 2 + part;
    return build.Bind(part, build.Emit(tfl::Hashtable{.table_id = id, .key_dtype = ToTfl(key), .value_dtype = ToTfl(value)}, std::vector<Value>()));
  };
  TFLOWER_CHECK(make(0, form.table_key(), form.link()));
  return form.direct ? Ok() : make(1, form.link(), form.table_value());
}

// Keys, or values, as TFLite's tables have them.
Result<Value> AsTableHas(Builder& build, const Value& v) {
  if (v.dtype() == DType::kString) return v;
  const Expr x(build, v);
  if (v.dtype() == DType::kFloat64) return Bitcast(x, DType::kInt64).result();
  return Cast(v.dtype() == DType::kFloat32 ? Bitcast(x, DType::kInt32) : x, DType::kInt64).result();
}

// What a table gave, as a value of TF's type.
Result<Value> FromTable(Builder& build, const Value& v, DType type) {
  const Expr x(build, v);
  if (type == DType::kFloat64) return Bitcast(x, type).result();
  return type == DType::kFloat32 ? Bitcast(Cast(x, DType::kInt32), type).result() : CastTo(build, v, type);
}

// ---- contents

// TF fails when a key comes twice with different values; TFLite would take the first.
template <class Key, class Same>
Status CheckKeys(std::span<const Key> keys, const Same& same_value) {
  std::vector<size_t> order(keys.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) { return keys[a] < keys[b]; });
  for (size_t i = 1; i < order.size(); ++i) {
    if (keys[order[i - 1]] != keys[order[i]] || same_value(order[i - 1], order[i])) continue;
    std::string key;
    if constexpr (std::is_same_v<Key, int64_t>) key = std::to_string(keys[order[i]]);
    else key = "'" + std::string(keys[order[i]]) + "'";
    return Error(Code::kInvalidGraph, "key " + key + " occurs twice, with different values").What("input 1");
  }
  return Ok();
}

Status CheckContents(Builder& build, const Value& keys, const Value& values) {
  const auto check = [&](const auto& same_value) -> Status {
    if (keys.dtype() == DType::kString) {
      TFLOWER_TRY(const std::vector<std::string_view> texts, StringsOf(build, keys));
      return CheckKeys(std::span<const std::string_view>(texts), same_value);
    }
    TFLOWER_TRY(const std::span<const int64_t> ints, build.DataAs<int64_t>(keys));
    return CheckKeys(ints, same_value);
  };
  if (values.dtype() == DType::kString) {
    TFLOWER_TRY(const std::vector<std::string_view> texts, StringsOf(build, values));
    return check([&](size_t a, size_t b) { return texts[a] == texts[b]; });
  }
  TFLOWER_TRY(const std::span<const int64_t> ints, build.DataAs<int64_t>(values));
  return check([&](size_t a, size_t b) { return ints[a] == ints[b]; });
}

Result<Value> EntryNumbers(Builder& build, const Value& like, DType type) {
  std::vector<int64_t> numbers(static_cast<size_t>(like.num_elements()));
  for (size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<int64_t>(i);
  if (type == DType::kInt64) return build.Constant<int64_t>(like.dims(), numbers);
  std::vector<std::string> texts;
  for (const int64_t n : numbers) texts.push_back(std::to_string(n));
  return StringConstant(build, like.dims(), texts);
}

Status Fill(Builder& build, const Value& handle, const Value& raw_keys, const Value& raw_values) {
  TFLOWER_TRY(const Form form, FormOfHandle(build, handle));
  if (raw_keys.dtype() != form.key || raw_values.dtype() != form.value) return Error(Code::kInvalidGraph, "keys and values are of other types than the table's");
  TFLOWER_TRY(const Value keys, AsTableHas(build, raw_keys));
  TFLOWER_TRY(const Value values, AsTableHas(build, raw_values));
  if (!keys.is_constant() || !values.is_constant())
    return Error(Code::kUnsupportedGraph, "a table's contents must be constants, these are computed at run time").Hint("fill the table when the model is built");
  TFLOWER_CHECK(CheckContents(build, keys, values));
  TFLOWER_TRY(const Value first, build.HandleTensor(handle));
  const auto import = [&](const Value& table, const Value& k, const Value& v) -> Status {
    TFLOWER_TRY([[maybe_unused]] const std::vector<Value> none, build.EmitAll(tfl::HashtableImport{}, std::vector<Value>{table, k, v}, 0));
    return Ok();
  };
  if (form.direct) return import(first, keys, values);
  TFLOWER_TRY(const Value second, build.HandleTensor(handle, 1));
  TFLOWER_TRY(const Value numbers, EntryNumbers(build, keys, form.link()));
  TFLOWER_CHECK(import(first, keys, numbers));
  return import(second, numbers, values);
}

Status LowerImport(const Node& node, Builder& build) { return Fill(build, node.Input(0), node.Input(1), node.Input(2)); }

Status LowerTextFile(const Node& node, Builder& build) {
  TFLOWER_TRY(const Form form, FormOfHandle(build, node.Input(0)));
  const std::string_view delimiter = node.String("delimiter");
  if (delimiter.size() != 1) return Error(Code::kInvalidGraph, "must be one character").What("delimiter");
  const VocabularyFormat format{node.Int("key_index"), node.Int("value_index"), node.Int("vocab_size"), node.Int("offset"), delimiter[0]};
  TFLOWER_TRY(const std::span<const std::byte> file, build.AssetData(node.Input(1)));
  TFLOWER_TRY(const KeysAndValues contents, ReadVocabulary(build, file, format, form.key, form.value));
  return Fill(build, node.Input(0), contents.keys, contents.values);
}

// ---- lookups

// What the first table gives for a key that it does not have: a number that the second does not have.
Result<Value> NoEntry(Builder& build, DType link) {
  if (link == DType::kInt64) return build.Scalar<int64_t>(-1);
  const std::string none[] = {""};
  return StringConstant(build, {}, none);
}

Status LowerFind(const Node& node, Builder& build) {
  const Value handle = node.Input(0);
  TFLOWER_TRY(const Form form, FormOfHandle(build, handle));
  TFLOWER_TRY(const Value table, build.HandleTensor(handle));
  TFLOWER_TRY(const Value keys, AsTableHas(build, node.Input(1)));
  TFLOWER_TRY(const Value fallback, AsTableHas(build, node.Input(2)));
  if (form.direct) {
    TFLOWER_TRY(const Value found, build.Emit(tfl::HashtableFind{}, {table, keys, fallback}));
    return build.Bind(0, FromTable(build, found, form.value));
  }
  TFLOWER_TRY(const Value second, build.HandleTensor(handle, 1));
  TFLOWER_TRY(const Value none, NoEntry(build, form.link()));
  TFLOWER_TRY(const Value entry, build.Emit(tfl::HashtableFind{}, {table, keys, none}));
  TFLOWER_TRY(const Value found, build.Emit(tfl::HashtableFind{}, {second, entry, fallback}));
  return build.Bind(0, FromTable(build, found, form.value));
}

Status LowerSize(const Node& node, Builder& build) {
  TFLOWER_TRY(const Value table, build.HandleTensor(node.Input(0)));
  TFLOWER_TRY(const Value size, build.Emit(tfl::HashtableSize{}, {table}));
  return build.Bind(0, ReshapeTo(build, size, {}));
}

constexpr Operand kScalar = Ranked(0, 0);
constexpr const char* kImports = "BITCAST CAST HASHTABLE HASHTABLE_IMPORT";
constexpr const char* kFinds = "BITCAST CAST HASHTABLE HASHTABLE_FIND";
constexpr const char* kSizes = "HASHTABLE HASHTABLE_SIZE RESHAPE";

constexpr OpDef TableOp(const char* op, std::span<const AttrDef> attrs) { return {op, {}, attrs, LowerTable, "HASHTABLE", 100, Role::kHandle}; }

constexpr OpDef kOps[] = {
    TableOp("HashTableV2", kTable),
    TableOp("HashTable", kTable),
    TableOp("AnonymousHashTable", kAnonymous),
    {"LookupTableImportV2", {WrittenHandle(), Any(), Any()}, kInOut, LowerImport, kImports},
    {"LookupTableImport", {WrittenHandle(), Any(), Any()}, kInOut, LowerImport, kImports},
    {"InitializeTableV2", {WrittenHandle(), Any(), Any()}, kKeyValue, LowerImport, kImports},
    {"InitializeTable", {WrittenHandle(), Any(), Any()}, kKeyValue, LowerImport, kImports},
    {"InitializeTableFromTextFileV2", {WrittenHandle(), kScalar}, kTextFile, LowerTextFile, kImports},
    {"InitializeTableFromTextFile", {WrittenHandle(), kScalar}, kTextFile, LowerTextFile, kImports},
    {"LookupTableFindV2", {Handle(), Any(), kScalar}, kInOut, LowerFind, kFinds},
    {"LookupTableFind", {Handle(), Any(), kScalar}, kInOut, LowerFind, kFinds},
    {"LookupTableSizeV2", {Handle()}, {}, LowerSize, kSizes},
    {"LookupTableSize", {Handle()}, {}, LowerSize, kSizes},
};
}  // namespace
TFLOWER_OP_FAMILY(table, kOps);
}  // namespace tflower::tf_ops
