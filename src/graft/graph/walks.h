// Walks over a Graph that need nothing but the Graph: shapes, parameters, cost, cutting, a new head.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "graft/base/hash.h"
#include "graft/graph/graph.h"

namespace graft::graph {

/// std::visit with one lambda per operator.
template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

/// The operator's output shape. Error (usage) with the numbers if an input is too small or shapes do not fit.
Dims infer(const Operator& op, const std::vector<Dims>& inputs);

/// Names, shapes and buffer flags of the operator's parameters, in its own order; `path` is "layer1.0.conv1".
std::vector<Parameter> parameters_of(const Operator& op, const Dims& input, const std::string& path);

int64_t parameter_count(const Graph& graph);  // trainable ones; running statistics are not counted, as torchvision counts
int64_t multiply_adds(const Graph& graph);    // per image, of convolutions, linear layers and attention (torchvision's "GFLOPS" are these)

/// (before, from) a stage: the frozen prefix and the trainable suffix, whose input is the prefix's output. Parameters share their tensors.
/// Exactly one value may cross the cut, the first part's output kActivations; Error (usage) otherwise.
std::pair<Graph, Graph> split(const Graph& graph, const std::string& stage);

/// Splits the graph (up to and including, after) a node, which must be the only one up to there
/// that the rest reads; it is the first part's output, kActivations. Error (usage) otherwise.
std::pair<Graph, Graph> split_behind(const Graph& graph, std::size_t node);

/// The input of a new head.
struct HeadInput {
  bool every_stage = false;  // behind the last features also the average of every stage but the stem (Head2Toe, Evci et al. 2022)
  bool mirror = false;       // the mean over a picture and its mirror image
  bool flatten = false;      // the last feature map as it is, (C x H x W), not averaged: Keras' Flatten
  bool operator==(const HeadInput&) const = default;
};

/// The graph up to its last stage, averaged over the picture where that is still spatial: photos to kFeatures, (F). With `every_stage` the averages
/// of the earlier stages follow, so the first F are the same. With `flatten` it is not averaged; Error (usage) where it is no map.
Graph features(const Graph& graph, bool every_stage = false, bool flatten = false);

/// F.
int64_t feature_count(const Graph& graph);

/// Of the parameters' values, in their order.
Hash128 hash_of_weights(const Graph& graph);

/// The graph for gray pictures, (1, H, W): the weights of its first convolution are summed over the three channels with
/// `factors` (1, 1, 1 if they are normalized alike). Error (usage) if anything but convolutions reads the picture.
Graph grey(Graph graph, const std::array<float, 3>& factors);

/// The graph without what follows `stage`: a head of the same outputs, without values, stands in its place (Keras calls it include_top=False).
/// Error (usage) for an unknown stage or the head itself.
Graph until(const Graph& graph, const std::string& stage);

/// The node that the first linear layer of the last stage reads.
std::size_t head_input(const Graph& graph);

/// The graph with a Dropout before its last layer, which trains when that does; existing ones (VGG has two) get this probability. Without a number,
/// unchanged.
Graph with_dropout(const Graph& graph, std::optional<double> probability);

/// The graph with stochastic depth (Huang et al. 2016) in every residual branch: from 0 in the first, growing linearly, to `most` in the last (as timm's
/// drop_path; a single one has `most`). The branch is the longer of the two values that are added. Without a number as it is. Error (usage) where there
/// is none.
Graph with_stochastic_depth(const Graph& graph, std::optional<double> most);

/// The graph with its last stage replaced by one linear layer of `classes` outputs on those features; the layer's parameters are
/// empty. It keeps the old layer's name if that was linear, too; otherwise it is "head". Before it come dense layers of `hidden`
/// outputs, each with a ReLU, "hidden.0", "hidden.1" ...; with them the answers, not the features, are averaged over a mirror image.
Graph replace_head(const Graph& graph, int64_t classes, const HeadInput& input = {}, std::span<const int64_t> hidden = {});

/// The whole graph for a picture and its mirror image: the mean of its answers.
Graph with_mirrored_answer(Graph graph);

/// The linear layer that gives the answer, for one picture or for several views whose answers are averaged; null if the graph ends differently.
Node* last_linear(Graph& graph);

/// Divides the graph's answers, by dividing weight and bias of the linear layer at its end (perhaps
/// followed by the mean over views). False, and nothing changed, if it ends in something else.
bool divide_answer(Graph& graph, double by);

}  // namespace graft::graph
