#include "graft/fit/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::fit {
namespace {

double difference_of(std::span<const float> logits, std::span<const float> expected) {
  double difference = 0, size = 1e-12;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    difference += std::pow(static_cast<double>(expected[i]) - static_cast<double>(logits[i]), 2);
    size += std::pow(static_cast<double>(expected[i]), 2);
  }
  return std::sqrt(difference / size);
}

}  // namespace

double tolerance(engine::Precision precision) { return precision == engine::Precision::bf16 ? 0.1 : 1e-3; }

Verified verify(const std::filesystem::path& model_path, const std::vector<data::Sample>& samples, std::span<const float> expected, int threads,
                const std::function<std::function<void(std::size_t)>()>& begin) {
  const auto run = [&](artifact::Model model) {
    artifact::Predictions predictions = artifact::predict(model, data::paths_of(samples), threads, begin());
    if (!predictions.unreadable.empty()) throw predictions.unreadable.front().error;
    return predictions;
  };
  artifact::Model model = artifact::load_model(model_path, {.threads = threads});
  const double allowed = tolerance(model.card.precision);  // of what training saw, also where the model runs in float32
  const bool in_bf16 = model.precision == engine::Precision::bf16;
  Verified found{run(std::move(model))};
  double difference = difference_of(found.predictions.logits, expected);
  if (!(difference <= allowed) && in_bf16) {
    found = {run(artifact::load_model(model_path, {.precision = engine::Precision::float32, .threads = threads})), difference};
    difference = difference_of(found.predictions.logits, expected);
  }
  if (!(difference <= allowed))
    throw data_error(printable(model_path.string()),
                     fmt::format("its answers differ by {:.2g} % of their size from those seen in training, at most {:.2g} % is rounding",
                                 100 * difference, 100 * allowed),
                     "try --precision float32; if it stays, please report it");
  return found;
}

}  // namespace graft::fit
