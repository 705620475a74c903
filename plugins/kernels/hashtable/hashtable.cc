// HASHTABLE, HASHTABLE_IMPORT, HASHTABLE_FIND, HASHTABLE_SIZE: tables that are filled once. Stock LiteRT has tables from int64 to string
// and back; these kernels have int32, int64 and string keys, and values of every type.  Source: TFLite HashtableOptions.
#include "hashtable/table.h"

#include "common/strings.h"

namespace tflower::kernels {
namespace {

constexpr std::string_view kKind = "tflower.table";
constexpr DTypeSet kHandle = Types({DType::kResource});
constexpr DTypeSet kKeys = Types({DType::kInt32, DType::kInt64, DType::kString});
constexpr DTypeSet kValues = kPlain | kStrings;

Result<Table*> TableOf(const EvalContext& eval, int32_t id) {
  return eval.SessionObject<Table>(kKind, id);
}

// The table that operand 0 is the handle of.
Result<Table*> TableOperand(const Op& op, const EvalContext& eval) {
  TFLOWER_TRY(Table* const table, TableOf(eval, *op.Input(0).data<int32_t>()));
  if (table->key_type >= 0) return table;
  return OperandError(Code::kInvalidOperand, 0, "hash_table", "is no handle of a table");
}

Status CheckTypes(const Table& table, DType key, DType value) {
  const auto known_key = static_cast<DType>(table.key_type), known_value = static_cast<DType>(table.value_type);
  if (known_key == key && known_value == value) return Ok();
  return Error(Code::kInvalidOperand, Text("the table is from ", known_key, " to ", known_value, ", not from ", key, " to ", value));
}

struct HashTable {
  static Status Infer(const Op& op, OpTypes& out) {
    const auto options = op.Options<tfl::HashtableOptions>();
    const auto key = static_cast<DType>(options.key_dtype), value = static_cast<DType>(options.value_dtype);
    if (!Contains(kKeys, key)) return OptionError("key_dtype", Text(key, " is not supported, only int32, int64 and string"));
    if (!Contains(kValues, value)) return OptionError("value_dtype", Text(value, " is not supported"));
    return out.Set(0, DType::kResource, {1});
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    const auto options = op.Options<tfl::HashtableOptions>();
    TFLOWER_TRY(Table* const table, TableOf(eval, options.table_id));
    if (table->key_type < 0) table->key_type = static_cast<int32_t>(options.key_dtype), table->value_type = static_cast<int32_t>(options.value_dtype);
    TFLOWER_CHECK(CheckTypes(*table, static_cast<DType>(options.key_dtype), static_cast<DType>(options.value_dtype)));
    *op.Output(0).mutable_data<int32_t>() = options.table_id;
    return Ok();
  }
};

// Fills a table that is empty; later imports change nothing, as models import each time that they run.
struct HashTableImport {
  static Status Infer(const Op& op, OpTypes&) {
    const auto keys = op.Input(1).dims(), values = op.Input(2).dims();
    if (std::equal(keys.begin(), keys.end(), values.begin(), values.end())) return Ok();
    return OperandError(Code::kUnsupportedShape, 2, "values", Text("shape ", values, " must be that of the keys, ", keys));
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(Table* const table, TableOperand(op, eval));
    const Tensor keys = op.Input(1), values = op.Input(2);
    TFLOWER_CHECK(CheckTypes(*table, keys.dtype(), values.dtype()));
    if (table->filled) return Ok();
    if (values.dtype() == DType::kString) {
      TFLOWER_TRY(table->texts, Copy(op, 2, "values"));
    } else {
      table->values.assign(values.data<std::byte>(), values.data<std::byte>() + values.size_bytes());
    }
    if (keys.dtype() == DType::kString) {
      TFLOWER_TRY(std::vector<std::string> texts, Copy(op, 1, "keys"));
      table->strings = SortedKeys<std::string>(std::move(texts));
    } else {
      std::vector<int64_t> ints;
      for (int64_t i = 0; i < keys.num_elements(); ++i) ints.push_back(IntAt(keys, i));
      table->ints = SortedKeys<int64_t>(std::move(ints));
    }
    table->filled = true;
    return Ok();
  }

