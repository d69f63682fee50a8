// The losses of self-supervised learning from two views of each photo, with gradients written by hand. The rows of a batch are the first views of its
// photos, then their second views in the same order.
#pragma once

#include <ATen/ATen.h>

namespace graft::train {

/// The batch with the two views of each photo exchanged.
at::Tensor other_views(const at::Tensor& rows);

/// Rows divided by their lengths; back() turns a gradient with respect to these into one with respect to the rows as they were.
struct UnitRows {
  at::Tensor rows, lengths;  // (N, d), (N, 1)
  at::Tensor back(const at::Tensor& gradient) const;
};
UnitRows unit_rows(const at::Tensor& rows);

/// The mean over the dimensions of the standard deviation over the rows, of rows of length 1, times sqrt(d): 1 where the rows point in all directions
/// alike, 0 where they are all the same (Chen & He 2021, "Exploring simple Siamese representation learning", 4.1).
double spread_of(const at::Tensor& rows);

/// Rows of length 1 from earlier steps, which are negatives, too. No gradient flows into them.
struct PastRows {
  at::Tensor rows = {};  // (K, d); undefined: none
  at::Tensor same = {};  // (N / 2, K), bool: whether a past row is of the same photo, which then is no negative
};

struct ViewLoss {
  double value = 0;
  at::Tensor gradient = {};  // with respect to the rows, (N, d)
};

/// NT-Xent (Chen et al. 2020, "A simple framework for contrastive learning of visual representations"): the mean cross-entropy with which each row
/// finds the other view of its photo among all other rows, by cosines divided by the temperature. More negatives than a small batch has come from
/// past rows, as in MoCo (He et al. 2020), of this network itself (cross-batch memory, Wang et al. 2020).
ViewLoss nt_xent(const at::Tensor& rows, double temperature, const PastRows& past = {});

/// The mean of the negative cosines of each row of `predictions` and its row of `targets`, through which no gradient flows: with targets that are
/// other_views() of the projections, SimSiam's loss (Chen & He 2021); BYOL's (Grill et al. 2020) is 4 + 4 times that.
ViewLoss negative_cosine(const at::Tensor& predictions, const at::Tensor& targets);

}  // namespace graft::train
