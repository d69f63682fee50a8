#include "graft/fit/more/relation.h"

#include "graft/base/class_weights.h"
#include "graft/eval/evaluation.h"

namespace graft::fit {

train::Relation relation_of(const std::vector<int>& labels, std::size_t classes, std::size_t width,
                            const std::function<void(std::size_t photo, std::span<float> row)>& read) {
  std::vector<double> sums(classes * width);
  std::vector<float> row(width);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    read(i, row);
    eval::softmax(row, width);
    for (std::size_t k = 0; k < width; ++k) sums[static_cast<std::size_t>(labels[i]) * width + k] += static_cast<double>(row[k]);
  }
  const std::vector<std::size_t> counts = class_counts(labels, classes);
  train::Relation relation{width, {}};
  for (std::size_t i = 0; i < sums.size(); ++i) {
    const std::size_t count = counts[i / width];
    relation.shares.push_back(static_cast<float>(count > 0 ? sums[i] / static_cast<double>(count) : 1 / static_cast<double>(width)));
  }
  return relation;
}

train::Relation relation_of(const Training& training, std::size_t classes, const std::filesystem::path& file, int threads, ThreadPool& pool,
                            const std::function<void(std::size_t)>& advance) {
  SampleStream whole(training.train, training, {}, 0, pool);
  whole.compute(*training.source, 1, file, training, threads, advance);
  const train::Samples answers = whole.samples();
  return relation_of(answers.labels, classes, static_cast<std::size_t>(training.source->output_dims()[0]),
                     [&](std::size_t photo, std::span<float> row) { answers.fill(0, std::span(&photo, 1), row); });
}

}  // namespace graft::fit
