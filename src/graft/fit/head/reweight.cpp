#include "graft/fit/head/reweight.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/engine/features.h"
#include "graft/fit/head/probe.h"
#include "graft/fit/job/survey.h"
#include "graft/head/importance.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr double kHardly = 0.1;  // effective part of the training photos below which they are too unlike

/// Features of some photos, the unreadable ones left out.
struct Seen {
  std::vector<float> values;
  std::vector<std::size_t> photos;  // of each row

  head::Features features() const { return {values, photos.size(), values.size() / photos.size()}; }
};

Seen readable_rows(const engine::FeatureTable& table, std::size_t rows) {
  Seen seen;
  for (std::size_t i = 0; i < rows; ++i) {
    if (std::ranges::any_of(table.unreadable, [&](const data::Unreadable& u) { return u.index == i; })) continue;
    seen.photos.push_back(i);
    const auto row = table.values.begin() + static_cast<std::ptrdiff_t>(i * table.width);
    seen.values.insert(seen.values.end(), row, row + static_cast<std::ptrdiff_t>(table.width));
  }
  return seen;
}

void refuse_few(const fs::path& folder, std::size_t photos, const char* what) {
  if (photos < head::kFewestOfDomain)
    throw data_error(
        printable(folder.string()),
        fmt::format("{} {} photo{}, expected at least {} to estimate weights from", what, photos, photos == 1 ? "" : "s", head::kFewestOfDomain),
        "give more, or set the weights yourself with --sample-weights");
}

void tell(const Job& job, const fs::path& folder, const head::Importance& found) {
  const auto [least, most] = std::ranges::minmax(found.weights);
  const std::string name = printable(folder.string());
  job.note(
      fmt::format("training photos can be told from those of {} in {:.1f} % of cases (cross-validated; 50 % is chance): weights {:.2g} to {:.2g}{}, "
                  "worth {:.1f} of {} photos",
                  name, 100 * found.accuracy, least, most, found.clipped > 0 ? fmt::format(", {} truncated", found.clipped) : "",
                  found.effective_size, found.weights.size()));
  if (found.effective_size < kHardly * static_cast<double>(found.weights.size()))
    job.note(fmt::format("warning: the photos of {} hardly resemble the training photos, so what is learned rests on only a few of these", name));
}

}  // namespace

data::ImageList photos_to_resemble(const fs::path& folder) {
  std::istringstream nothing;
  const std::array input{folder};
  data::ImageList photos = data::list_images(input, nothing);
  refuse_few(folder, photos.paths.size(), "holds");
  return photos;
}

void reweight(Job& job, Start& start) {
  const FitConfig& c = job.config.values;
  if (!c.reweight_to) return;
  const data::ImageList listed = photos_to_resemble(*c.reweight_to);
  for (const std::string& sentence : listed.notes) job.note(sentence);
  const std::vector<fs::path>&target = listed.paths, source = data::paths_of(job.splits.train);
  engine::FeatureExtractor extractor(job.pretrained.graph, job.preprocess, extract_options(c));
  const auto features = [&](const char* what, const std::vector<fs::path>& paths) {
    engine::FeatureTable table = extractor.extract(paths, false, job.begin(what, paths.size()));
    std::vector<float> last;  // of all stages' averages
    for (std::size_t i = 0; i < paths.size(); ++i) {
      const auto row = table.values.begin() + static_cast<std::ptrdiff_t>(i * table.width);
      last.insert(last.end(), row, row + static_cast<std::ptrdiff_t>(extractor.last_width()));
    }
    table.values = std::move(last);
    table.width = extractor.last_width();
    return table;
  };
  const engine::FeatureTable theirs = features("photos to resemble", target), ours = features("training photos", source);
  skip_unreadable(job, *c.reweight_to, target.size(), theirs.unreadable);
  const Seen to = readable_rows(theirs, target.size()), from = readable_rows(ours, source.size());
  refuse_few(*c.reweight_to, to.photos.size(), "has");
  refuse_few(c.data, from.photos.size(), "trains on");
  const head::Importance found = head::importance(from.features(), to.features(), c.seed, job.pool);
  std::vector<double> weights(source.size(), 1.0);
  for (std::size_t i = 0; i < found.weights.size(); ++i) weights[from.photos[i]] = found.weights[i];
  const auto [least, most] = std::ranges::minmax(found.weights);
  start.reweighting = {{"photos", to.photos.size()},
                       {"domain_accuracy", found.accuracy},
                       {"domain_l2", found.l2},
                       {"smallest", least},
                       {"largest", most},
                       {"cut_off", found.clipped},
                       {"effective_size", found.effective_size},
                       {"training_photos", found.weights.size()},
                       {"weights", weights}};
  tell(job, *c.reweight_to, found);
  take_weights(job, start);
}

void take_weights(Job& job, const Start& start) {
  if (start.reweighting.is_null()) return;
  const auto weights = start.reweighting.at("weights").get<std::vector<double>>();
  if (weights.size() != job.splits.train.size())
    throw data_error(printable(job.config.values.data.string()),
                     fmt::format("has {} training photos, but --reweight-to weighted {}", job.splits.train.size(), weights.size()),
                     "restore the photos, or start another run");
  for (std::size_t i = 0; i < weights.size(); ++i) job.splits.train[i].weight = weights[i];
}

Json without_weights(Json reweighting) {
  if (!reweighting.is_null()) reweighting.erase("weights");
  return reweighting;
}

}  // namespace graft::fit
