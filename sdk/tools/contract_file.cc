// contracts.txt, line by line: sets of types, paragraphs of operators, and their rules. The file's head describes the form.
#include "contract_file.h"

#include <cctype>
#include <fstream>
#include <map>
#include <sstream>

#include "contract_expr.h"

namespace tflower::gen {
namespace {

constexpr int kFirstOutput = 64;

struct Operand {
  std::string name, types;
  bool optional = false, repeated = false;
};
struct Rule {
  std::string text, steps;
  int version = 0;  // of results: which
};
struct Contract {
  std::vector<Operand> inputs, outputs;
  std::vector<Rule> requirements, versions, results;
};

std::vector<std::string> Words(const std::string& text) {
  std::istringstream in(text);
  std::vector<std::string> out;
  for (std::string word; in >> word;) out.push_back(word);
  return out;
}
std::string Trimmed(const std::string& text) {
  const size_t begin = text.find_first_not_of(' '), end = text.find_last_not_of(' ');
  return begin == std::string::npos ? "" : text.substr(begin, end - begin + 1);
}

class Reader {
 public:
  Reader(const std::string& path, const Schema& schema) : path_(path), schema_(schema) {
    static const char* const kTypes[] = {"f32", "f16", "i32", "u8", "i64", "string", "bool", "i16", "c64", "i8", "f64", "c128",
                                         "u64", "resource", "variant", "u32", "u16", "i4", "bf16", "i2", "u4", "f8e4", "f8e5"};
    for (int i = 0; i < 23; ++i) types_[kTypes[i]] = {i};
  }

  std::map<int, Contract> Read() {
    std::ifstream in(path_);
    if (!in) Die("cannot open " + path_);
    for (std::string line; std::getline(in, line);) {
      ++number_;
      if (const size_t comment = line.find('#'); comment != std::string::npos) line.resize(comment);
      if (Trimmed(line).empty()) continue;
      if (line[0] == ' ') RuleLine(Trimmed(line));
      else if (line.rfind("set ", 0) == 0) SetLine(line);
      else HeadLine(line);
    }
    return std::move(contracts_);
  }

 private:
  std::string Where() const { return path_ + ":" + std::to_string(number_); }
  [[noreturn]] void Fail(const std::string& why) const { Die(Where() + ": " + why); }

  std::vector<int> TypesOf(const std::vector<std::string>& words, size_t begin) const {
    std::vector<int> out;
    for (size_t i = begin; i < words.size(); ++i) {
      const auto found = types_.find(words[i]);
      if (found == types_.end()) Fail("'" + words[i] + "' is no type");
      out.insert(out.end(), found->second.begin(), found->second.end());
    }
    return out;
  }

  // set index = i32 i64
  void SetLine(const std::string& line) {
    const auto words = Words(line);
    if (words.size() < 4 || words[2] != "=") Fail("a set is: set NAME = TYPE...");
    types_[words[1]] = TypesOf(words, 3);
  }

  // ADD SUB  lhs rhs -> output, or only names of operators that have had their operands
  void HeadLine(const std::string& line) {
    current_.clear();
    std::vector<Operand> inputs, outputs;
    bool results = false;
    for (const std::string& word : Words(line)) {
      if (std::isupper(static_cast<unsigned char>(word[0])) != 0) current_.push_back(Code(word));
      else if (word == "->") results = true;
      else (results ? outputs : inputs).push_back(OperandOf(word));
    }
    if (current_.empty()) Fail("begins with no operator");
    for (const int code : current_) {
      const bool known = contracts_.count(code) != 0;
      const bool has_operands = line.find("->") != std::string::npos;
      if (known == has_operands) Fail(known ? "the operands of an operator are given twice" : "the operator's operands are not given");
      if (!known) contracts_[code] = {inputs, outputs, {}, {}, {}};
    }
  }
  // bias? values* operands~
  static Operand OperandOf(std::string word) {
    Operand out;
    if (word.back() == '~') out.optional = out.repeated = true, word.pop_back();
    else if (word.back() == '*') out.repeated = true, word.pop_back();
    else if (word.back() == '?') out.optional = true, word.pop_back();
    out.name = word;
    return out;
  }
  int Code(const std::string& name) const {
    for (const Operator& op : schema_.operators)
      if (op.name == name) return op.code;
    Fail("the schema has no operator " + name);
  }

  void RuleLine(const std::string& line) {
    if (current_.empty()) Fail("a rule before any operator");
    const std::string word = line.substr(0, line.find(' '));
    const std::string rest = line.size() > word.size() ? Trimmed(line.substr(word.size())) : "";
    for (const int code : current_) {
      if (word == "types") Types(contracts_[code], rest);
      else if (word == "require") contracts_[code].requirements.push_back({rest, Compile(code, rest), 0});
      else if (word == "version") Version(code, rest);
      else if (word == "gives") Result(code, rest);
      else Fail("'" + word + "' is neither types nor require nor version nor gives");
    }
  }
  // types input output: f32 i8
  void Types(Contract& contract, const std::string& text) {
    const size_t colon = text.find(':');
    if (colon == std::string::npos) Fail("types are: types OPERAND...: TYPE...");
    uint64_t set = 0;
    for (const int t : TypesOf(Words(text.substr(colon + 1)), 0)) set |= uint64_t{1} << t;
    for (const std::string& name : Words(text.substr(0, colon))) {
      Operand* found = nullptr;
      for (auto* list : {&contract.inputs, &contract.outputs})
        for (Operand& operand : *list)
          if (operand.name == name) found = &operand;
      if (found == nullptr) Fail("'" + name + "' is no operand");
      found->types = std::to_string(set) + "ull";
    }
  }
  // version 2 if type(input) == i8, or only: version 2
  void Version(int code, const std::string& text) {
    const auto words = Words(text);
    const size_t condition = text.find(" if ");
    Rule rule{text, condition == std::string::npos ? "" : Compile(code, Trimmed(text.substr(condition + 4))), std::stoi(words.at(0))};
    if (condition != std::string::npos) rule.text = Trimmed(text.substr(condition + 4));
    contracts_[code].versions.push_back(rule);
  }

