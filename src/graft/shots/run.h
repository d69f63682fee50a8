// From a few photos to a run folder; adding and removing classes of a run.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/config.h"
#include "graft/data/source_options.h"
#include "graft/eval/scores.h"
#include "graft/shots/kept.h"
#include "graft/shots/photos.h"
#include "graft/trust/rules.h"

namespace graft::shots {

/// The options of `graft shots`.
struct ShotsConfig : search::NetworkConfig {
  std::filesystem::path support;
  std::vector<std::filesystem::path> query;
  std::optional<std::filesystem::path> out;
  RuleChoice rule = RuleChoice::automatic;
  Centre centre = Centre::none;
  bool transductive = false;
  uint64_t seed = 0;
  bool skip_unreadable = false;
  data::SourceOptions source;

  void fields(FieldList& v);
};

/// The answers for the photos of QUERY.
struct QueryAnswers {
  std::vector<std::filesystem::path> photos;  // that could be read and are not among the labeled ones
  std::vector<data::Sample> samples;          // the same photos with their classes, if QUERY has them; else empty
  std::vector<float> probabilities;           // (photos, classes), of the written model
  std::vector<float> together;                // with --transductive: the probabilities of the joint classification; else empty
  std::optional<eval::AnyEvaluation> evaluation, evaluation_together;  // of labelled photos
  std::size_t known = 0;                                               // photos that are also among the labeled ones and are left out
};

struct Result {
  std::filesystem::path run;
  std::vector<std::string> classes;
  std::vector<std::size_t> photos;  // of each class
  Learnt learnt;                    // without its layer
  trust::Rules rules;               // of the model
  QueryAnswers query;               // of `graft shots`
};

/// Writes the run folder --out (default runs/NAME-TIME). QUERY is labeled if it is a single table, or a single folder that contains folders and no photos
/// itself; otherwise it is a list of photos. Errors: as all_of, learn and data::open_labelled; photos that cannot be read; a photo with two classes.
Result run_shots(Configured<ShotsConfig>& config, const Listener& listener);

/// The options of `graft add-class` and `graft remove-class`.
struct ClassConfig {
  std::filesystem::path run;
  std::string name;
  std::vector<std::filesystem::path> photos;  // of add-class
  std::optional<std::filesystem::path> out;
  int threads = available_cpus();
  double cache_limit = 4;
  bool skip_unreadable = false;
};

/// The run with another class, as if all its photos had been there from the start: the rule and everything that belongs to it are chosen again.
/// Replaces the run in one step, or writes --out. Errors: a name that exists or is empty; photos that are already in the run; as read_kept.
Result add_class(const ClassConfig& config, const Listener& listener);

/// The run without the class. Errors: no such class, fewer than two classes would be left; as read_kept.
Result remove_class(const ClassConfig& config, const Listener& listener);

}  // namespace graft::shots
