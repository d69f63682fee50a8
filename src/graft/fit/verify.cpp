#include "graft/fit/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graft/base/error.h"

namespace graft::fit {

double tolerance(engine::Precision precision) { return precision == engine::Precision::bf16 ? 0.1 : 1e-3; }

artifact::Predictions verify(const std::filesystem::path& model_path, const std::vector<data::Sample>& samples, std::span<const float> expected,
                             int threads, const std::function<void(std::size_t)>& advance) {
  artifact::Model model = artifact::load_model(model_path, {.threads = threads});
  artifact::Predictions predictions = artifact::predict(model, data::paths_of(samples), threads, advance);
  if (!predictions.unreadable.empty()) throw predictions.unreadable.front().error;
  double difference = 0, size = 1e-12;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    difference += std::pow(static_cast<double>(expected[i]) - static_cast<double>(predictions.logits[i]), 2);
    size += std::pow(static_cast<double>(expected[i]), 2);
  }
  const double relative = std::sqrt(difference / size), allowed = tolerance(model.precision);
  if (!(relative <= allowed))
    throw data_error(model.path,
                     fmt::format("its answers differ by {:.2g} % of their size from those seen in training, at most {:.2g} % is rounding",
                                 100 * relative, 100 * allowed),
                     "try --precision float32; if it stays, please report it");
  return predictions;
}

}  // namespace graft::fit
