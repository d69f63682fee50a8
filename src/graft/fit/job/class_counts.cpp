#include "graft/fit/job/class_counts.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/base/text.h"
#include "graft/eval/aligned.h"

namespace graft::fit {
namespace {

constexpr std::size_t kAtEitherEnd = 5;  // of more classes than fit a terminal

}  // namespace

std::vector<ClassCount> photos_per_class(std::span<const std::string> classes, std::span<const data::Sample> train,
                                         std::span<const data::Sample> val) {
  const std::vector<std::size_t> trained = data::images_per_class(train, classes.size()), judged = data::images_per_class(val, classes.size());
  std::vector<ClassCount> counts;
  for (std::size_t k = 0; k < classes.size(); ++k) counts.push_back({classes[k], trained[k], judged[k]});
  return counts;
}

std::string to_table(std::vector<ClassCount> counts) {
  std::vector<std::vector<std::string>> rows{{"class", "training", "validation"}};
  const auto add = [&](const ClassCount& c) {
    rows.push_back({printable(c.name), with_commas(static_cast<long long>(c.train)), with_commas(static_cast<long long>(c.val))});
  };
  if (counts.size() <= eval::kWholeTable) {
    std::ranges::for_each(counts, add);
    return eval::aligned(rows);
  }
  std::ranges::stable_sort(counts, std::ranges::greater(), &ClassCount::train);
  std::ranges::for_each(std::span(counts).first(kAtEitherEnd), add);
  rows.push_back({fmt::format("({} classes between)", counts.size() - 2 * kAtEitherEnd), "", ""});
  std::ranges::for_each(std::span(counts).last(kAtEitherEnd), add);
  return eval::aligned(rows);
}

double unevenness(std::span<const ClassCount> counts) {
  const auto [smallest, largest] = std::ranges::minmax(counts, {}, &ClassCount::train);
  return static_cast<double>(largest.train) / static_cast<double>(std::max<std::size_t>(smallest.train, 1));
}

}  // namespace graft::fit
