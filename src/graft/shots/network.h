// A rule as the end of a network, made of ordinary operators, so the network is deployed and explained like any other.
#pragma once

#include <span>

#include "graft/graph/graph.h"
#include "graft/head/logistic.h"

namespace graft::shots {

/// The backbone's last features x, (x - centre) / |x - centre|, and the layer on it. Scaling to length 1 needs no operator of its own: of the numbers (z, -z) the mean is 0 and the variance |z|^2 /
/// width, so that a LayerNorm divides them by |z|. They are a Concat of x with itself, behind a BatchNorm whose running mean is the centre and whose
/// weights are 1 and -1; the last layer reads both halves. `centre`: empty for none; layer: on rows of length 1.
graph::Graph with_rule(const graph::Graph& backbone, std::span<const float> centre, const head::LinearHead& layer);

/// The backbone of such a network, which was read from its file with the rule as its last stage. Error (data) named `source` for any other network.
graph::Graph without_rule(graph::Graph network, const std::string& source);

}  // namespace graft::shots
