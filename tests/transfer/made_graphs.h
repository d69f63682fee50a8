// Graphs for the tests of transfer: rows of the registry, and a small one that no family has.
#pragma once

#include <string>
#include <vector>

#include "error_text.h"
#include "graft/base/error.h"
#include "graft/graph/builder.h"
#include "graft/models/registry.h"

namespace graft::transfer {

inline graph::Graph network(const std::string& name) {
  const models::Backbone& row = models::find(name);
  return row.build(10, row.preprocess().crop);
}

/// stem (convolution) -> pool (no parameters) -> body (convolution, BatchNorm) -> top (linear) -> head, with or without parameters.
inline graph::Graph made_graph(bool head_has_parameters) {
  graph::Graph graph{.name = "made"};
  graph::Builder b(graph);
  b.stage("stem");
  graph::Value x = b.conv("stem", b.input({3, 8, 8}), {.out = 4, .kernel = 3});
  b.stage("pool");
  x = graph::apply(graph::MaxPool{.kernel = 2, .stride = 2}, {x});
  b.stage("body");
  x = b.batch_norm("norm", b.conv("body", x, {.out = 4, .kernel = 3}));
  b.stage("top");
  x = b.linear("top", graph::apply(graph::GlobalAveragePool{}, {x}), {.out = 4});
  b.stage("head");
  if (head_has_parameters) b.linear("head", x, {.out = 2});
  else graph::relu(x);
  return graph;
}

using test::message_of;

}  // namespace graft::transfer
