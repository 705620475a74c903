// Lists of tensors: what unrolled writes leave, and what is refused.
#include "convert_support.h"

namespace tflower {
namespace {

using namespace convert_test;

std::string Type(std::string name, std::string type) { return "attr { key: '" + name + "' value { type: " + type + " } } "; }
// An op on lists of floats.
std::string ListOp(std::string name, std::string op, std::vector<std::string> inputs, std::string attrs = Type("element_dtype", "DT_FLOAT")) {
  std::string text = "node { name: '" + name + "' op: '" + op + "' ";
  for (const std::string& in : inputs) text += "input: '" + in + "' ";
  return text + attrs + "}\n";
}
const std::string kX = Placeholder("x", {-1, 3});
const std::string kAnyShape = Ints("any", {}, {-1});
std::string Number(int n) { return Ints("n" + std::to_string(n), {}, {n}); }
std::string Numbers(int n) { return n < 0 ? "" : Numbers(n - 1) + Number(n); }
std::string NewList() { return kAnyShape + Numbers(4) + ListOp("list", "TensorListReserve", {"any", "n3"}); }
std::string Write(std::string name, std::string list, int index, std::string item) {
  return ListOp(name, "TensorListSetItem", {list, "n" + std::to_string(index), item});
}
std::string Stack(std::string list) { return ListOp("y", "TensorListStack", {list, "any"}); }

std::string FirstError(const Converted& c) {
  REQUIRE(!c.report.ok());
  return c.failures.errors.empty() ? c.report.error().ToString() : c.failures.errors[0].ToString();
}
void CheckRefused(const std::string& graph, const std::string& why) {
  Workspace w;
  const std::string error = FirstError(w.Convert(graph));
  CHECK_MESSAGE(error.find(why) != std::string::npos, error);
}

}  // namespace

TEST_CASE("lists: writes of all elements in a row become one PACK") {
  Workspace w;
  const Converted c = w.Good(kX + Node("a", "Neg", {"x"}) + Node("b", "Abs", {"x"}) + NewList() + Write("w0", "list", 0, "x") + Write("w1", "w0", 1, "a") +
                             Write("w2", "w1", 2, "b") + Stack("w2"));
  CHECK(c.Operators() == Count{{"NEG", 1}, {"ABS", 1}, {"PACK", 1}});
  for (const char* rule : {"neighbouring-updates", "update-of-everything"}) CHECK(c.report.value().rules.count(rule) == 1);
  CHECK(c.Run({1, 3}, {1, -2, 3}) == std::vector<float>{1, -2, 3, -1, 2, -3, 1, 2, 3});
}

TEST_CASE("lists: elements that nobody writes are zeros") {
  Workspace w;
  const Converted c = w.Good(kX + NewList() + Write("w2", "list", 2, "x") + Stack("w2"));
  CHECK(c.report.value().rules.count("pack-of-one") == 1);
  CHECK(c.Run({1, 3}, {1, 2, 3}) == std::vector<float>{0, 0, 0, 0, 0, 0, 1, 2, 3});
}

TEST_CASE("lists: refusals say why") {
  CheckRefused(kX + NewList() + Write("w", "list", 3, "x") + Stack("w"), "index 3 is out of range for a list of 3");
  CheckRefused(kX + Floats("other", {2}, {1, 2}) + NewList() + Write("w", "list", 0, "x") + Write("v", "w", 1, "other") + Stack("v"), "must have the same shape");
  CheckRefused(kX + NewList() + Stack("list"), "the shape of the list's elements is not known before one is written");
  CheckRefused(kX + kAnyShape + Number(3) + ListOp("list", "TensorListReserve", {"any", "n3"}, Type("element_dtype", "DT_VARIANT")) +
                   ListOp("y", "TensorListLength", {"list"}, ""),
               "lists of lists have no counterpart");
  CheckRefused(kX + NewList() + Node("y", "Neg", {"list"}), "is a list of tensors, where a tensor is needed");
  CheckRefused(kX + kAnyShape + ListOp("y", "TensorListStack", {"x", "any"}), "is a tensor, where a list of tensors is needed");
}

}  // namespace tflower
