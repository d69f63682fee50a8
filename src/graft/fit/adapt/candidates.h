// What an adaptation chooses among: the source's own head, and heads that were adapted to the target's photos, all on the same frozen features.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graft/fit/adapt/pictures.h"
#include "graft/fit/head/probe.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

/// What a last layer reads of the photos of both domains.
struct Domains {
  Rows source, val, target, test;  // the labels of `target` have no meaning
  double distance = 0;             // proxy A-distance of `source` and `target`
  std::vector<double> weights;     // of the rows of `val`: density of the target's over the source's there; empty where there are too few
};

/// How the source's training photos were translated, and what of it a run keeps.
struct Translation {
  int size;  // pixels
  std::vector<train::EpochRecord> history;
  std::vector<data::Sample> photos;
  std::shared_ptr<const Domains> before;  // with features of the source's photos as they are
  Pictures originals, made;               // of these, in their order
  Pictures back;                          // of the first kShownPictures those made, translated to the source again
};
inline constexpr std::size_t kShownPictures = 8;

/// A network and its answers.
struct AdaptCandidate {
  std::string name;
  std::shared_ptr<const Domains> seen;
  Outcome outcome;
  std::vector<float> target_logits, test_logits;        // (photos, classes)
  std::shared_ptr<const Translation> translation = {};  // where the head was solved on translated photos: `seen` has features of these
  bool aligned = false;                                 // solved on source features that were recoloured as the target's
};

/// The class that each row of logits or of probabilities has the most of.
std::vector<int> answers_of(std::span<const float> rows, std::size_t classes);

/// 2 (1 - 2 error) of a classifier that tells them apart, on rows that it was not solved on, at least 0 (Ben-David et al. 2007); of at most 1,000 rows of each.
double a_distance(const Rows& source, const Rows& target, uint64_t seed, ThreadPool& pool);

/// Leaves photos of the target and of its test that cannot be read out of the job: Error (data), unless they may be skipped. domains_of does so itself.
void keep_readable_target(Job& job);

/// Of what the solved head sees. Photos of the target that cannot be read are left out of the job, too: Error (data), unless they may be skipped.
std::shared_ptr<const Domains> domains_of(Job& job, const Probe& probe);

/// With a head that was solved somehow, asked about the photos as they are.
AdaptCandidate with_head(const Job& job, const Probe& probe, std::shared_ptr<const Domains> seen, std::string name, const head::LinearHead& head);
/// The head of `probe` as it is.
AdaptCandidate as_it_is(const Job& job, const Probe& probe, std::shared_ptr<const Domains> seen);
/// The head solved on the source's rows recoloured as the target's.
AdaptCandidate recoloured(Job& job, const Probe& probe, std::shared_ptr<const Domains> seen);

/// What training by steps has made of both domains (train_more.h), with its answers to the target.
AdaptCandidate trained(std::shared_ptr<const Domains> seen, train::Adaptation method, Outcome outcome);

}  // namespace graft::fit
