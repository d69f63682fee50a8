#include "graft/fit/source/negative_transfer.h"

#include <fmt/format.h>

#include <optional>

#include "graft/artifact/chain.h"
#include "graft/artifact/model.h"
#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/data/look.h"
#include "graft/engine/onnx_network.h"
#include "graft/fit/head/geometry.h"
#include "graft/fit/source/backbone.h"
#include "graft/fit/source/mean_of_units.h"

namespace graft::fit {
namespace {

constexpr double kBeyondChance = 1.96;  // standard errors

/// What a head says of the photos on the pretrained network of that name, for the same picture; nothing where it, or its weights, are not here.
std::optional<Looked> look_with(const Job& job, const std::string& network, const std::vector<data::Sample>& photos) {
  Configured<FitConfig> config = job.config;
  config.values.from.reset();
  config.values.backbone = network;
  config.values.download = false;
  const Listener quiet;
  Job own{.config = config, .listener = quiet, .splits = job.splits};
  std::optional<OpenedBackbone> opened = open_if_possible(own);
  if (!opened) return std::nullopt;
  own.pretrained = std::move(opened->pretrained);
  own.preprocess = opened->preprocess;
  data::choose_pixels(data::paths_of(job.splits.train), config.values.background, config.values.depth, own.preprocess, own.pool);
  return look_at(own, own.preprocess, photos);
}

}  // namespace

const char* verdict_of(double gain, double error) {
  if (gain > kBeyondChance * error) return "helps";
  return gain < -kBeyondChance * error ? "hurts" : "no difference";
}

nlohmann::ordered_json check_transfer(Job& job) {
  const FitConfig& c = job.config.values;
  if (!c.from || c.in_study) return {};
  const std::string from = printable(c.from->string());
  const std::string network = artifact::first_network(artifact::chain_of(artifact::load_provenance(*c.from), from));
  if (network.empty() || engine::is_onnx_file(network)) return {};
  const std::vector<data::Sample> photos = compared_photos(job);
  const std::optional<Looked> first = look_with(job, network, photos);
  if (!first) {
    job.note(fmt::format("whether {} helps here was not checked: {}, which it began with, is not here", from, network));
    return {};
  }
  const Looked own = look_at(job, job.preprocess, photos);
  if (own.l2.folds == 0 || first->l2.folds == 0) return {};
  const PhotosJudged judged = judged_photos(job, photos, own.unreadable);
  const WeightedMean gain = mean_of_units(difference(first->l2.held_out, own.l2.held_out), judged);
  const double after = mean_of_units(own.l2.held_out, judged).mean, before = mean_of_units(first->l2.held_out, judged).mean;
  const std::string verdict = verdict_of(gain.mean, gain.error);
  const std::size_t compared = photos.size() - own.unreadable.size();
  if (verdict == "hurts")
    job.note(fmt::format(
        "NEGATIVE TRANSFER: on {} training photos a head on what {} sees has a cross-validated log loss of {:.4f}, one on what {} sees {:.4f}; "
        "begin from --backbone {} in place of --from",
        compared, from, after, network, before, network));
  return {{"photos", compared}, {"from", {{"log_loss", after}}}, {"first", {{"network", network}, {"log_loss", before}}},
          {"gain", gain.mean},  {"standard_error", gain.error},  {"verdict", verdict}};
}

}  // namespace graft::fit
