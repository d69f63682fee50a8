#include "graft/fit/run/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/eval/scores.h"

namespace graft::fit {
namespace {

constexpr double kExact = 1e-3;  // of the logits' size: what float32 may differ by

constexpr double kMoved = 0.02, kChanged = 0.01, kSize = 0.25, kBroken = 0.25;
constexpr float kTie = 0.1F;  // of probability between two answers, below which either may come first

using Row = std::span<const float>;

std::size_t top(Row row) { return static_cast<std::size_t>(std::ranges::max_element(row) - row.begin()); }

/// Adds a photo: by which of the classes it is, and how far the probabilities have moved.
void add_photo(data::SingleLabel /*task*/, Difference& sum, Row now, Row before) {
  double moved = 0;
  for (std::size_t k = 0; k < now.size(); ++k) moved += std::abs(double{now[k]} - double{before[k]}) / 2;
  sum.probabilities += moved;
  const std::size_t is = top(now), was = top(before);
  const bool tied = before[was] - before[is] <= kTie && now[is] - now[was] <= kTie;
  ++sum.answers;
  if (is != was && !tied) ++sum.changed;
}

void add_photo(data::MultiLabel /*task*/, Difference& sum, Row now, Row before) {
  float moved = 0;
  for (std::size_t k = 0; k < now.size(); ++k) {
    const float difference = std::abs(now[k] - before[k]);
    moved = std::max(moved, difference);
    if ((now[k] > 0.5F) != (before[k] > 0.5F) && difference > kTie) ++sum.changed;
  }
  sum.probabilities += moved;
  sum.answers += now.size();
}

double relative_size(std::span<const float> logits, std::span<const float> expected) {
  double difference = 0, size = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    difference += std::pow(double{expected[i]} - double{logits[i]}, 2);
    size += std::pow(double{expected[i]}, 2);
  }
  const auto count = static_cast<double>(std::max<std::size_t>(expected.size(), 1));
  return std::sqrt(difference / count) / std::max(1.0, std::sqrt(size / count));
}

}  // namespace

Difference difference_of(std::span<const float> logits, std::span<const float> expected, std::size_t classes, const data::Task& task) {
  Difference sum{.size = relative_size(logits, expected), .probabilities = 0, .changed = 0, .answers = 0};
  std::vector<float> now(logits.begin(), logits.end()), before(expected.begin(), expected.end());
  for (std::vector<float>* of : {&now, &before}) eval::to_probabilities(task, *of, classes);
  const std::size_t photos = expected.size() / classes;
  for (std::size_t i = 0; i < photos; ++i) {
    const Row a = Row(now).subspan(i * classes, classes), b = Row(before).subspan(i * classes, classes);
    std::visit([&](const auto& t) { add_photo(t, sum, a, b); }, task);
  }
  sum.probabilities /= static_cast<double>(std::max<std::size_t>(photos, 1));
  return sum;
}

bool harmless(const Difference& d, engine::Precision precision) {
  if (precision == engine::Precision::float32) return d.size <= kExact;
  return d.size <= kSize && d.probabilities <= kMoved && eval::wilson(static_cast<long>(d.changed), static_cast<long>(d.answers)).low <= kChanged;
}

bool is_broken(const Difference& d) { return !std::isfinite(d.size) || !(d.probabilities <= kBroken); }

std::string to_text(const Difference& d) {
  return fmt::format("probabilities differ by {:.1f} points on average, {} of {} answers differ", 100 * d.probabilities, d.changed, d.answers);
}

Verified verify(const std::filesystem::path& model_path, const std::vector<data::Sample>& samples, std::span<const float> expected,
                engine::Precision seen, int threads, const std::function<void(std::size_t)>& advance, const data::EachImage& each) {
  const auto session = artifact::open_session(model_path, {.threads = threads});
  Verified found{session->predict(data::paths_of(samples), threads, advance, data::TestViews::one, each), session->precision(), {}, true};
  if (!found.predictions.unreadable.empty()) throw found.predictions.unreadable.front().error;
  found.difference = difference_of(found.predictions.logits, expected, session->classes(), session->card().task);
  const bool rounds = seen == engine::Precision::bf16 || session->precision() == engine::Precision::bf16;
  found.same = harmless(found.difference, rounds ? engine::Precision::bf16 : engine::Precision::float32);
  if (!found.same && !rounds) throw wrong_model(model_path, found.difference);
  return found;
}

Error wrong_model(const std::filesystem::path& model, const Difference& d) {
  return data_error(printable(model.string()),
                    fmt::format("its answers are not those seen in training: logits differ by {:.2g} % of their size, {}", 100 * d.size, to_text(d)),
                    "try again, because the disk may be at fault; if it happens again, please report it");
}

}  // namespace graft::fit
