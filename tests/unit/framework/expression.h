// Small TensorFlow graphs written as expressions, for tests of rewrite rules:
//
//   "Minimum(Relu(x), 6)"    "s = Sub(x, [1, 2, 3]); Mul(s, s)"    "Sum(x, i[1]){keep_dims=true}"    "Split(i1, x){num_split=3}:1"
//
// x, y...: placeholders. 6: float scalar; i6: int32; [..], i[..]: vectors; true, false; w2x3: float weights of that shape, the same in every run. The
// types of attributes come from the operands. Errors in a text end the test.
#pragma once

#include <cctype>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "convert_support.h"

namespace tflower::convert_test {

class Expression {
 public:
  // Placeholders: name -> dims, float; -1 = unknown.
  explicit Expression(const std::map<std::string, std::vector<int64_t>>& inputs) {
    for (const auto& [name, dims] : inputs) {
      text_ += Placeholder(name, dims);
      names_[name] = {name, "DT_FLOAT"};
    }
  }

  // The graph as GraphDef text; its output is the last node.
  std::string Graph(std::string_view text) {
    rest_ = text;
    for (;;) {
      const Term term = Parse();
      const std::string name = last_word_;
      if (Eat('=')) names_[name] = Parse();
      else output_ = term;
      if (!Eat(';')) break;
    }
    REQUIRE_MESSAGE(rest_.empty(), "left over: " << rest_);
    return text_;
  }
  bool is_float() const { return output_.type == "DT_FLOAT"; }

 private:
  struct Term {
    std::string name, type;
  };

