// Where the training of more than the head begins.
#pragma once

#include "graft/fit/job.h"
#include "graft/head/logistic.h"

namespace graft::fit {

/// With which new layer, and how fast it may go, as batch norm has it. With fixed statistics nothing holds activations where they are: a learning rate
/// of 0.003 was seen to diverge, 0.001 never (bench/README.md).
void choose_beginning(Job& job);

/// A new layer that says nothing yet.
head::LinearHead zero_head(const Job& job);

}  // namespace graft::fit
