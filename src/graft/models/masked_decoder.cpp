#include "graft/models/masked_decoder.h"

#include <fmt/format.h>

#include <cmath>
#include <string>
#include <vector>

#include "graft/base/error.h"
#include "graft/graph/builder.h"
#include "graft/graph/patches.h"
#include "graft/models/vision_transformer.h"

namespace graft::models {
namespace {

using namespace graph;

constexpr int64_t kHeadWidth = 32;

/// The authors' get_2d_sincos_pos_embed: the first half of a patch's channels tells its column, the second its row, each by sines, then cosines, of
/// frequencies from 1 down to 1 / 10,000. Zeros for the tokens before.
Tensor waves(const Patches& patches, int64_t width) {
  const int64_t frequencies = width / 4;
  std::vector<float> values(static_cast<std::size_t>(patches.before * width));
  for (int64_t row = 0; row < patches.rows; ++row)
    for (int64_t column = 0; column < patches.columns; ++column)
      for (const int64_t place : {column, row})
        for (const bool sine : {true, false})
          for (int64_t i = 0; i < frequencies; ++i) {
            const double angle = static_cast<double>(place) / std::pow(10'000.0, static_cast<double>(i) / static_cast<double>(frequencies));
            values.push_back(static_cast<float>(sine ? std::sin(angle) : std::cos(angle)));
          }
  return Tensor::copy_of(values);
}

}  // namespace

Graph masked_decoder(const Graph& encoder, int64_t layers, int64_t width) {
  if (width % kHeadWidth != 0)
    throw usage_error(fmt::format("--decoder-width {}", width), fmt::format("expected a multiple of {}, the width of a head", kHeadWidth));
  const Patches patches = patches_of(encoder);
  Graph graph{.name = "mae decoder"};
  Builder b(graph);
  b.stage("embed");
  Value x = b.input({patches.before + patches.count(), encoder.nodes[patches.last].dims[1] + 1});
  x = b.linear("decoder_embed", x, {.out = width});
  b.stage(kFixedPositions);
  x = b.with("decoder_pos_embed", x, PositionEmbedding{});
  graph.parameters.back().tensor = waves(patches, width);
  b.stage("layers");
  for (int64_t i = 0; i < layers; ++i) x = transformer_layer(b.in("decoder_blocks").in(std::to_string(i)), x, width, width / kHeadWidth, kTimmNames);
  x = b.linear("decoder_pred", b.layer_norm("decoder_norm", x), {.out = 3 * patches.side * patches.side});
  graph.outputs = {{kReconstructed, x.node}};
  return graph;
}

}  // namespace graft::models
