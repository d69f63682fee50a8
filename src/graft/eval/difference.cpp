#include "graft/eval/difference.h"

#include <algorithm>
#include <vector>

#include "graft/base/thread_pool.h"
#include "graft/eval/draw.h"

namespace graft::eval {

ScoreDifference difference_in(const Truth& truth, std::span<const float> first, std::span<const float> second, std::size_t classes,
                              std::string_view score, const Resampling& resampling) {
  const Number& number = number_named(truth.task, score);
  const double work = 2.0 * static_cast<double>(first.size());
  const Units units = units_of(truth, resampling.groups);
  Answered answers[] = {look_at(truth, first, classes, 0), look_at(truth, second, classes, 0)};
  const double values[] = {number.value(sum_up(answers[0], truth, first)), number.value(sum_up(answers[1], truth, second))};
  if (drawn_with_rankings(work)) {
    rank_classes(truth, first, answers[0]);
    rank_classes(truth, second, answers[1]);
  }
  const int resamples = resampling.resamples > 0 ? resampling.resamples : resamples_for(work);
  const auto count = static_cast<std::size_t>(resamples);
  std::vector<double> differences(count);
  ThreadPool pool(resampling.threads);
  pool.parallel_for((count + kLanes - 1) / kLanes, [&](std::size_t block) {
    const std::size_t begin = block * kLanes;
    const std::vector<Tally> a = sum_up_samples(answers[0], units, resampling.seed, begin, count);
    const std::vector<Tally> b = sum_up_samples(answers[1], units, resampling.seed, begin, count);
    for (std::size_t i = 0; i < a.size(); ++i) differences[begin + i] = number.value(a[i]) - number.value(b[i]);
  });
  const double difference = values[0] - values[1];
  return {values[0], values[1], difference, bootstrap_interval(std::move(differences), difference), resamples, units.drawn};
}

}  // namespace graft::eval