  // gives output: type(lhs)
  void Result(int code, const std::string& text) {
    const size_t colon = text.find(':');
    if (colon == std::string::npos) Fail("a result's type is: gives OUTPUT...: EXPRESSION");
    const std::string type = Trimmed(text.substr(colon + 1));
    const std::vector<Operand>& outputs = contracts_[code].outputs;
    for (const std::string& name : Words(text.substr(0, colon))) {
      size_t i = 0;
      while (i < outputs.size() && outputs[i].name != name) ++i;
      if (i == outputs.size()) Fail("'" + name + "' is no result");
      contracts_[code].results.push_back({type, Compile(code, type), static_cast<int>(i)});
    }
  }

  std::string Compile(int code, const std::string& text) {
    Names names;
    const Contract& contract = contracts_[code];
    for (size_t i = 0; i < contract.inputs.size(); ++i) names.operands[contract.inputs[i].name] = static_cast<int>(i);
    for (size_t i = 0; i < contract.outputs.size(); ++i) names.operands[contract.outputs[i].name] = kFirstOutput + static_cast<int>(i);
    const std::string& table = schema_.operators[static_cast<size_t>(code)].table;
    for (const Table& candidate : schema_.tables)
      if (candidate.name == table) names.options = &candidate.fields;
    names.enums = &schema_.enums;
    names.types = types_;
    return CompileExpression(text, names, Where());
  }

  const std::string& path_;
  const Schema& schema_;
  int number_ = 0;
  std::map<std::string, std::vector<int>> types_;
  std::vector<int> current_;
  std::map<int, Contract> contracts_;
};

std::string Flag(bool flag) { return flag ? "true" : "false"; }

std::string WriteOperands(const std::string& name, const std::vector<Operand>& operands) {
  if (operands.empty()) return "";
  std::string out = "constexpr OperandRule " + name + "[] = {\n";
  for (const Operand& o : operands)
    out += "    {\"" + o.name + "\", " + (o.types.empty() ? "0" : o.types) + ", " + Flag(o.optional) + ", " + Flag(o.repeated) + "},\n";
  return out + "};\n";
}

// result: of ResultRule, else of Rule.
std::string WriteRules(const std::string& name, const std::vector<Rule>& rules, bool result = false) {
  if (rules.empty()) return "";
  std::string steps, rows = "constexpr " + std::string(result ? "ResultRule " : "Rule ") + name + "[] = {\n";
  for (size_t i = 0; i < rules.size(); ++i) {
    const std::string own = name + "_" + std::to_string(i);
    if (!rules[i].steps.empty()) steps += "constexpr Step " + own + "[] = {" + rules[i].steps + "};\n";
    const std::string text = "\"" + rules[i].text + "\"", number = std::to_string(rules[i].version);
    rows += "    {" + (result ? number + ", " + text : text + ", " + number) + ", " + (rules[i].steps.empty() ? "{}" : own) + "},\n";
  }
  return steps + rows + "};\n";
}

}  // namespace

std::string WriteContracts(const std::string& path, const Schema& schema) {
  std::string out = "// Generated by gen_tfl_ops from sdk/schema/contracts.txt; do not edit.\n", rows;
  const std::map<int, Contract> contracts = Reader(path, schema).Read();
  for (const Operator& op : schema.operators) {
    const auto found = contracts.find(op.code);
    if (found == contracts.end()) {
      rows += "    {},\n";
      continue;
    }
    const Contract& c = found->second;
    const std::string id = std::to_string(op.code);
    out += "// " + op.name + "\n" + WriteOperands("kInputs" + id, c.inputs) + WriteOperands("kOutputs" + id, c.outputs) + WriteRules("kRequire" + id, c.requirements) +
           WriteRules("kVersion" + id, c.versions) + WriteRules("kResult" + id, c.results, true);
    const auto list = [](bool empty, const std::string& name) { return empty ? std::string("{}") : name; };
    int low = 1, high = op.min_runtime.empty() ? 1 : op.min_runtime.back().first;
    for (const Rule& rule : c.versions)
      if (rule.steps.empty()) low = rule.version;
    rows += "    {" + list(c.inputs.empty(), "kInputs" + id) + ", " + list(c.outputs.empty(), "kOutputs" + id) + ", " + list(c.requirements.empty(), "kRequire" + id) + ", " +
            list(c.versions.empty(), "kVersion" + id) + ", " + list(c.results.empty(), "kResult" + id) + ", " + std::to_string(low) + ", " + std::to_string(high) + "},\n";
  }
  return out + "constexpr Contract kContracts[] = {\n" + rows + "};\n";
}

}  // namespace tflower::gen
