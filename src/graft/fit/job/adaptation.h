// What an adaptation has found: each method beside the source's own head, what chose among them without labels of the target, and what labels say where there are some.
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

/// A number of a method minus that of none, on the same photos.
struct Gain {
  double mean = 0;
  eval::Interval interval = {0, 0};  // 95 %
};

/// One method, as it answers.
struct MethodFacts {
  std::string name;
  double source_accuracy;  // on the source's validation photos
  double information;      // of the answers to the target's photos (eval/unlabelled.h)
  double density;
  double back;  // accuracy on the source's validation photos of what learned the target's photos by these answers (adapt/way_back.h)
  std::optional<eval::WeighedRisk> risk = {};                 // log loss on the source's validation photos, weighed as the target has them
  std::optional<eval::Proportion> by_labels = {};             // right of --target-test
  std::optional<Gain> information_gain = {}, back_gain = {};  // none's: nothing
};

/// What always to answer one class would give on --target-test.
struct AlwaysOne {
  std::string which;  // "the source's largest class" or "the most frequent answer"
  std::string name;   // of the class, printable
  double accuracy;
  Gain over_taken = {};  // accuracy minus that of the method that was taken
};

/// How far the target is from the source, as the chosen head sees both.
struct Shift {
  double before, after;              // proxy A-distance (Ben-David et al. 2007) of source and target, as they are and as they are aligned: 0 to 2
  std::vector<double> source_parts;  // of the classes
  std::vector<double> parts,
      parts_by_confusion;            // of the target's, by expectation maximisation and by the confusion of the source (eval/unlabelled.h)
  std::vector<std::size_t> missing;  // classes of which, by the answers of the source's own head, both say that the target has hardly any
  bool missing_told = true;          // false: these answers cannot be believed, and none is named
  std::size_t far, photos;           // of the target's photos, those farther from every class than kHeldOut of the source's own held-out photos
};
inline constexpr double kHeldOut = 0.95;

/// Of a training by steps: the epoch whose weights were kept by what the target's photos say, beside the last one, and beside the one that labels would have kept.
struct EpochChoice {
  struct Epoch {
    int number;                                  // from 1
    double information;                          // of the answers to the target's photos
    std::optional<double> target_accuracy = {};  // of --target-test
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
  std::vector<MethodFacts> methods;  // none first
  std::size_t chosen = 0;
  std::string reason;
  std::vector<std::string> classes;
  std::optional<Shift> shift = {};
  std::optional<TranslationFacts> translation = {};
  std::vector<std::string> warnings = {};
  std::vector<AlwaysOne> always = {};            // with --target-test
  std::size_t test_in_target = 0;                // photos of --target-test that are also in --target
  std::optional<EpochChoice> epochs = {};        // of the method that was trained
  std::optional<eval::AnyEvaluation> test = {};  // of the written model on --target-test

  const MethodFacts& taken() const { return methods[chosen]; }
  /// The method that labels of test photos would have chosen; the one taken where it is as good.
  const MethodFacts& best_by_labels() const;
};

/// Of history.json and --json.
nlohmann::ordered_json to_json(const Adaptation& adaptation);

}  // namespace graft::fit
