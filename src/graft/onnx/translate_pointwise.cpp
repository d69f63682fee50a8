#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "graft/onnx/translate.h"

namespace graft::onnx {
namespace {

bool near(float a, double b) { return std::abs(static_cast<double>(a) - b) <= 1e-5 * std::abs(b); }

/// x, then `op` with `number`, is a step of a pattern.
struct Step {
  Form from;
  char op;  // '+' or '*'
  double number;
  Form to;
};
constexpr Step kSteps[] = {
    {Form::plain, '+', 3, Form::plus_three},
    {Form::plain, '*', 0.5, Form::half},
    {Form::plain, '*', 1 / std::numbers::sqrt2, Form::over_root_two},
    {Form::erf, '+', 1, Form::one_plus_erf},
    {Form::one_plus_erf, '*', 0.5, Form::half_one_plus_erf},
};

/// ... or its end.
struct End {
  Form from;
  double factor;
  graph::Function function;
};
constexpr End kEnds[] = {
    {Form::clipped_plus_three, 1.0 / 6, graph::Function::hard_sigmoid},
    {Form::six_hard_swish, 1.0 / 6, graph::Function::hard_swish},
    {Form::x_one_plus_erf, 0.5, graph::Function::gelu},
};

}  // namespace

void Translation::activation(const NodeProto& node, graph::Function function) {
  bool channels_last = false;
  const graph::Value x = any_order(node, 0, channels_last);
  give(node, graph::activate(function, x), channels_last);
}

void Translation::gelu(const NodeProto& node) {
  const AttributeProto* approximate = node.find("approximate");
  require(node, approximate == nullptr || approximate->s == "none", "approximated by tanh");
  activation(node, graph::Function::gelu);
}

void Translation::hard_sigmoid(const NodeProto& node) {
  require(node, near(node.real("alpha", 0.2F), 1.0 / 6) && near(node.real("beta", 0.5F), 0.5), "alpha other than 1/6 or beta other than 1/2");
  activation(node, graph::Function::hard_sigmoid);
}

/// Clip with its bounds as attributes or inputs; Min and Max with a number are half of one.
void Translation::clip(const NodeProto& node) {
  const auto input = [&](std::size_t i, float otherwise) {
    if (node.inputs.size() <= i || node.inputs[i].empty()) return otherwise;
    const auto number = scalar(node.inputs[i]);
    require(node, number.has_value(), "computed bounds");
    return *number;
  };
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  if (node.type == "Min" || node.type == "Max") {
    require(node, node.inputs.size() == 2, "expected two inputs");
    const float bound = input(1, 0);
    return node.type == "Min" ? bounded(node, -kInfinity, bound) : bounded(node, bound, kInfinity);
  }
  bounded(node, input(1, node.real("min", -kInfinity)), input(2, node.real("max", kInfinity)));
}

void Translation::bounded(const NodeProto& node, float low, float high) {
  const Known* x = known(node.inputs[0]);
  if (low == 0 && high == 6 && x != nullptr && x->form == Form::plus_three) return give(node, {x->node, Form::clipped_plus_three, x->channels_last});
  constexpr float kHuge = 1e30F;
  if (low == 0 && high == 6) return activation(node, graph::Function::relu6);
  if (low == 0 && high > kHuge) return activation(node, graph::Function::relu);
  bool channels_last = false;
  const graph::Value value = any_order(node, 0, channels_last);
  const graph::Node& before = graph_.nodes[static_cast<std::size_t>(value.node)];
  const auto* relu = std::get_if<graph::Activation>(&before.op);
  require(node, high == 6 && low < 0 && relu != nullptr && relu->function == graph::Function::relu, fmt::format("bounds of {} and {}", low, high));
  give(node, graph::relu6(at(before.inputs[0])), channels_last);
}

void Translation::erf(const NodeProto& node) {
  const Known* x = known(node.inputs[0]);
  require(node, x != nullptr && x->form == Form::over_root_two, "not part of a GELU");
  give(node, {x->node, Form::erf, x->channels_last});
}

/// Add, Sub, Mul and Div: of two values, or of one and a number.
void Translation::arithmetic(const NodeProto& node) {
  require(node, node.inputs.size() == 2, "expected two inputs");
  const bool sum = node.type == "Add" || node.type == "Sub", inverse = node.type == "Sub" || node.type == "Div";
  for (const std::size_t i : {std::size_t{1}, std::size_t{0}}) {
    const auto number = scalar(node.inputs[i]);
    if (!number || (inverse && i == 0)) continue;
    const float amount = !inverse ? *number : sum ? -*number : 1 / *number;
    const Known* x = known(node.inputs[1 - i]);
    if (x == nullptr || x->node < 0) continue;
    for (const Step& step : kSteps)
      if (x->form == step.from && step.op == (sum ? '+' : '*') && near(amount, step.number)) return give(node, {x->node, step.to, x->channels_last});
    for (const End& end : kEnds)
      if (!sum && x->form == end.from && near(amount, end.factor)) return give(node, graph::activate(end.function, at(x->node)), x->channels_last);
  }
  require(node, !inverse, "operator " + std::string(node.type));
  sum ? add(node) : multiply(node);
}

void Translation::add(const NodeProto& node) {
  for (const std::size_t i : {std::size_t{1}, std::size_t{0}}) {
    const Known* x = known(node.inputs[1 - i]);
    if (const TensorProto* bias = constant(node.inputs[i]); bias != nullptr && x != nullptr) {
      require(node, add_bias(node, *x, *bias), "a constant that is not the bias of a layer");
      return;
    }
  }
  bool first_last = false, second_last = false;
  const graph::Value a = any_order(node, 0, first_last), b = any_order(node, 1, second_last);
  require(node, a.dims() == b.dims() && first_last == second_last,
          fmt::format("a sum of {} and {}", graph::to_string(a.dims()), graph::to_string(b.dims())));
  give(node, a + b, first_last);
}

bool Translation::product_of_forms(const NodeProto& node, const Known& a, const Known& b) {
  if (a.node != b.node || a.channels_last != b.channels_last) return false;
  const auto are = [&](Form x, Form y) { return a.form == x && b.form == y; };
  if (are(Form::plain, Form::one_plus_erf)) give(node, {a.node, Form::x_one_plus_erf, a.channels_last});
  else if (are(Form::plain, Form::clipped_plus_three)) give(node, {a.node, Form::six_hard_swish, a.channels_last});
  else if (are(Form::half, Form::one_plus_erf) || are(Form::plain, Form::half_one_plus_erf))
    give(node, graph::activate(graph::Function::gelu, at(a.node)), a.channels_last);
  else return false;
  return true;
}

void Translation::multiply(const NodeProto& node) {
  const Known *first = known(node.inputs[0]), *second = known(node.inputs[1]);
  require(node, first != nullptr && second != nullptr && first->node >= 0 && second->node >= 0, "a product with a constant");
  if (product_of_forms(node, *first, *second) || product_of_forms(node, *second, *first)) return;
  bool first_last = false, second_last = false;
  graph::Value x = any_order(node, 0, first_last), gate = any_order(node, 1, second_last);
  for (int turn = 0; turn < 2; ++turn) {
    const graph::Node& made = graph_.nodes[static_cast<std::size_t>(gate.node)];
    const auto* op = std::get_if<graph::Activation>(&made.op);
    const bool of_x = op != nullptr && made.inputs[0] == x.node && first_last == second_last;
    if (of_x && op->function == graph::Function::sigmoid) return give(node, graph::activate(graph::Function::silu, x), first_last);
    if (of_x && op->function == graph::Function::hard_sigmoid) return give(node, graph::activate(graph::Function::hard_swish, x), first_last);
    std::swap(x, gate);
    std::swap(first_last, second_last);
  }
  const auto is_gate = [](const graph::Dims& d) { return d.size() == 3 && d[1] == 1 && d[2] == 1; };
  if (!is_gate(gate.dims())) {
    std::swap(x, gate);
    std::swap(first_last, second_last);
  }
  const bool fits = is_gate(gate.dims()) && x.dims().size() == 3 && x.channels() == gate.channels() && first_last == second_last;
  require(node, fits, fmt::format("a product of {} and {}", graph::to_string(x.dims()), graph::to_string(gate.dims())));
  give(node, graph::apply(graph::Multiply{}, {x, gate}), first_last);
}

}  // namespace graft::onnx
