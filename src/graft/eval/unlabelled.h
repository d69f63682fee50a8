// What the answers to photos without labels say of a model, and losses on other photos that are weighed to resemble them: by these, adapted models are
// chosen where nobody has labels. None of them is proof (Musgrave, Belongie and Lim 2022): each can be high for a model that is wrong.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace graft::eval {

/// Of photos that are answered with `probabilities`, (photos, classes): entropy of the mean answer minus the mean of the answers' entropies, nats. High
/// where each photo's answer is sure and the classes are all used (Bridle, Heading and MacKay 1991; Shi and Sha 2012). The higher the better.
/// `times`: how often each photo counts; empty: once each. No photo is std::logic_error.
double information_maximisation(std::span<const float> probabilities, std::size_t classes, std::span<const double> times = {});

/// Temperature of the similarities, as the article has it.
inline constexpr double kNeighbourTemperature = 0.05;

/// Of each photo the entropy, nats, of its softmax over the cosines between its answer and the others', divided by kNeighbourTemperature: soft neighbourhood density
/// (Saito et al. 2021) is their mean. The higher the better: photos then lie in dense clusters. Fewer than 2 photos are std::logic_error.
std::vector<double> neighbourhood_entropies(std::span<const float> probabilities, std::size_t classes);

/// A loss on photos of elsewhere, as those of a target would have it.
struct WeighedRisk {
  double risk, error;  // and its standard error
};
/// Deep embedded validation (You et al. 2019): the mean of weight times loss, with the mean weight, which should be 1, as a control variate. `weights`:
/// the target's density over the source's at each photo. Different sizes or fewer than 2 photos are std::logic_error.
WeighedRisk weighed_risk(std::span<const double> losses, std::span<const double> weights);

/// The parts of the classes in photos that a model answers with `probabilities`, (photos, classes), when its training photos had `parts`: expectation
/// maximisation (Saerens, Latinne and Decaestecker 2002). Right where the classes look as in training and the probabilities are calibrated.
/// A class of no training photo stays without one. Sums to 1.
std::vector<double> class_parts(std::span<const float> probabilities, std::span<const double> parts);

/// The same by black box shift estimation (Lipton, Wang and Smola 2018): `confusion` (true, predicted) counts photos of the source that the model has not
/// seen, `predicted` the answers to those of the target. Least squares among parts of at least 0, that sum to 1; classes without photos in `confusion` get 0.
std::vector<double> class_parts(std::span<const long> confusion, std::span<const long> predicted);

}  // namespace graft::eval