 private:
  static Result<std::vector<std::string>> Copy(const Op& op, int i, std::string_view name) {
    TFLOWER_TRY(const PackedStrings strings, PackedStrings::Read(op, i, name));
    std::vector<std::string> out;
    for (int64_t k = 0; k < strings.size(); ++k) out.emplace_back(strings[k]);
    return out;
  }
};

// Operands: hash_table, keys, default_value. The value of each key, in the keys' shape.
struct HashTableFind {
  static Status Infer(const Op& op, OpTypes& out) {
    return SetOutput(out, 0, op.Input(2).dtype(), op.Input(1).dims());
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const Table* const table, TableOperand(op, eval));
    const Tensor keys = op.Input(1);
    TFLOWER_CHECK(CheckTypes(*table, keys.dtype(), op.Input(2).dtype()));
    if (!table->filled) return Error(Code::kInvalidOperand, "the table is read before it is filled (HASHTABLE_IMPORT)");
    if (keys.dtype() != DType::kString) return Values(op, eval, *table, [&](int64_t i) { return table->ints.Find(IntAt(keys, i)); });
    TFLOWER_TRY(const PackedStrings strings, PackedStrings::Read(op, 1, "keys"));
    return Values(op, eval, *table, [&](int64_t i) { return table->strings.Find(strings[i]); });
  }

 private:
  template <class Find>
  static Status Values(const Op& op, const EvalContext& eval, const Table& table, const Find& find) {
    const Tensor keys = op.Input(1), fallback = op.Input(2);
    if (fallback.dtype() == DType::kString) {
      TFLOWER_TRY(const PackedStrings none, PackedStrings::Read(op, 2, "default_value"));
      return WriteStrings(op, eval, 0, keys.dims(), [&](int64_t i) -> std::string_view {
        const int64_t entry = find(i);
        return entry < 0 ? none[0] : std::string_view(table.texts[static_cast<size_t>(entry)]);
      });
    }
    const auto bytes = static_cast<size_t>(ElementBytes(fallback.dtype()));
    for (int64_t i = 0; i < keys.num_elements(); ++i) {
      const int64_t entry = find(i);
      const void* const from = entry < 0 ? fallback.raw() : table.values.data() + static_cast<size_t>(entry) * bytes;
      std::memcpy(op.Output(0).mutable_data<std::byte>() + static_cast<size_t>(i) * bytes, from, bytes);
    }
    return Ok();
  }
};

// The number of entries, int64 [1].
struct HashTableSize {
  static Status Infer(const Op&, OpTypes& out) {
    return out.Set(0, DType::kInt64, {1});
  }
  static Status Eval(const Op& op, const EvalContext& eval) {
    TFLOWER_TRY(const Table* const table, TableOperand(op, eval));
    *op.Output(0).mutable_data<int64_t>() = table->size();
    return Ok();
  }
};

constexpr uint32_t kState = TFLOWER_KERNEL_IMPURE;
constexpr tflower_kernel kRows[] = {
    Kernel<HashTable>(tfl::Builtin::HASHTABLE, {.outputs = {kHandle}, .flags = kState}),
    Kernel<HashTableImport>(tfl::Builtin::HASHTABLE_IMPORT, {.inputs = {kHandle, kKeys, kValues}, .flags = kState}),
    Kernel<HashTableFind>(tfl::Builtin::HASHTABLE_FIND, {.inputs = {kHandle, kKeys, kValues}, .flags = kState}),
    Kernel<HashTableSize>(tfl::Builtin::HASHTABLE_SIZE, {.inputs = {kHandle}, .outputs = {kI64}, .flags = kState}),
};

}  // namespace
TFLOWER_KERNEL_FAMILY(hashtable, kRows);
}  // namespace tflower::kernels
