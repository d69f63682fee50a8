#include "graft/fit/source/picture_scale.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graft/base/error.h"
#include "graft/base/rng.h"
#include "graft/base/text.h"
#include "graft/engine/features.h"
#include "graft/fit/head/head_input.h"
#include "graft/fit/head/probe.h"
#include "graft/fit/head/solve.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kMostPhotos = 240, kMostClasses = 24;
constexpr double kDoubt = 2;  // standard errors between two log losses that are told apart

/// Training photos for a comparison, drawn by the seed: of at most kMostClasses classes the same number each; their labels count those classes.
std::vector<data::Sample> few_photos(data::SingleLabel /*task*/, const data::Splits& splits, uint64_t seed) {
  std::vector<data::Sample> photos;
  Rng rng(seed, 0);
  std::vector<std::size_t> classes(splits.classes.size());
  for (std::size_t c = 0; c < classes.size(); ++c) classes[c] = c;
  rng.shuffle(std::span(classes));
  classes.resize(std::min(classes.size(), kMostClasses));
  for (std::size_t c = 0; c < classes.size(); ++c) {
    std::vector<data::Sample> of_class;
    for (const data::Sample& sample : splits.train)
      if (sample.label == static_cast<int>(classes[c])) of_class.push_back(sample);
    rng.shuffle(std::span(of_class));
    of_class.resize(std::min(of_class.size(), kMostPhotos / classes.size()));
    for (data::Sample& sample : of_class) {
      sample.label = static_cast<int>(c);
      photos.push_back(std::move(sample));
    }
  }
  return photos;
}

/// With all of their classes.
std::vector<data::Sample> few_photos(data::MultiLabel /*task*/, const data::Splits& splits, uint64_t seed) {
  std::vector<data::Sample> photos = splits.train;
  Rng rng(seed, 0);
  rng.shuffle(std::span(photos));
  photos.resize(std::min(photos.size(), kMostPhotos));
  return photos;
}

/// That the labels of few_photos count.
int classes_of(data::SingleLabel /*task*/, const Rows& rows, int /*classes*/) { return *std::ranges::max_element(rows.labels) + 1; }
int classes_of(data::MultiLabel /*task*/, const Rows& /*rows*/, int classes) { return classes; }

/// The head's cross-validation on the photos' features at this scale; nothing where it cannot be computed.
std::optional<head::L2Score> score(Job& job, const engine::OnnxNetwork& network, const onnx::PictureScale& scale,
                                   const std::vector<data::Sample>& photos, const std::function<void(std::size_t)>& advance) {
  const FitConfig& c = job.config.values;
  const data::Preprocess preprocess = data::sized(engine::preprocess_of(network, scale), network.size, c.resize);
  engine::ExtractOptions options = extract_options(c);
  if (options.precision == engine::Precision::automatic) options.precision = engine::Precision::float32;
  options.every_stage = false;
  engine::FeatureExtractor extractor(engine::graph_of(network, scale), preprocess, options);
  const engine::FeatureTable table = extractor.extract(data::paths_of(photos), false, advance);
  std::vector<std::size_t> unreadable;
  for (const data::Unreadable& u : table.unreadable) unreadable.push_back(u.index);
  const Rows rows = rows_of(table, 0, photos, unreadable, job.splits.task, job.splits.classes.size());
  if (rows.labels.empty() || !std::ranges::all_of(rows.values, [](float v) { return std::isfinite(v); })) return std::nullopt;
  const int classes = std::visit([&](const auto& task) { return classes_of(task, rows, job.classes()); }, job.splits.task);
  const head::L2Choice choice = choose_l2(c, rows, classes, job.pool);
  const auto best = std::ranges::min_element(choice.path, {}, &head::L2Score::log_loss);
  return best == choice.path.end() ? std::nullopt : std::optional(*best);
}

struct Scored {
  onnx::PictureScale scale;
  head::L2Score score;
};

