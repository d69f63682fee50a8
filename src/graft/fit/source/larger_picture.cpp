#include "graft/fit/source/larger_picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <mutex>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/engine/onnx_network.h"
#include "graft/fit/head/geometry.h"
#include "graft/fit/source/backbone.h"
#include "graft/fit/source/mean_of_units.h"
#include "graft/image/decode.h"

namespace graft::fit {
namespace {

constexpr double kLarger = 9.0 / 7;     // 224 to 288
constexpr int kStep = 32;               // by which networks halve their pictures, all in all
constexpr double kClearly = 0.95;       // part of the smaller picture's log loss: the larger one makes every prediction slower
constexpr double kWorthSlower = 0.005;  // nats
constexpr std::size_t kMeasured = 32;   // photos whose size is looked at

/// The shorter side of the photo in the middle, pixels, of a few that are evenly spread; 0 where none can be read.
int usual_shorter_side(const Job& job, const std::vector<data::Sample>& photos) {
  const std::size_t step = std::max<std::size_t>(1, photos.size() / kMeasured);
  std::vector<int> sides;
  for (std::size_t i = 0; i < photos.size(); i += step) try {
      const MappedFile file(photos[i].path);
      const image::Image image = image::decode(file.bytes(), photos[i].path.string(), job.preprocess.decoding());
      sides.push_back(static_cast<int>(std::min(image.width, image.height)));
    } catch (const Error&) {  // reported when all photos are read
    }
  if (sides.empty()) return 0;
  std::ranges::nth_element(sides, sides.begin() + static_cast<std::ptrdiff_t>(sides.size() / 2));
  return sides[sides.size() / 2];
}

/// The job's network for the larger picture, with the same weights; nothing where it takes no such picture.
std::optional<OpenedBackbone> opened_at(const Job& job, Size size, int resize) {
  Configured<FitConfig> config = job.config;
  config.values.size = size;
  config.values.resize = resize;
  const Listener quiet;
  Job own{.config = config, .listener = quiet, .splits = job.splits};
  std::optional<OpenedBackbone> opened = open_if_possible(own);
  if (opened) opened->preprocess = data::sized(job.preprocess, size, resize);
  return opened;
}

}  // namespace

LargerPicture take_larger_picture(Job& job) {
  const FitConfig& c = job.config.values;
  const Size now = job.preprocess.crop;
  const auto given = [&](const char* option) { return origin_of(job.config.origins, option).given(); };
  if (given("size") || given("resize") || !job.sources.is_null() || c.from || engine::is_onnx_file(c.backbone) || now.height != now.width) return {};
  const int side = static_cast<int>(std::lround(now.height * kLarger / kStep)) * kStep;
  const int resize = static_cast<int>(std::lround(static_cast<double>(job.preprocess.resize) * side / now.height));
  const std::vector<data::Sample> photos = compared_photos(job);
  if (usual_shorter_side(job, photos) < resize) return {};
  std::optional<OpenedBackbone> larger = opened_at(job, Size(side), resize);
  if (!larger) return {};

  const Looked small = look_at(job, job.preprocess, photos);
  std::swap(job.pretrained, larger->pretrained);
  const Looked large = look_at(job, larger->preprocess, photos);
  LargerPicture found{.computed = large.computed};
  if (small.l2.folds == 0 || large.l2.folds == 0) {
    std::swap(job.pretrained, larger->pretrained);
    return found;
  }
  const PhotosJudged judged = judged_photos(job, photos, small.unreadable);
  const WeightedMean gain = mean_of_units(difference(small.l2.held_out, large.l2.held_out), judged);
  const double before = mean_of_units(small.l2.held_out, judged).mean, after = mean_of_units(large.l2.held_out, judged).mean;
  found.taken = after < kClearly * before && gain.mean > std::max(kWorthSlower, gain.error);
  const auto told = [](int size, int cover, double log_loss) {
    return nlohmann::ordered_json{{"size", size}, {"resize", cover}, {"log_loss", log_loss}};
  };
  found.compared = {{"photos", photos.size() - small.unreadable.size()},
                    {"compared", {told(now.height, job.preprocess.resize, before), told(side, resize, after)}},
                    {"gain", gain.mean},
                    {"standard_error", gain.error},
                    {"taken", found.taken}};
  if (!found.taken) {
    std::swap(job.pretrained, larger->pretrained);
    return found;
  }
  const double slower = static_cast<double>(side) * side / (static_cast<double>(now.height) * now.height);
  const std::string why =
      fmt::format("cross-validated log loss on {} photos {:.4f} instead of {:.4f} at {} pixels, for {:.2f} times the work per prediction",
                  photos.size() - small.unreadable.size(), after, before, now.height, slower);
  job.preprocess = larger->preprocess;
  for (const char* option : {"size", "resize"}) job.config.origins.erase(option);
  choose(job.config, "size", job.preprocess.crop, why);
  choose(job.config, "resize", job.preprocess.resize, "in proportion to --size");
  return found;
}

}  // namespace graft::fit
