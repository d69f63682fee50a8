// The result of a study: a row for each of its trainings, and how certain it is that one differs from the one asked for.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <optional>
#include <string>
#include <vector>

#include "graft/eval/paired.h"
#include "graft/study/outcome.h"

namespace graft::study {

struct Row {
  std::string name;
  double value;             // the report's score, over the repeats
  eval::Interval interval;  // 95 %: for one run Wilson's (accuracy), none (balanced accuracy), the jackknife's (others); for several Student's t
  std::size_t runs;
  bool higher_is_better = true;
  /// Against the first row; empty in the first.
  struct Difference {
    double mean;
    eval::Interval interval;
    double p;  // after Holm's correction if there are several rows
  };
  std::optional<Difference> difference;
  std::optional<fit::LeakedImages> leaked = {};  // of the run with the most
  bool differs() const { return difference && difference->p < 0.05; }
  bool better() const { return differs() && (difference->mean > 0) == higher_is_better; }
};

struct Report {
  std::string score = "accuracy";
  std::size_t images;  // of a run's validation
  std::vector<Row> rows;
};

/// outcomes[variant][repeat]; variants with equal repeats are paired, so they must be of the same images (check_same_images). One repeat: McNemar's test and
/// the bootstrap, of accuracy (for balanced accuracy, too); of other scores the jackknife. Several: the differences of each repeat; `overlap` as
/// eval::mean_of. Repeats that are all judged on the same photos have the error of these photos in addition to their own; others have at least that of as
/// many photos.
Report make_report(const std::vector<std::string>& names, const std::vector<std::vector<Outcome>>& outcomes, const std::string& score,
                   double overlap);

/// The row to deploy: the first, unless others are better beyond chance; then the best of those.
std::size_t best_row(const Report& report);

/// "transfer helps: ...", a sentence for each row but the first.
std::vector<std::string> verdicts(const Report& report);

/// "default: 6 of the 153 validation images are in training, too: ...", a sentence for each row whose runs saw validation images in training.
std::vector<std::string> leaks(const Report& report);

std::string to_table(const Report& report);
/// The table, and what leaked.
std::string to_markdown(const Report& report);
nlohmann::ordered_json to_json(const Report& report);

}  // namespace graft::study
