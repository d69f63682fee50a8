// Transforms the features of a source so that they vary like those of a target, for a head that will work there: CORAL (Sun, Feng and Saenko 2016).
#pragma once

#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/head/logistic.h"

namespace graft::head {

/// The rows of `source`, (source.rows, width), with the mean, the deviations and, as far as the article goes, the correlations of
/// `target`: each domain standardised by its own mean and deviations, whitened by (R_source + I)^-1/2, coloured by (R_target + I)^1/2,
/// and given the target's deviations and mean. R: correlations. A feature that is constant in the source becomes the target's mean.
/// The same for any number of threads. Fewer than 2 rows, or other widths: std::logic_error; errors as check_finite of design.h.
std::vector<float> recoloured(const Features& source, const Features& target, ThreadPool& pool);
/// More `rows` of the source, by the same map.
std::vector<float> recoloured(const Features& source, const Features& target, const Features& rows, ThreadPool& pool);

}  // namespace graft::head
