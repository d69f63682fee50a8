#include "graft/fit/run/trained_network.h"

#include <algorithm>
#include <utility>

namespace graft::fit {

TrainedNetwork::TrainedNetwork(const Job& job, const Outcome& outcome, bool features) : job_(job) {
  const FitConfig& c = job.config.values;
  const artifact::ModelCard card{.labels = job.splits.classes, .preprocess = job.preprocess, .precision = c.precision, .task = job.splits.task};
  artifact::SessionOptions options{.threads = c.threads};
  options.features = features;
  session_ = artifact::start_session("the trained network", artifact::to_onnx(outcome.network, card), card, options);
}

Answered TrainedNetwork::ask(const std::vector<data::Sample>& photos, const std::filesystem::path& data, const std::string& what) const {
  artifact::Predictions said = session_->predict(data::paths_of(photos), job_.config.values.threads, job_.begin(what, photos.size()));
  if (!said.unreadable.empty()) throw data::unreadable_error(data, photos.size(), said.unreadable);
  const data::Task& task = job_.splits.task;
  Rows rows{.width = session_->feature_width(),
            .labels = data::labels_of(photos),
            .values = std::move(said.features),
            .weights = data::weights_of(photos),
            .task = task,
            .targets = data::targets_of(task, photos, job_.splits.classes.size())};
  if (!data::one_class_each(task)) std::ranges::fill(rows.labels, 0);
  for (const data::Sample& photo : photos) rows.groups.push_back(photo.group);
  return {std::move(rows), std::move(said.logits), std::move(said.hashes)};
}

}  // namespace graft::fit
