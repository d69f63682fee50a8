// predictions.csv of a run, as much of it as a page takes: which photos are shown, and which rows stand for all.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace graft::report {

struct AnswerLimits {
  std::size_t rows = 2000;            // that stand for all, where there are more
  std::size_t row_bytes = 1'500'000;  // of these, at most
  std::size_t photos = 240;           // shown
  std::size_t close = 12;             // looked at closely, of mistakes and of hits each
};

/// A photo that is worth a closer look.
struct CloseUp {
  std::string path, label, predicted;  // as the file has them
};

struct Answers {
  std::string csv;                  // header and rows as they are in the file, in its order (the highest loss first)
  std::size_t total = 0, rows = 0;  // in the file, in `csv`
  std::vector<std::size_t> added;   // rows of `csv` that are there only for their photos to be shown; the others are all, or drawn at random
  std::vector<std::string> photos;  // paths as the file has them, those to be shown first of all first
  std::vector<CloseUp> close_ups;   // the most confident mistakes, then the least confident hits
};

/// Shown are, in turns, mistakes (the most confident first), hits (the least confident first), photos of each class and of each kind of mistake. Rows beyond
/// the limits are drawn without replacement, each as likely, by a fixed seed. `name`: the file's. Error (data) for a table that no run writes.
Answers choose_answers(std::string_view csv, std::string_view name, const AnswerLimits& limits = {});

}  // namespace graft::report
