// Walks the fields of an options table; the only switch is over the field's type.
#include "sdk/schema/options_io.h"

#include <tflower/schema_generated.h>

#include <cstring>
#include <type_traits>
#include <vector>

namespace tflower::tfl {
namespace {

static_assert(FLATBUFFERS_LITTLEENDIAN, "spans point at the file's bytes, which are little-endian");

// What every Span<T> looks like, and Str too.
struct Bytes {
  const void* data = nullptr;
  size_t size = 0;  // elements
};
static_assert(sizeof(Bytes) == sizeof(Span<int64_t>) && sizeof(Bytes) == sizeof(Str));
static_assert(offsetof(Bytes, size) == offsetof(Span<int64_t>, size) && offsetof(Bytes, size) == offsetof(Str, size));

template <class T>
struct Type {
  using type = T;
};

// Calls f with the C++ type of a scalar field, as Type<T>.
template <class F>
auto WithScalar(FieldType type, F&& f) {
  switch (type) {
    case FieldType::kBool: return f(Type<bool>());
    case FieldType::kInt8: return f(Type<int8_t>());
    case FieldType::kUint8: return f(Type<uint8_t>());
    case FieldType::kInt16: return f(Type<int16_t>());
    case FieldType::kUint16: return f(Type<uint16_t>());
    case FieldType::kInt32: return f(Type<int32_t>());
    case FieldType::kUint32: return f(Type<uint32_t>());
    case FieldType::kInt64: return f(Type<int64_t>());
    case FieldType::kUint64: return f(Type<uint64_t>());
    case FieldType::kFloat32: return f(Type<float>());
    case FieldType::kFloat64:
    case FieldType::kString:
    case FieldType::kVector: break;
  }
  return f(Type<double>());
}

bool IsScalar(const FieldInfo& field) { return ScalarSize(field.type) > 0; }

template <class T>
T DefaultOf(const FieldInfo& field) {
  if constexpr (std::is_floating_point_v<T>) return static_cast<T>(field.default_real);
  else return static_cast<T>(field.default_int);
}

template <class T>
T Load(const void* options, const FieldInfo& field) {
  T value;
  std::memcpy(&value, static_cast<const char*>(options) + field.struct_offset, sizeof value);
  return value;
}

template <class T>
void Store(const T& value, const FieldInfo& field, void* options) {
  std::memcpy(static_cast<char*>(options) + field.struct_offset, &value, sizeof value);
}

// A bool is one byte in the file, and that byte may hold any value.
template <class T>
T ReadScalar(const flatbuffers::Table& table, const FieldInfo& field) {
  if constexpr (std::is_same_v<T, bool>) return table.GetField<uint8_t>(field.slot, DefaultOf<bool>(field)) != 0;
  else return table.GetField<T>(field.slot, DefaultOf<T>(field));
}

Bytes ReadBytes(const flatbuffers::Table& table, const FieldInfo& field) {
  const auto* vector = table.GetPointer<const flatbuffers::Vector<uint8_t>*>(field.slot);
  return vector ? Bytes{vector->Data(), vector->size()} : Bytes{};
}

flatbuffers::uoffset_t WriteBytes(flatbuffers::FlatBufferBuilder& builder, const FieldInfo& field, Bytes bytes) {
  if (bytes.size == 0) return 0;
  if (field.type == FieldType::kString) return builder.CreateString(static_cast<const char*>(bytes.data), bytes.size).o;
  return WithScalar(field.element, [&](auto type) {
    using T = typename decltype(type)::type;
    using Stored = std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>;
    return builder.CreateVector(static_cast<const Stored*>(bytes.data), bytes.size).o;
  });
}

}  // namespace

const flatbuffers::Table* OptionsTable(const OpInfo& op, const tflite::Operator& from) {
  const bool first = op.options_union == 1 && static_cast<uint8_t>(from.builtin_options_type()) == op.union_member;
  const bool second = op.options_union == 2 && static_cast<uint8_t>(from.builtin_options_2_type()) == op.union_member;
  const void* table = first ? from.builtin_options() : second ? from.builtin_options_2() : nullptr;
  return static_cast<const flatbuffers::Table*>(table);
}

void DefaultOptions(const OpInfo& op, void* options) {
  for (const FieldInfo& field : op.fields) {
    if (!IsScalar(field)) {
      Store(Bytes{}, field, options);
      continue;
    }
    WithScalar(field.type, [&](auto type) {
      Store(DefaultOf<typename decltype(type)::type>(field), field, options);
    });
  }
}

void ReadOptions(const OpInfo& op, const flatbuffers::Table* table, void* options) {
  if (!table) return DefaultOptions(op, options);
  for (const FieldInfo& field : op.fields) {
    if (!IsScalar(field)) {
      Store(ReadBytes(*table, field), field, options);
      continue;
    }
    WithScalar(field.type, [&](auto type) {
      Store(ReadScalar<typename decltype(type)::type>(*table, field), field, options);
    });
  }
}

flatbuffers::uoffset_t WriteOptions(flatbuffers::FlatBufferBuilder& builder, const OpInfo& op, const void* options) {
  if (!op.options_table) return 0;
  std::vector<flatbuffers::uoffset_t> children(op.fields.size());  // must be complete before the table is begun
  for (size_t i = 0; i < op.fields.size(); ++i)
    if (!IsScalar(op.fields[i])) children[i] = WriteBytes(builder, op.fields[i], Load<Bytes>(options, op.fields[i]));

  const flatbuffers::uoffset_t start = builder.StartTable();
  for (size_t i = 0; i < op.fields.size(); ++i) {
    const FieldInfo& field = op.fields[i];
    if (!IsScalar(field)) {
      builder.AddOffset(field.slot, flatbuffers::Offset<void>(children[i]));
      continue;
    }
    WithScalar(field.type, [&](auto type) {
      using T = typename decltype(type)::type;
      using Stored = std::conditional_t<std::is_same_v<T, bool>, uint8_t, T>;
      builder.AddElement<Stored>(field.slot, Load<T>(options, field), DefaultOf<Stored>(field));
    });
  }
  return builder.EndTable(start);
}

}  // namespace tflower::tfl
