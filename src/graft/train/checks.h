// What is wrong with a training before it begins.
#pragma once

#include "graft/train/train.h"

namespace graft::train {

/// Error (usage): no samples; a batch larger than there are samples; live batch norm with a single sample in a step; an absurd learning rate;
/// something that goes by validation without validation samples; DELTA where nothing below the head trains; StochNorm where no batch norm is live;
/// what check_options, check_adaptation, check_groups and check_mix find.
void check(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Streams& streams);

/// Whether epochs can be told apart by config.stop_metric.
bool can_choose(const Streams& streams, const TrainConfig& config);

/// Error (usage) for options that contradict the strategy or each other: what goes back to pretrained weights where there are none, SWA of weights that
/// are averages already or of which the best are kept, a soup of averages, two ways to draw photos several times.
void check_options(transfer::Kind strategy, const TrainConfig& config);

/// Of config.adapt, where there is any: Error (usage) without a stream of unlabelled samples where it needs one, or with several, or with one where it
/// needs none; where a domain has fewer than two samples in a step; where the formula is of one class a sample and the task is not; for SHOT where the
/// head trains or something goes by labels.
void check_adaptation(const transfer::Plan& plan, const TrainConfig& config, const Streams& streams);

/// Of group DRO. Error (usage) for photos that are mixed.
void check_groups(const TrainConfig& config);

/// Error (usage) for CutMix of samples of this shape (as Graph::input_dims) that are no pictures.
void check_mix(const graph::Dims& sample, const TrainConfig& config);

}  // namespace graft::train
