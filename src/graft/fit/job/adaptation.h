// The results of an adaptation: each method beside the source's own head, how one was chosen without labels of the target, and what labels say if
// there are some.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "graft/eval/scores.h"
#include "graft/eval/unlabelled.h"
#include "graft/train/train.h"

namespace graft::fit {

/// A measure of a method minus the same measure of `none`, on the same photos.
struct Gain {
  double mean = 0;
  eval::Interval interval = {0, 0};  // 95 %
};

/// The measures of one method's predictions.
struct MethodFacts {
  std::string name;
  double source_accuracy;  // on the source's validation photos
  double information;      // of the predictions on the target's photos (eval/unlabelled.h)
  double density;
  double back;  // accuracy on the source's validation photos of a model trained on the target's photos with these predictions (adapt/way_back.h)
  std::optional<eval::WeighedRisk> risk = {};                 // log loss on the source's validation photos, weighted to represent the target
  std::optional<eval::Proportion> by_labels = {};             // right on --target-test
  std::optional<Gain> information_gain = {}, back_gain = {};  // empty for `none`
};

/// The result of always predicting the same class on --target-test.
struct AlwaysOne {
  std::string which;  // "the source's largest class" or "the most frequent answer"
  std::string name;   // of the class, printable
  double accuracy;
  Gain over_taken = {};  // accuracy minus that of the method taken
};

/// How far the target is from the source, as the chosen head sees both.
struct Shift {
  double before, after;              // proxy A-distance (Ben-David et al. 2007) of source and target, before and after alignment: 0 to 2
  std::vector<double> source_parts;  // the class shares of the source
  std::vector<double> parts,
      parts_by_confusion;            // class shares of the target, by expectation maximization and by the confusion of the source (eval/unlabelled.h)
  std::vector<std::size_t> missing;  // classes hardly present in the target by both estimates, using the predictions of the source's own head
  bool missing_told = true;          // false: these predictions cannot be trusted, and no class is named
  std::size_t far, photos;           // target photos farther from every class than kHeldOut of the source's held-out photos are; all target photos
};
inline constexpr double kHeldOut = 0.95;

/// For a training by gradient steps: the epoch whose weights were kept by measures on the target's photos, the last epoch, and the one that labels
/// would have kept.
struct EpochChoice {
  struct Epoch {
    int number;                                  // from 1
    double information;                          // of the predictions on the target's photos
    std::optional<double> target_accuracy = {};  // on --target-test
  };
  Epoch kept, last;
  std::optional<Epoch> best_by_labels = {};  // with --target-test
};
EpochChoice epochs_of(const std::vector<train::EpochRecord>& history, int kept);

/// How a translation of the photos was trained.
struct TranslationFacts {
  int size;  // pixels
  std::vector<train::EpochRecord> history;
};

struct Adaptation {
  std::size_t source_photos, target_photos, test_photos = 0;
  std::vector<MethodFacts> methods;  // `none` first
  std::size_t chosen = 0;
  std::string reason;
  std::vector<std::string> classes;
  std::optional<Shift> shift = {};
  std::optional<TranslationFacts> translation = {};
  std::vector<std::string> warnings = {};
  std::vector<AlwaysOne> always = {};            // with --target-test
  std::size_t test_in_target = 0;                // photos of --target-test that are also in --target
  std::optional<EpochChoice> epochs = {};        // of the method trained by gradient steps
  std::optional<eval::AnyEvaluation> test = {};  // of the written model on --target-test

  const MethodFacts& taken() const { return methods[chosen]; }
  /// The method that labels of the test photos would have chosen; the one taken if that is as good.
  const MethodFacts& best_by_labels() const;
};

/// The entry in history.json and in the output of --json.
nlohmann::ordered_json to_json(const Adaptation& adaptation);

}  // namespace graft::fit
