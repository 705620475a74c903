// Options structs to and from flatbuffers tables, for any TFLite operator, driven by its row of the operator table.
//
// `options` is always the options struct of the row (tfl::Conv2DOptions, or the operator struct tfl::Conv2D, which has
// the same layout): op.options_size bytes, aligned for it. Operators without an options table are allowed everywhere
// and do nothing. No function here fails. Thread-safe, except that a builder serves one thread.
#pragma once

#include <flatbuffers/flatbuffers.h>

#include "sdk/schema/op_table.h"

namespace tflite {
struct Operator;  // schema_generated.h
}

namespace tflower::tfl {

// The options table of an operator of a verified model whose code is op.code. Null if the operator carries none, or a
// table of another kind: like TFLite's runtime, readers then take the defaults.
const flatbuffers::Table* OptionsTable(const OpInfo& op, const tflite::Operator& from);

// Fills the struct with the schema's defaults; vectors and strings become empty.
void DefaultOptions(const OpInfo& op, void* options);

// Fills the struct from a table that a flatbuffers verifier has accepted as op.options_table; null gives the defaults.
// Vectors and strings are borrowed from the table's bytes, absent ones are empty. Enum fields keep values that the
// schema does not have: whoever switches on one must expect them.
void ReadOptions(const OpInfo& op, const flatbuffers::Table* table, void* options);

// Writes the struct as a finished table and returns its offset, for Operator.builtin_options or builtin_options_2;
// 0 if the operator has no options table. Fields that have the default's value, and empty vectors and strings, are
// omitted. No table or vector of the builder may be open.
flatbuffers::uoffset_t WriteOptions(flatbuffers::FlatBufferBuilder& builder, const OpInfo& op, const void* options);

}  // namespace tflower::tfl