  void Space() { while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_[0]))) rest_.remove_prefix(1); }
  bool Eat(char c) {
    Space();
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    Space();
    return true;
  }
  std::string Word(std::string_view more) {
    size_t n = 0;
    while (n < rest_.size() && (std::isalnum(static_cast<unsigned char>(rest_[n])) || more.find(rest_[n]) != std::string_view::npos)) ++n;
    const std::string word(rest_.substr(0, n));
    rest_.remove_prefix(n);
    Space();
    return word;
  }
  std::string NewName() { return "n" + std::to_string(++count_); }

  // "1, 2]" behind the bracket, or one number.
  std::vector<double> Numbers(bool list) {
    std::vector<double> out;
    do {
      const std::string number = Word("-.+");
      if (!number.empty()) out.push_back(std::stod(number));
    } while (list && Eat(','));
    if (list) REQUIRE(Eat(']'));
    return out;
  }
  Term Constant(bool integer) {
    const bool list = Eat('[');
    const std::vector<double> numbers = Numbers(list);
    std::vector<int64_t> dims;
    if (list) dims.push_back(static_cast<int64_t>(numbers.size()));
    const std::string name = NewName();
    if (integer) text_ += Ints(name, dims, {numbers.begin(), numbers.end()});
    else text_ += Floats(name, dims, {numbers.begin(), numbers.end()});
    return {name, integer ? "DT_INT32" : "DT_FLOAT"};
  }
  Term Truth(bool value) {
    const std::string name = NewName();
    text_ += "node { name: '" + name + "' op: 'Const' attr { key: 'dtype' value { type: DT_BOOL } } attr { key: 'value' value { tensor { dtype: DT_BOOL tensor_shape { } bool_val: " +
             (value ? "true" : "false") + " } } } }\n";
    return {name, "DT_BOOL"};
  }
  Term Weights(std::string_view shape) {
    std::vector<int64_t> dims;
    size_t n = 1;
    for (size_t at = 0; at < shape.size(); at = std::min(shape.find('x', at), shape.size() - 1) + 1) {
      dims.push_back(std::stoll(std::string(shape.substr(at))));
      n *= static_cast<size_t>(dims.back());
    }
    std::vector<float> values(n);
    for (size_t i = 0; i < n; ++i) values[i] = static_cast<float>(static_cast<int>(i * 7 % 11) - 5) / 4;
    const std::string name = NewName();
    text_ += Floats(name, dims, values);
    return {name, "DT_FLOAT"};
  }

  Term Parse() {
    Space();
    if (rest_.starts_with('[') || rest_.starts_with('-') || (!rest_.empty() && std::isdigit(static_cast<unsigned char>(rest_[0])))) return Constant(false);
    if (rest_.size() > 1 && rest_[0] == 'i' && (rest_[1] == '[' || rest_[1] == '-' || std::isdigit(static_cast<unsigned char>(rest_[1])))) {
      rest_.remove_prefix(1);
      return Constant(true);
    }
    if (rest_.size() > 1 && rest_[0] == 'w' && std::isdigit(static_cast<unsigned char>(rest_[1]))) {
      rest_.remove_prefix(1);
      return Weights(Word("x"));
    }
    const std::string word = last_word_ = Word("_");
    if (word == "true" || word == "false") return Truth(word == "true");
    Term term = Eat('(') ? Call(word) : names_.contains(word) ? names_.at(word) : Term{};
    if (Eat(':')) term.name += ":" + Word("");
    last_word_ = word;
    return term;
  }

  static std::string TypeAttr(const std::string& name, const std::string& type) { return "attr { key: '" + name + "' value { type: " + type + " } } "; }
  // keep_dims=true  k=3  padding=SAME  strides=1,2  DstT=DT_INT32
  static std::string Attr(const std::string& name, const std::string& value) {
    std::string v;
    if (value == "true" || value == "false") v = "b: " + value;
    else if (value.starts_with("DT_")) v = "type: " + value;
    else if (value.find('.') != std::string::npos) v = "f: " + value;
    else if (value.find(',') != std::string::npos) {
      v = "list { ";
      for (size_t at = 0; at < value.size(); at = std::min(value.find(',', at), value.size() - 1) + 1) v += "i: " + std::to_string(std::stoll(value.substr(at))) + " ";
      v += "}";
    } else if (std::isdigit(static_cast<unsigned char>(value[0])) || value[0] == '-') v = "i: " + value;
    else v = "s: '" + value + "'";
    return "attr { key: '" + name + "' value { " + v + " } } ";
  }

  Term Call(const std::string& op) {
    std::vector<Term> args;
    while (!Eat(')')) {
      args.push_back(Parse());
      Eat(',');
    }
    std::map<std::string, std::string> given;
    if (Eat('{'))
      while (!Eat('}')) {
        const std::string key = Word("_");
        REQUIRE(Eat('='));
        given[key] = Word("_,.-");
      }
    const auto type = [&](size_t i) { return i < args.size() ? args[i].type : std::string("DT_INT32"); };
    // The type attributes of an op, by operand; everything that is not here has T, of its first operand.
    static const std::map<std::string, std::vector<std::pair<std::string, size_t>>> kTypes = {
        {"LogicalAnd", {}}, {"LogicalOr", {}}, {"LogicalNot", {}}, {"Cast", {{"SrcT", 0}}}, {"Any", {{"Tidx", 1}}}, {"All", {{"Tidx", 1}}},
        {"Sum", {{"T", 0}, {"Tidx", 1}}}, {"Mean", {{"T", 0}, {"Tidx", 1}}}, {"Max", {{"T", 0}, {"Tidx", 1}}}, {"Min", {{"T", 0}, {"Tidx", 1}}},
        {"Prod", {{"T", 0}, {"Tidx", 1}}}, {"Reshape", {{"T", 0}, {"Tshape", 1}}}, {"Transpose", {{"T", 0}, {"Tperm", 1}}}, {"Pad", {{"T", 0}, {"Tpaddings", 1}}},
        {"PadV2", {{"T", 0}, {"Tpaddings", 1}}}, {"Slice", {{"T", 0}, {"Index", 1}}}, {"StridedSlice", {{"T", 0}, {"Index", 1}}}, {"Tile", {{"T", 0}, {"Tmultiples", 1}}},
        {"BroadcastTo", {{"T", 0}, {"Tidx", 1}}}, {"GatherV2", {{"Tparams", 0}, {"Tindices", 1}, {"Taxis", 2}}}, {"GatherNd", {{"Tparams", 0}, {"Tindices", 1}}},
        {"ScatterNd", {{"Tindices", 0}, {"T", 1}}}, {"OneHot", {{"TI", 0}, {"T", 2}}}, {"ReverseV2", {{"T", 0}, {"Tidx", 1}}}, {"Cumsum", {{"T", 0}, {"Tidx", 1}}},
        {"ExpandDims", {{"T", 0}, {"Tdim", 1}}}, {"ArgMax", {{"T", 0}, {"Tidx", 1}}}, {"ArgMin", {{"T", 0}, {"Tidx", 1}}}, {"Split", {{"T", 1}}}, {"SplitV", {{"T", 0}, {"Tlen", 1}}},
        {"ConcatV2", {{"T", 0}}}, {"SelectV2", {{"T", 1}}}, {"Select", {{"T", 1}}}, {"Fill", {{"T", 1}, {"index_type", 0}}}, {"Shape", {{"T", 0}}},
        {"SpaceToBatchND", {{"T", 0}, {"Tblock_shape", 1}, {"Tpaddings", 2}}}, {"BatchToSpaceND", {{"T", 0}, {"Tblock_shape", 1}, {"Tcrops", 2}}},
        {"Conv2DBackpropInput", {{"T", 1}}}, {"FakeQuantWithMinMaxArgs", {}}};
    std::string attrs;
    const auto types = kTypes.find(op);
    if (types == kTypes.end()) attrs += TypeAttr("T", type(0));
    else for (const auto& [name, operand] : types->second) attrs += TypeAttr(name, type(operand));
    if (op == "ConcatV2") attrs += Attr("N", std::to_string(args.size() - 1)) + TypeAttr("Tidx", "DT_INT32");
    if (op == "Pack" || op == "AddN") attrs += Attr("N", std::to_string(args.size()));
    for (const auto& [key, value] : given) attrs += Attr(key, value);
    const std::string name = NewName();
    text_ += "node { name: '" + name + "' op: '" + op + "' ";
    for (const Term& a : args) text_ += "input: '" + a.name + "' ";
    text_ += attrs + "}\n";
    static const std::string kTruths = " Equal NotEqual Less LessEqual Greater GreaterEqual ";
    std::string out = type(op == "SelectV2" || op == "Select" || op == "Split" || op == "Fill" || op == "ScatterNd" || op == "Conv2DBackpropInput" ? 1 : op == "OneHot" ? 2 : 0);
    if (kTruths.find(" " + op + " ") != std::string::npos) out = "DT_BOOL";
    if (op == "ArgMax" || op == "ArgMin") out = "DT_INT64";
    if (op == "Shape") out = "DT_INT32";
    if (given.contains("DstT")) out = given.at("DstT");
    return {name, out};
  }

  std::string_view rest_;
  std::string text_, last_word_;
  std::map<std::string, Term> names_;
  Term output_;
  int count_ = 0;
};

}  // namespace tflower::convert_test
