// Recursive descent over the grammar that contracts.txt describes; emits postfix steps.
#include "contract_expr.h"

#include <cctype>
#include <string_view>

namespace tflower::gen {
namespace {

std::string Step(std::string_view code, int a = 0, int b = 0) {
  std::string out = "{C::" + std::string(code);
  if (a != 0 || b != 0) out += ", " + std::to_string(a);
  if (b != 0) out += ", " + std::to_string(b);
  return out + "}, ";
}
std::string Number(const std::string& text) { return "{C::kNumber, 0, 0, " + text + "}, "; }

class Compiler {
 public:
  Compiler(const std::string& text, const Names& names, const std::string& where) : text_(text), names_(names), where_(where) { Next(); }

  std::string All() {
    std::string out = Or();
    if (!token_.empty()) Fail("unexpected '" + token_ + "'");
    return out;
  }

 private:
  [[noreturn]] void Fail(const std::string& why) const { Die(where_ + ": " + why + " in \"" + text_ + "\""); }

  void Next() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
    const size_t begin = at_;
    const auto word = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '.'; };
    if (at_ < text_.size() && word(text_[at_])) {
      while (at_ < text_.size() && word(text_[at_])) ++at_;
    } else if (at_ < text_.size()) {
      ++at_;
      if (at_ < text_.size() && text_[at_] == '=' && std::string_view("=!<>").find(text_[begin]) != std::string_view::npos) ++at_;
    }
    token_ = text_.substr(begin, at_ - begin);
  }
  bool Take(std::string_view token) {
    if (token_ != token) return false;
    Next();
    return true;
  }
  void Expect(std::string_view token) {
    if (!Take(token)) Fail("expected '" + std::string(token) + "' before '" + token_ + "'");
  }

  std::string Or() {
    std::string out = And();
    while (Take("or")) out += And() + Step("kOr");
    return out;
  }
  std::string And() {
    std::string out = Not();
    while (Take("and")) out += Not() + Step("kAnd");
    return out;
  }
  std::string Not() {
    if (Take("not")) return Not() + Step("kNot");
    return Comparison();
  }
  std::string Comparison() {
    const std::string left = Sum();
    static const std::map<std::string, std::string> kOps = {{"==", "kEq"}, {"!=", "kNe"}, {"<", "kLt"}, {"<=", "kLe"}, {">", "kGt"}, {">=", "kGe"}};
    if (const auto op = kOps.find(token_); op != kOps.end()) {
      const std::string code = op->second;
      Next();
      return left + Sum() + Step(code);
    }
    if (!Take("in")) return left;
    if (Take("{")) return left + TypeSet();
    return Interval(left);
  }
  // x in [a, b], x in [a, b)
  std::string Interval(const std::string& x) {
    Expect("[");
    const std::string low = Sum();
    Expect(",");
    const std::string high = Sum();
    const bool closed = Take("]");
    if (!closed) Expect(")");
    return x + low + Step("kGe") + x + high + Step(closed ? "kLe" : "kLt") + Step("kAnd");
  }
  // type(x) in {i8 i16}
  std::string TypeSet() {
    uint64_t set = 0;
    while (!Take("}")) {
      const auto type = names_.types.find(token_);
      if (type == names_.types.end()) Fail("'" + token_ + "' is no type");
      for (const int t : type->second) set |= uint64_t{1} << t;
      Next();
    }
    return "{C::kInTypes, 0, 0, 0, " + std::to_string(set) + "ull}, ";
  }
  std::string Sum() {
    std::string out = Term();
    while (true) {
      if (Take("+")) out += Term() + Step("kAdd");
      else if (Take("-")) out += Term() + Step("kSub");
      else return out;
    }
  }
  std::string Term() {
    std::string out = Unary();
    while (true) {
      if (Take("*")) out += Unary() + Step("kMul");
      else if (Take("/")) out += Unary() + Step("kDiv");
      else if (Take("%")) out += Unary() + Step("kMod");
      else return out;
    }
  }
  std::string Unary() {
    if (Take("-")) return Unary() + Step("kNeg");
    return Primary();
  }
  std::string Primary() {
    if (Take("(")) {
      const std::string out = Or();
      Expect(")");
      return out;
    }
    const std::string name = token_;
    if (name.empty()) Fail("ends too early");
    Next();
    if (std::isdigit(static_cast<unsigned char>(name[0])) != 0) return Number(name);
    if (Take("(")) return Function(name);
    if (name == "inputs") return Step("kInputs");
    if (name == "outputs") return Step("kOutputs");
    if (const int option = OptionIndex(name); option >= 0) return Step("kOption", option);
    if (const auto type = names_.types.find(name); type != names_.types.end() && type->second.size() == 1) return Number(std::to_string(type->second[0]));
    return Number(EnumValue(name));
  }

