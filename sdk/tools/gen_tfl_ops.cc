// gen_tfl_ops SCHEMA.bfbs OPERATORS.csv TFL_OPS.h TFL_OP_TABLE.inc
// Build step: writes the options structs that lowerings fill, and the table by which the host reads and writes them.
#include <fstream>

#include "schema_model.h"

namespace {

void WriteFile(const char* path, const std::string& text) {
  std::ofstream out(path, std::ios::binary);
  out << text;
  if (!out.flush()) tflower::gen::Die(std::string("cannot write ") + path);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) tflower::gen::Die("usage: gen_tfl_ops SCHEMA.bfbs OPERATORS.csv TFL_OPS.h TFL_OP_TABLE.inc");
  const tflower::gen::Schema schema = tflower::gen::ReadSchema(argv[1], argv[2]);
  WriteFile(argv[3], tflower::gen::WriteHeader(schema));
  WriteFile(argv[4], tflower::gen::WriteTable(schema));
  return 0;
}