bool beyond_doubt(const head::L2Score& a, const head::L2Score& b) {
  return a.log_loss + kDoubt * std::hypot(a.standard_error, b.standard_error) < b.log_loss;
}

std::vector<Scored> compare(Job& job, const engine::OnnxNetwork& network) {
  const std::vector<data::Sample> photos =
      std::visit([&](const auto& task) { return few_photos(task, job.splits, job.config.values.seed); }, job.splits.task);
  std::vector<onnx::PictureScale> scales;
  for (const onnx::PictureScale& scale : onnx::usual_scales())
    if (!scale.bgr || network.input.channels == 3) scales.push_back(scale);
  const auto advance = job.begin("scales", scales.size() * photos.size());
  std::vector<Scored> scored;
  for (const onnx::PictureScale& scale : scales)
    if (const auto found = score(job, network, scale, photos, advance)) scored.push_back({scale, *found});
  return scored;
}

/// Written with what it was chosen by, so that `--config` and `--resume` need not compare again.
void write_down(Job& job, const onnx::PictureScale& scale, const std::string& reason) {
  choose(job.config, "mean", fmt::format("{}", fmt::join(scale.mean, ",")), reason);
  choose(job.config, "std", fmt::format("{}", fmt::join(scale.std, ",")), reason);
  choose(job.config, "channels", scale.bgr ? engine::ChannelOrder::bgr : engine::ChannelOrder::rgb, reason);
}

onnx::PictureScale chosen_by_photos(Job& job, const engine::OnnxNetwork& network) {
  const onnx::PictureScale& usual = onnx::usual_scales().front();
  const std::string says_nothing = network.model.path + " does not say how its pictures are normalized: ";
  std::vector<Scored> scored = compare(job, network);
  const auto imagenet = std::ranges::find_if(scored, [&](const Scored& s) { return std::string_view(s.scale.name) == usual.name; });
  if (scored.empty() || imagenet == scored.end()) {
    job.note(says_nothing + "taken as ImageNet's, with too few photos per class to compare; override this with --mean, --std and --channels");
    write_down(job, usual, "ImageNet's, for lack of a better guess");
    return usual;
  }
  const head::L2Score of_imagenet = imagenet->score;
  std::ranges::stable_sort(scored, {}, [](const Scored& s) { return s.score.log_loss; });
  std::vector<std::string> losses;
  for (const Scored& s : scored) losses.push_back(fmt::format("{:.3f} for {}", s.score.log_loss, s.scale.name));
  const bool better = beyond_doubt(scored.front().score, of_imagenet);
  const onnx::PictureScale& taken = better ? scored.front().scale : usual;
  const char* why = better ? "" : ", and no other is better beyond doubt";
  job.note(fmt::format("{}taken as {}{}; cross-validated log loss on training photos: {}; override this with --mean, --std and --channels",
                       says_nothing, taken.name, why, fmt::join(losses, ", ")));
  write_down(job, taken,
             better ? fmt::format("cross-validated log loss {:.3f}, ImageNet's has {:.3f}", scored.front().score.log_loss, of_imagenet.log_loss)
                    : "ImageNet's: no other is better beyond doubt");
  return taken;
}

}  // namespace

onnx::PictureScale choose_scale(Job& job, const engine::OnnxNetwork& network) {
  const FitConfig& c = job.config.values;
  const engine::StatedScale& stated = c.scale;
  if (!stated.any() && !network.written && !network.told) return chosen_by_photos(job, network);
  if (const std::string told = engine::told_by_file(network); !told.empty()) {
    job.note(told);
    if (!stated.any()) write_down(job, *network.told, "as the file's first nodes tell");
  }
  const onnx::PictureScale scale = engine::with_stated(engine::scale_of_file(network), stated);
  if (!network.written && !network.told && !(stated.mean && stated.std))
    job.note(fmt::format("{} does not say how its pictures are normalized: mean {:g}, deviation {:g}", network.model.path, fmt::join(scale.mean, ","),
                         fmt::join(scale.std, ",")));
  return scale;
}

}  // namespace graft::fit
