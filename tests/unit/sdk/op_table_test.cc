// The generated operator table and structs: codes, names, unions, versions, and the form of the structs.
#include <doctest/doctest.h>
#include <tflower/schema_generated.h>
#include <tflower/tfl_ops.h>

#include <string>

#include "sdk/schema/op_table.h"

namespace tflower::tfl {
namespace {

TEST_CASE("every code of the schema has a row that agrees with flatc's names") {
  CHECK(AllOps().size() == static_cast<size_t>(tflite::BuiltinOperator::MAX) + 1);
  for (const OpInfo& op : AllOps()) {
    INFO(op.name);
    CHECK(std::string(op.name) == tflite::EnumNameBuiltinOperator(static_cast<tflite::BuiltinOperator>(op.code)));
    CHECK(FindOp(op.code) == &op);
    CHECK(FindOp(std::string_view(op.name)) == &op);
    CHECK((op.options_table != nullptr) == (op.options_union != 0));
    CHECK((op.options_table != nullptr) == (op.options_size != 0));
    const auto first = static_cast<tflite::BuiltinOptions>(op.union_member);
    const auto second = static_cast<tflite::BuiltinOptions2>(op.union_member);
    if (op.options_union == 1) CHECK(std::string(op.options_table) == tflite::EnumNameBuiltinOptions(first));
    if (op.options_union == 2) CHECK(std::string(op.options_table) == tflite::EnumNameBuiltinOptions2(second));
  }
}

TEST_CASE("fields lie inside their struct, in schema order, without overlap") {
  for (const OpInfo& op : AllOps()) {
    size_t end = 0;
    uint16_t slot = 0;
    for (const FieldInfo& field : op.fields) {
      INFO(op.name << "." << field.name);
      const size_t size = ScalarSize(field.type) ? ScalarSize(field.type) : sizeof(Str);
      CHECK(field.struct_offset >= end);
      CHECK(field.slot > slot);
      end = field.struct_offset + size;
      slot = field.slot;
    }
    CHECK(end <= op.options_size);
  }
}

TEST_CASE("codes and names that do not exist are not found") {
  CHECK(FindOp(-1) == nullptr);
  CHECK(FindOp(static_cast<int32_t>(AllOps().size())) == nullptr);
  CHECK(FindOp(INT32_MAX) == nullptr);
  CHECK(FindOp(std::string_view("")) == nullptr);
  CHECK(FindOp(std::string_view("Add")) == nullptr);
  CHECK(FindOp(std::string_view("ZZZ")) == nullptr);
  CHECK(FindField(*FindOp(Builtin::CONV_2D), "stride_d") == nullptr);
}

TEST_CASE("the first runtime of an operator version") {
  CHECK(std::string(MinRuntime(*FindOp(Builtin::ADD), 2)) == "1.14.0");
  CHECK(MinRuntime(*FindOp(Builtin::ADD), 99) == nullptr);
  CHECK(MinRuntime(*FindOp(Builtin::BROADCAST_TO), 1) == nullptr);  // withdrawn
  CHECK(FindOp(Builtin::CUSTOM)->min_runtime.empty());
}

TEST_CASE("facts of single rows") {
  const OpInfo& conv = *FindOp(Builtin::CONV_2D);
  CHECK(conv.options_size == sizeof(Conv2D));
  const FieldInfo& dilation = *FindField(conv, "dilation_h_factor");
  CHECK(dilation.type == FieldType::kInt32);
  CHECK(dilation.default_int == 1);
  CHECK(dilation.slot == tflite::Conv2DOptions::VT_DILATION_H_FACTOR);
  CHECK(dilation.struct_offset == offsetof(Conv2DOptions, dilation_h_factor));
  CHECK(std::string(FindField(conv, "padding")->enum_name) == "Padding");
  CHECK(dilation.enum_name == nullptr);
  // Fields that the format has given up are hidden, and leave their slots empty.
  CHECK(FindField(*FindOp(Builtin::RESIZE_BILINEAR), "new_height") == nullptr);
  CHECK(FindField(*FindOp(Builtin::RESIZE_BILINEAR), "align_corners")->slot == 8);
}

TEST_CASE("operator structs name their fields and carry their code") {
  constexpr AveragePool2D pool{.padding = Padding::VALID, .stride_w = 2};
  static_assert(pool.kCode == Builtin::AVERAGE_POOL_2D && pool.stride_h == 0);
  static_assert(std::string_view(SpaceToBatchND::kName) == "SPACE_TO_BATCH_ND");
  static_assert(Add{}.pot_scale_int16 && Unique{}.idx_out_type == TensorType::INT32);
  static constexpr int32_t kShape[] = {2, -1};
  constexpr Reshape reshape{.new_shape = {kShape, 2}};
  static_assert(reshape.new_shape[1] == -1 && reshape.new_shape.end() - reshape.new_shape.begin() == 2);
}

}  // namespace
}  // namespace tflower::tfl
