#include "graft/train/loop/draw.h"

#include "graft/train/loop/batches.h"
#include "graft/train/loop/mix.h"

namespace graft::train {

Batch draw(const graph::Graph& graph, const Streams& streams, const TrainConfig& config, uint64_t epoch, std::span<const std::size_t> which,
           uint64_t step) {
  Batch batch = batch_of(graph, streams.labelled, config, epoch, which);
  mix(batch, draw_mix(config, step));
  for (std::size_t i = 0; i < streams.unlabelled.size(); ++i) {
    const Turn turn = turn_of(streams.unlabelled[i].count, config, i, step);
    batch.unlabelled.push_back(inputs_of(graph, streams.unlabelled[i].fill, turn.pass, turn.which));
  }
  return batch;
}

}  // namespace graft::train
