#include "graft/graph/graph.h"

#include <algorithm>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::graph {

int64_t element_count(const Dims& dims) {
  int64_t count = 1;
  for (const int64_t d : dims) count *= d;
  return count;
}

std::string to_string(const Dims& dims) {
  if (dims.empty()) return "scalar";
  std::string text;
  for (const int64_t d : dims) text += (text.empty() ? "" : "x") + std::to_string(d);
  return text;
}

Tensor Tensor::copy_of(std::span<const float> values) {
  const auto copy = std::make_shared<std::vector<float>>(values.begin(), values.end());
  return {copy, *copy};
}

int Graph::stage(std::string_view wanted) const {
  const auto found = std::find(stages.begin(), stages.end(), wanted);
  if (found != stages.end()) return static_cast<int>(found - stages.begin());
  const auto near = closest(wanted, stages);
  throw usage_error(name, "no stage '" + std::string(wanted) + "', expected one of " + first_few(stages, stages.size()),
                    near ? "did you mean " + *near + "?" : "");
}

std::vector<Output> Graph::named_outputs() const {
  return outputs.empty() ? std::vector<Output>{{kLogits, static_cast<int>(nodes.size()) - 1}} : outputs;
}

std::size_t Graph::output() const { return outputs.empty() ? nodes.size() - 1 : static_cast<std::size_t>(outputs.front().node); }

std::size_t Graph::output(std::string_view wanted) const {
  const std::vector<Output> all = named_outputs();
  if (const auto found = std::ranges::find(all, wanted, &Output::name); found != all.end()) return static_cast<std::size_t>(found->node);
  std::vector<std::string> names;
  for (const Output& o : all) names.push_back(o.name);
  const auto near = closest(wanted, names);
  throw usage_error(name, "no output '" + std::string(wanted) + "', expected one of " + first_few(names, names.size()),
                    near ? "did you mean " + *near + "?" : "");
}

void Graph::name_output(const std::string& output_name, std::size_t node) {
  outputs = named_outputs();
  const auto found = std::ranges::find(outputs, output_name, &Output::name);
  if (found != outputs.end()) found->node = static_cast<int>(node);
  else outputs.push_back({output_name, static_cast<int>(node)});
}

const Parameter* Graph::find(std::string_view wanted) const {
  const auto found = std::find_if(parameters.begin(), parameters.end(), [&](const Parameter& p) { return p.name == wanted; });
  return found == parameters.end() ? nullptr : &*found;
}

Parameter* Graph::find(std::string_view wanted) { return const_cast<Parameter*>(std::as_const(*this).find(wanted)); }

}  // namespace graft::graph
