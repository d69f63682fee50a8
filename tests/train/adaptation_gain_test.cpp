// That adapting helps where it should: photos of another domain whose colours are shifted, judged by labels that no training sees.
#include <gtest/gtest.h>

#include "train/adapting.h"

namespace graft::train {
namespace {

using namespace small;

/// As pictures(), but their first colour is brighter and all are darker: to a network that only knows those, most are of the first kind.
Samples shifted(std::size_t count, uint64_t salt) {
  Samples samples = pictures(count, salt);
  samples.fill = [fill = samples.fill](uint64_t epoch, std::span<const std::size_t> which, std::span<float> out) {
    fill(epoch, which, out);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = 0.7F * out[i] + (i % 3 == 0 ? 0.25F : 0.0F);
  };
  return samples;
}

/// Right of the target's, after training by each of three seeds: the mean. Batch norm is fixed but for the bottleneck's, or that alone would mend it.
double accuracy(Adaptation method) {
  TrainConfig config = config_of();
  config.adapt = method;
  config.epochs = 12;
  const Samples source = pictures(60, 1), truth = shifted(60, 700);
  const transfer::Plan plan =
      transfer::plan(narrowed(), {.kind = transfer::Kind::full, .batch_norm = transfer::BatchNormMode::fixed, .weight_decay = 1e-3});
  Streams streams{source, truth};
  if (method != Adaptation::none) streams.unlabelled.push_back({60, truth.fill});
  double sum = 0;
  for (config.seed = 0; config.seed < 3; ++config.seed) sum += train::train(narrowed(), plan, config, streams).history.back().val_accuracy;
  return sum / 3;
}

TEST(AdaptationGain, IsThereWhereTheDomainsDiffer) {
  const double without = accuracy(Adaptation::none);
  for (const Adaptation method : {Adaptation::deep_coral, Adaptation::dann}) EXPECT_GT(accuracy(method), without + 0.05) << to_string(method);
}

}  // namespace
}  // namespace graft::train
