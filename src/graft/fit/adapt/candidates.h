// The candidates among which an adaptation chooses: the source's own head, and heads adapted to the target's photos, all on the same frozen features.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/fit/adapt/pictures.h"
#include "graft/fit/head/probe.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// The inputs of the last layer for the photos of both domains.
struct Domains {
  Rows source, val, target, test;  // the labels of `target` are meaningless
  double distance = 0;             // proxy A-distance between `source` and `target`
  std::vector<double> weights;     // for each row of `val`: the density ratio of target to source there; empty if there are too few rows
};

/// How the source's training photos were translated, and what of that a run keeps.
struct Translation {
  int size;  // pixels
  std::vector<train::EpochRecord> history;
  std::vector<data::Sample> photos;
  std::shared_ptr<const Domains> before;  // with features of the untranslated source photos
  Pictures originals, made;               // of `photos`, in their order: as they are, and translated
  std::vector<std::size_t> shown = {};    // at most kShownPictures of them, which the run shows, spread over all classes
  Pictures back;                          // these, translated back to the source
};
inline constexpr std::size_t kShownPictures = 8;

/// A network and its predictions.
struct AdaptCandidate {
  std::string name;
  std::shared_ptr<const Domains> seen;
  Outcome outcome;
  std::vector<float> target_logits, test_logits;        // (photos, classes)
  std::shared_ptr<const Translation> translation = {};  // if the head was solved on translated photos: `seen` has the features of these
  std::optional<train::Adaptation> training = {};       // the method by whose training steps it was made
  bool aligned = false;                                 // whether the head was solved on source features recolored as the target's
};

/// The predicted class of each row of logits or probabilities.
std::vector<int> answers_of(std::span<const float> rows, std::size_t classes);

/// The proxy A-distance 2 (1 - 2 error), at least 0 (Ben-David et al. 2007), of a classifier that tells source from target, on rows that it was not
/// solved on. Uses at most 1,000 rows of each domain.
double a_distance(const Rows& source, const Rows& target, uint64_t seed, ThreadPool& pool);

/// Removes unreadable photos of the target and of its test from the job: Error (data) unless they may be skipped. domains_of does so itself.
void keep_readable_target(Job& job);

/// The features that the solved head sees. Also removes unreadable photos of the target and of its test from the job: Error (data) unless they may be
/// skipped.
std::shared_ptr<const Domains> domains_of(Job& job, const Probe& probe);

/// A candidate with the given head, applied to the photos as they are.
AdaptCandidate with_head(const Job& job, const Probe& probe, std::shared_ptr<const Domains> seen, std::string name, const head::LinearHead& head);
/// A candidate with the head of `probe` as it is.
AdaptCandidate as_it_is(const Job& job, const Probe& probe, std::shared_ptr<const Domains> seen);
/// A candidate whose head is solved on the source's rows recolored as the target's (CORAL).
AdaptCandidate recoloured(Job& job, const Probe& probe, std::shared_ptr<const Domains> seen);

/// A candidate from training by gradient steps on both domains (train_more.h), with its predictions on the target.
AdaptCandidate trained(std::shared_ptr<const Domains> seen, train::Adaptation method, Outcome outcome);

}  // namespace graft::fit
