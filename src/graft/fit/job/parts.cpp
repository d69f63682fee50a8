#include "graft/fit/job/parts.h"

#include <numeric>

#include "graft/data/dataset.h"

namespace graft::fit {

std::vector<data::Sample> at(const std::vector<data::Sample>& samples, const std::vector<std::size_t>& rows) {
  std::vector<data::Sample> some;
  for (const std::size_t row : rows) some.push_back(samples[row]);
  return some;
}

std::pair<std::vector<std::size_t>, std::vector<std::size_t>> divide(const Job& job, const std::vector<data::Sample>& samples,
                                                                     const std::vector<std::size_t>& rows, double fraction) {
  const std::vector<data::Sample> some = at(samples, rows);
  std::vector<std::string> names;
  for (const data::Sample& sample : some) names.push_back(sample.path.lexically_relative(job.config.values.data).generic_string());
  const std::vector<bool> chosen =
      data::choose_val(job.splits.task, names, some, job.classes(), {.val_fraction = fraction, .seed = job.config.values.seed});
  std::pair<std::vector<std::size_t>, std::vector<std::size_t>> parts;
  for (std::size_t i = 0; i < rows.size(); ++i) (chosen[i] ? parts.first : parts.second).push_back(rows[i]);
  return parts;
}

std::vector<std::size_t> some_of(const Job& job, const std::vector<data::Sample>& samples, std::size_t most) {
  std::vector<std::size_t> rows(samples.size());
  std::iota(rows.begin(), rows.end(), std::size_t{0});
  if (rows.size() <= most) return rows;
  return divide(job, samples, rows, static_cast<double>(most) / static_cast<double>(rows.size())).first;
}

}  // namespace graft::fit
