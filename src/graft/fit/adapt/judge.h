// Judges the candidates, and chooses one, without labels of the target. Reverse validation (way_back.h) tells whether predictions lead back to the
// source.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "graft/fit/adapt/candidates.h"
#include "graft/fit/adapt/shift.h"
#include "graft/fit/job/adaptation.h"

namespace graft::fit {

/// The facts about each candidate, in their order; the others are compared with the first. There must be at least one candidate.
std::vector<MethodFacts> judge(Job& job, const std::vector<AdaptCandidate>& candidates);

/// What predictions alone tell: information and density of probabilities (photos, classes) for the target's photos. What needs photos of the source is NaN.
MethodFacts facts_of_answers(std::string name, std::span<const float> target, std::size_t classes);

/// How many rows of logits have their largest value at the label.
eval::Proportion part_right(std::span<const float> logits, std::span<const int> labels, std::size_t classes);

/// By how much the information (eval/unlabelled.h) of the first predictions exceeds that of the second, both being probabilities (photos, classes)
/// for the same photos. Bootstrap samples draw the same photos for both.
Gain gain_in_information(std::span<const float> first, std::span<const float> second, std::size_t classes, uint64_t seed);

/// In nats. A method that is trained on its answers to the target's photos makes these say more even where it makes them worse: by up to 0.08 where it
/// did harm, by at least 0.17 where it helped much (docs/adaptation.md).
inline constexpr double kLeastGain = 0.1;

/// The chosen method and the reason.
struct Choice {
  std::size_t method;
  std::string reason;
};
/// Abstains, that is, keeps the first method, unless the predictions of another one both have more information about the target's photos (information
/// maximization) and lead back to the source better, each by more than the sampling of photos explains. A method without a way back needs kLeastGain
/// more information, and is taken only if no other passes. Among several methods takes the one that leads back best, or has the most information.
/// Unless the target is known to have all of the source's classes, methods that align whole domains are not considered.
Choice choose_method(const std::vector<MethodFacts>& methods, const Lacking& lacking = {.told = true});

/// The objections to a method that was asked for by name: a sentence for each criterion of choose_method by which it is worse than `none` beyond
/// chance.
std::vector<std::string> doubts_about(const MethodFacts& method, const MethodFacts& none);

/// The accuracy of always predicting the source's largest class, and of always predicting the candidate's most frequent answer if that is another
/// class; empty without test photos.
std::vector<AlwaysOne> always_one(const Job& job, const AdaptCandidate& taken);

/// A warning for each constant prediction that is better than the method taken.
std::vector<std::string> warnings_of(const std::vector<AlwaysOne>& always, const MethodFacts& taken);

}  // namespace graft::fit
