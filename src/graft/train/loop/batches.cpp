#include "graft/train/loop/batches.h"

#include <algorithm>
#include <numeric>

#include "graft/base/rng.h"
#include "graft/train/train.h"

namespace graft::train {
namespace {

constexpr uint64_t kRepeated = 0x7265706561746564;    // "repeated": a stream beside those below
constexpr uint64_t kUnlabelled = 0x756e6c6162656c00;  // "unlabel", and the stream's number
constexpr uint64_t kBalanced = 0x62616c616e636564;    // "balanced": a stream beside that of the plain order

Batches spread(std::span<const std::size_t> order, int batch) {
  const std::size_t samples = order.size();
  std::size_t count = (samples + static_cast<std::size_t>(batch) - 1) / static_cast<std::size_t>(batch);
  if (batch == 2 && samples > 1) count = samples / 2;
  Batches batches;
  for (std::size_t b = 0; b < count; ++b)
    batches.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(b * samples / count),
                         order.begin() + static_cast<std::ptrdiff_t>((b + 1) * samples / count));
  return batches;
}

/// The k-th time that a sample comes it is its number + k * samples.
void number_copies(std::vector<std::size_t>& order, std::size_t samples) {
  std::vector<std::size_t> seen(samples);
  for (std::size_t& which : order) which += seen[which]++ * samples;
}

}  // namespace

Batches batches_of(std::size_t samples, int batch, uint64_t seed, uint64_t epoch) {
  std::vector<std::size_t> order(samples);
  std::iota(order.begin(), order.end(), 0);
  Rng(seed, epoch).shuffle(std::span(order));
  return spread(order, batch);
}

Batches batches_of(std::span<const int> labels, const TrainConfig& config, uint64_t epoch) {
  if (config.repeated > 1) {
    Batches batches = spread(repeated_order(labels.size(), static_cast<std::size_t>(config.repeated), config.seed, epoch), config.batch);
    Rng rng(config.seed ^ kRepeated, ~epoch);
    for (auto& batch : batches) rng.shuffle(std::span(batch));  // what mixes neighbours should mix photos
    return batches;
  }
  if (config.imbalance == Imbalance::sampling) return spread(balanced_order(labels, config.seed, epoch), config.batch);
  return batches_of(labels.size(), config.batch, config.seed, epoch);
}

std::vector<std::size_t> balanced_order(std::span<const int> labels, uint64_t seed, uint64_t epoch) {
  std::vector<std::vector<std::size_t>> members;  // of the classes that are there
  for (std::size_t i = 0; i < labels.size(); ++i) {
    const auto label = static_cast<std::size_t>(labels[i]);
    if (members.size() <= label) members.resize(label + 1);
    members[label].push_back(i);
  }
  std::erase_if(members, [](const auto& of_class) { return of_class.empty(); });
  Rng rng(seed ^ kBalanced, epoch);
  rng.shuffle(std::span(members));  // whose turn is one more where it does not come out even
  std::vector<std::size_t> order;
  for (std::size_t k = 0; k < members.size(); ++k) {
    std::vector<std::size_t>& of_class = members[k];
    const std::size_t draws = (labels.size() * (k + 1)) / members.size() - (labels.size() * k) / members.size();
    for (std::size_t i = 0; i < draws; ++i) {
      if (i % of_class.size() == 0) rng.shuffle(std::span(of_class));
      order.push_back(of_class[i % of_class.size()]);
    }
  }
  rng.shuffle(std::span(order));
  number_copies(order, labels.size());
  return order;
}

std::vector<std::size_t> repeated_order(std::size_t samples, std::size_t times, uint64_t seed, uint64_t epoch) {
  std::vector<std::size_t> all(samples);
  std::iota(all.begin(), all.end(), 0);
  Rng(seed ^ kRepeated, epoch / times).shuffle(std::span(all));
  const std::size_t part = epoch % times, first = samples * part / times, size = samples * (part + 1) / times - first;
  if (size == 0) return repeated_order(samples, samples, seed, epoch);  // fewer samples than times
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < samples; ++i) order.push_back(all[first + i * size / samples]);
  number_copies(order, samples);
  return order;
}

Turn turn_of(std::size_t samples, const TrainConfig& config, std::size_t stream, uint64_t step) {
  const uint64_t seed = config.seed ^ (kUnlabelled + (config.fixmatch ? 0 : stream));
  const int batch = config.batch * config.per_labeled();
  const std::size_t steps = batches_of(samples, batch, seed, 0).size();
  const uint64_t pass = step / steps;
  return {pass, batches_of(samples, batch, seed, pass)[step % steps]};
}

UpdateSteps update_at(const Batches& batches, std::size_t step, std::size_t accumulate) {
  const std::size_t first = step / accumulate * accumulate;
  UpdateSteps update{first, std::min(first + accumulate, batches.size()), 0};
  for (std::size_t s = update.first; s < update.last; ++s) update.samples += batches[s].size();
  return update;
}

}  // namespace graft::train
