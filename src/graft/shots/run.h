// A few photos to a run folder, and classes of it added and removed.
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

/// What `graft shots` can be told.
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

/// The answers to the photos of QUERY.
struct QueryAnswers {
  std::vector<std::filesystem::path> photos;                           // that could be read and are none of the labelled ones
  std::vector<data::Sample> samples;                                   // of them, where QUERY says their classes; else empty
  std::vector<float> probabilities;                                    // (photos, classes), of the written model
  std::vector<float> together;                                         // with --transductive: as the photos are answered together; else empty
  std::optional<eval::AnyEvaluation> evaluation, evaluation_together;  // of labelled photos
  std::size_t known = 0;                                               // photos that are among the labelled ones, too, and are left out
};

struct Result {
  std::filesystem::path run;
  std::vector<std::string> classes;
  std::vector<std::size_t> photos;  // of each class
  Learnt learnt;                    // without its layer
  trust::Rules rules;               // of the model
  QueryAnswers query;               // of `graft shots`
};

/// Writes the run folder --out, runs/NAME-TIME where it is not given. QUERY is labelled where it is one table, or one folder that holds folders and no photos
/// itself; else it is photos. Errors: as all_of, learn and data::open_labelled; photos that cannot be read; a photo that has two classes.
Result run_shots(Configured<ShotsConfig>& config, const Listener& listener);

/// What `graft add-class` and `graft remove-class` can be told.
struct ClassConfig {
  std::filesystem::path run;
  std::string name;
  std::vector<std::filesystem::path> photos;  // of add-class
  std::optional<std::filesystem::path> out;
  int threads = available_cpus();
  double cache_limit = 4;
  bool skip_unreadable = false;
};

/// The run with another class, as though all its photos had been there when it was made: the rule is chosen again, and what belongs to it. In place of the run
/// in one step, or --out. Errors: a name that is there, or none; photos that are in the run; as read_kept.
Result add_class(const ClassConfig& config, const Listener& listener);

/// The run without the class. Errors: no such class, two classes left at least; as read_kept.
Result remove_class(const ClassConfig& config, const Listener& listener);

}  // namespace graft::shots