  std::string Function(const std::string& name) {
    static const std::map<std::string, std::string> kOfOne = {{"rank", "kRank"}, {"count", "kCount"}, {"value", "kValue"}, {"each", "kEach"},
                                                              {"present", "kPresent"}, {"quantized", "kQuantized"}, {"scales", "kScales"}, {"scale", "kScale"}};
    static const std::map<std::string, std::string> kOfTwo = {{"same_shape", "kSameShape"}, {"broadcast", "kBroadcast"}};
    std::string out;
    if (name == "max") {
      out = Sum();
      Expect(",");
      out += Sum() + Step("kMax");
    } else if (name == "dim") {
      const int operand = Operand();
      Expect(",");
      out = Sum() + Step("kDim", operand);
    } else if (name == "each" && OptionIndex(token_) >= 0) {
      out = Step("kEachOfOption", Option());
    } else if (name == "type") {
      out = Type();
    } else if (const auto one = kOfOne.find(name); one != kOfOne.end()) {
      out = Step(one->second, Operand());
    } else if (const auto two = kOfTwo.find(name); two != kOfTwo.end()) {
      const int a = Operand();
      Expect(",");
      out = Step(two->second, a, Operand());
    } else {
      Fail("there is no function '" + name + "'");
    }
    Expect(")");
    return out;
  }

  // type(x), and type(x, 0) of the first of a repeated operand
  std::string Type() {
    const int operand = Operand();
    if (!Take(",")) return Step("kType", operand);
    const std::string which = token_;
    if (which.empty() || which.size() > 2 || which.find_first_not_of("0123456789") != std::string::npos) Fail("expected a number before '" + which + "'");
    Next();
    return Step("kTypeAt", operand, std::stoi(which));
  }
  int Operand() {
    const auto found = names_.operands.find(token_);
    if (found == names_.operands.end()) Fail("'" + token_ + "' is no operand");
    Next();
    return found->second;
  }
  int OptionIndex(const std::string& name) const {
    if (names_.options == nullptr) return -1;
    for (size_t i = 0; i < names_.options->size(); ++i)
      if ((*names_.options)[i].name == name) return static_cast<int>(i);
    return -1;
  }
  int Option() {
    const int option = OptionIndex(token_);
    if (option < 0) Fail("'" + token_ + "' is no option");
    Next();
    return option;
  }
  // A value of one of the enums that the operator's options have.
  std::string EnumValue(const std::string& name) const {
    if (names_.options != nullptr) {
      for (const Field& field : *names_.options)
        for (const EnumType& type : *names_.enums)
          if (type.name == field.enum_name)
            for (const auto& [value, number] : type.values)
              if (value == name) return std::to_string(number);
    }
    Fail("'" + name + "' is neither an option nor a type nor a value of an option");
  }

  const std::string& text_;
  const Names& names_;
  const std::string& where_;
  std::string token_;
  size_t at_ = 0;
};

}  // namespace

std::string CompileExpression(const std::string& text, const Names& names, const std::string& where) { return Compiler(text, names, where).All(); }

}  // namespace tflower::gen
