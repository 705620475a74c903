// gen_tfl_ops SCHEMA.bfbs OPERATORS.csv CONTRACTS.txt TFL_OPS.h TFL_OP_TABLE.inc TFL_CONTRACTS.inc
// Build step: writes the options structs that lowerings fill, the table by which the host reads and writes them, and what operators demand.
#include <fstream>
#include <sstream>

#include "contract_file.h"
#include "schema_model.h"

namespace {

// A file that holds the text already keeps its time: a change of contracts compiles nothing that does not read them.
void WriteFile(const char* path, const std::string& text) {
  std::ostringstream old;
  old << std::ifstream(path, std::ios::binary).rdbuf();
  if (old.str() == text) return;
  std::ofstream out(path, std::ios::binary);
  out << text;
  if (!out.flush()) tflower::gen::Die(std::string("cannot write ") + path);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 7) tflower::gen::Die("usage: gen_tfl_ops SCHEMA.bfbs OPERATORS.csv CONTRACTS.txt TFL_OPS.h TFL_OP_TABLE.inc TFL_CONTRACTS.inc");
  const tflower::gen::Schema schema = tflower::gen::ReadSchema(argv[1], argv[2]);
  WriteFile(argv[4], tflower::gen::WriteHeader(schema));
  WriteFile(argv[5], tflower::gen::WriteTable(schema));
  WriteFile(argv[6], tflower::gen::WriteContracts(argv[3], schema));
  return 0;
}
