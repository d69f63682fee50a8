// Checks of the arguments of a training run before it begins.
#pragma once

#include "graft/train/train.h"

namespace graft::train {

/// Error (usage): no samples; a batch larger than the number of samples; live batch norm with a single sample in a step; an absurd learning rate;
/// an option that depends on validation without validation samples; DELTA when nothing below the head trains; StochNorm when no batch norm is live;
/// the errors of check_options, check_adaptation, check_groups and check_mix.
void check(const graph::Graph& graph, const transfer::Plan& plan, const TrainConfig& config, const Streams& streams);

/// Whether the data that config.stop_metric is computed from is present, so that epochs can be compared by it.
bool can_choose(const Streams& streams, const TrainConfig& config);

/// Error (usage) for options that contradict the strategy or each other: options that pull towards pretrained weights when there are none, SWA of
/// weights that are averages already or of which the best are kept, a soup of averages, two ways to draw photos several times.
void check_options(transfer::Kind strategy, const TrainConfig& config);

/// Error (usage) if there are fewer unlabeled samples than a step of config.fixmatch sees.
void check_enough_unlabeled(const TrainConfig& config, std::size_t count);

/// Checks config.adapt, if it is set. Error (usage) if a method that needs a stream of unlabeled samples has none or several, or one that needs none
/// has any; if a domain has fewer than two samples in a step; if the method is defined for one class per sample and the task is not of that kind; for
/// SHOT if the head trains or an option depends on labels.
void check_adaptation(const transfer::Plan& plan, const TrainConfig& config, const Streams& streams);

/// Checks group DRO. Error (usage) if photos are mixed (mixup, CutMix).
void check_groups(const TrainConfig& config);

/// Error (usage) for CutMix if samples of this shape (as Graph::input_dims) are not pictures.
void check_mix(const graph::Dims& sample, const TrainConfig& config);

}  // namespace graft::train
