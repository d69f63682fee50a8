#include "graft/fit/adapt/statistics.h"

#include "graft/base/error.h"
#include "graft/fit/head/photo_views.h"
#include "graft/fit/head/solve.h"
#include "graft/fit/more/material.h"
#include "graft/train/library.h"

namespace graft::fit {
namespace {

/// What the last layer of this network reads; kept in no cache, for nothing asks for it again.
Rows features_by(Job& job, const graph::Graph& network, const std::vector<data::Sample>& photos, const char* what) {
  if (photos.empty()) return {};
  engine::ExtractOptions options = extract_options(job.config.values);
  options.cache_limit = 0;
  options.every_stage = false;
  engine::FeatureExtractor extractor(network, job.preprocess, options);
  const engine::FeatureTable table = extractor.extract(data::paths_of(photos), false, job.begin(what, photos.size()));
  if (!table.unreadable.empty()) throw data::unreadable_error(job.config.values.data, photos.size(), table.unreadable);
  return columns(rows_of(table, 0, photos, {}, job.splits.task, job.splits.classes.size()), extractor.width(), extractor.last_width(), {});
}

}  // namespace

graph::Graph with_statistics_of(Job& job, const graph::Graph& network, const std::vector<data::Sample>& photos, const char* what) {
  const FitConfig& c = job.config.values;
  const PhotoViews views(data::paths_of(photos), job.preprocess, {}, c.seed, job.pool);
  const auto advance = job.begin(what, photos.size());
  const train::Unlabelled samples{photos.size(), [&](uint64_t, std::span<const std::size_t> which, std::span<float> out) {
                                    check_interrupted();
                                    std::vector<PhotoViews::Picture> pictures;
                                    for (const std::size_t i : which) pictures.push_back({i, 0});
                                    views.fill(pictures, out);
                                    if (advance) advance(which.size());
                                  }};
  train::TrainConfig options = options_here(c);
  options.storage = train::Storage::float32;
  return train::library().adapt_statistics(network, options, samples);
}

AdaptCandidate by_own_statistics(Job& job, const Photos& photos, const std::shared_ptr<const Domains>& seen) {
  const Rows train =
      features_by(job, with_statistics_of(job, job.pretrained.graph, photos.train, "statistics of the source"), photos.train, "features by them");
  const graph::Graph network = with_statistics_of(job, job.pretrained.graph, job.target, "statistics of the target");
  const head::LinearHead head = solve(job, train);
  const auto logits = [&](const std::vector<data::Sample>& of, const char* what) {
    return of.empty() ? std::vector<float>() : logits_of(head, features_by(job, network, of, what));
  };
  return {.name = "adabn",
          .seen = seen,
          .outcome = {assemble(network, head, {}), logits(photos.val, "validation photos by them"), accuracy_of(head, train, job.splits.classes)},
          .target_logits = logits(job.target, "target photos by them"),
          .test_logits = logits(job.target_test, "test photos by them")};
}

}  // namespace graft::fit
