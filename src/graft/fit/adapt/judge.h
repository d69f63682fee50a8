// Which candidate, without labels of the target.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "graft/fit/adapt/candidates.h"
#include "graft/fit/job/adaptation.h"

namespace graft::fit {

/// What is known of each candidate, the first of which the others are compared with. Rows: as many as candidates, at least one.
std::vector<MethodFacts> judge(Job& job, const std::vector<AdaptCandidate>& candidates);

/// Of so many photos at most is the density computed, whose work is their square.
inline constexpr std::size_t kNeighbourPhotos = 2000;

/// How much more information (eval/unlabelled.h) the first answers, probabilities of (photos, classes), have than the second ones to the same photos, which are drawn
/// again for both at once.
Gain gain_in_information(std::span<const float> first, std::span<const float> second, std::size_t classes, uint64_t seed);

/// A method and why.
struct Choice {
  std::size_t method;
  std::string reason;
};
/// Abstains, that is, keeps the first method, unless another one's answers say more of the target's photos (information maximisation) and lead back to the
/// source better, both beyond what the drawing of the photos explains. Of several such ones the one that leads back best.
/// Where the target seems to lack `missing` of the source's classes it abstains, too: the other methods align whole domains.
Choice choose_method(const std::vector<MethodFacts>& methods, std::size_t missing = 0);

/// What speaks against a method that was asked for by name: a sentence for each criterion of choose_method by which it is worse than `none` beyond chance.
std::vector<std::string> doubts_about(const MethodFacts& method, const MethodFacts& none);

/// Of the source's largest class, and of the class that the candidate answers most where that is another one; nothing without test photos.
std::vector<AlwaysOne> always_one(const Job& job, const AdaptCandidate& taken);

/// A sentence for each that is better than what was taken.
std::vector<std::string> warnings_of(const std::vector<AlwaysOne>& always, const MethodFacts& taken);

}  // namespace graft::fit
