// As much of a run's predictions.csv as a page can hold: which photos are shown, and which rows represent all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace graft::report {

struct AnswerLimits {
  std::size_t rows = 2000;            // that represent all, if there are more
  std::size_t row_bytes = 1'500'000;  // of these, at most
  std::size_t photos = 240;           // shown
  std::size_t close = 12;             // with a closer look, of mistakes and of correct answers each
};

/// A photo that is worth a closer look.
struct CloseUp {
  std::string path, label, predicted;  // as the file has them
};

struct Answers {
  std::string csv;                  // header and rows as they are in the file, in its order (the highest loss first)
  std::size_t total = 0, rows = 0;  // in the file, in `csv`
  std::vector<std::size_t> added;   // rows of `csv` that are there only because their photos are shown; the others are all rows, or a random sample
  std::vector<std::string> photos;  // paths as in the file, in the order in which they should be shown
  std::vector<CloseUp> close_ups;   // the most confident mistakes, then the least confident correct answers
};

/// It takes, in turns, mistakes (most confident first), correct answers (least confident first), photos of each class and of each kind of mistake. If
/// there are more rows than the limits allow, a uniform sample is drawn by a fixed seed. `name`: the file's. Error (data) for a table that no run writes.
Answers choose_answers(std::string_view csv, std::string_view name, const AnswerLimits& limits = {});

}  // namespace graft::report
