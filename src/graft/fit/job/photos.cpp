#include "graft/fit/job/photos.h"

#include <fmt/format.h>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/data/sample_weights.h"
#include "graft/fit/job/class_counts.h"
#include "graft/fit/job/look_over.h"
#include "graft/fit/job/option_rules.h"

namespace graft::fit {

data::SplitOptions split_options(const FitConfig& c) {
  data::SplitOptions options{.val_fraction = c.val_fraction, .seed = c.seed, .val = c.val.value_or(""), .source = c.source};
  if (!c.fold) return options;
  const std::size_t slash = c.fold->find('/');
  const std::string_view text = *c.fold;
  options.fold = number_in<int>(text.substr(0, slash)).value_or(0);
  options.folds = slash == text.npos ? 0 : number_in<int>(text.substr(slash + 1)).value_or(0);
  if (options.folds < 2 || options.fold < 1 || options.fold > options.folds)
    throw usage_error("--fold " + printable(*c.fold), "expected K/N, part K from 1 to N of at least 2", "for instance --fold 1/5");
  return options;
}

void open_photos(Job& job) {
  const FitConfig& c = job.config.values;
  job.splits = data::open_splits(c.data, split_options(c));
  for (const std::string& sentence : job.splits.notes) job.note(sentence);
  check_task(job.config, job.splits.task);
  job.note(
      fmt::format("{} classes, {} training and {} validation photos", job.splits.classes.size(), job.splits.train.size(), job.splits.val.size()));
  std::string table = to_table(photos_per_class(job.splits.classes, job.splits.train, job.splits.val));
  table.pop_back();  // a note ends its line itself
  job.note(table);
  if (c.sample_weights)
    for (const std::string& sentence : data::read_weights(*c.sample_weights, c.data, job.splits)) job.note(sentence);
  if (c.dedupe || c.dedupe_near) dedupe(job);
  if (!c.by_group.asked()) return;
  std::vector<data::Sample> all = job.splits.train;
  all.insert(all.end(), job.splits.val.begin(), job.splits.val.end());
  data::Attributes attributes = data::read_attributes(c.by_group, c.data, all, c.source.path_column);
  for (const std::string& sentence : attributes.notes) job.note(sentence);
  job.attributes = std::move(attributes.list);
}

}  // namespace graft::fit
