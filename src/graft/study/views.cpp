#include "graft/study/views.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <sstream>

#include "graft/base/error.h"
#include "graft/base/rng.h"
#include "graft/base/text.h"
#include "graft/data/loader.h"
#include "graft/fit/job/survey.h"
#include "graft/shots/photos.h"

namespace graft::study {
namespace fs = std::filesystem;
namespace {

constexpr uint64_t kProbe = 0x70726f6265;  // "probe": a draw beside those of the training

void say(const fit::Listener& listener, const std::string& sentence) {
  if (listener.note) listener.note(sentence);
}

}  // namespace

void ViewOptions::fields(FieldList& v) {
  v("crop-scale", crop_scale, "a view is a random part of the photo, of LOW to HIGH of its area and 3:4 to 4:3 in shape", Placeholder{"LOW,HIGH"});
  v("flip", flip, "probability that a view is mirrored; 0 where left and right differ in meaning", between(0, 1));
  v("vertical-flip", vertical_flip, "probability that a view is upside down", between(0, 1));
  v("rotation", rotation, "largest rotation of a view to either side, in degrees", between(0, 180));
  v("color", color,
    "strength of the random changes of brightness, contrast, saturation and hue: 1 is SimCLR's; 0 where color is what tells classes apart",
    between(0, 2));
  v("gray-chance", gray_chance, "probability that a view is gray; 0 where color tells classes apart", between(0, 1));
  v("blur-chance", blur_chance, "probability that a view is blurred", between(0, 1));
}

data::Augment augment_of(const ViewOptions& options, Size size) {
  data::AugmentOptions asked{.crop_scale = options.crop_scale, .flip = options.flip, .vertical_flip = options.vertical_flip};
  if (options.rotation > 0) asked.rotation = options.rotation;
  asked.brightness = asked.contrast = asked.saturation = 0.8 * options.color;
  asked.hue = std::min(0.5, 0.2 * options.color);
  asked.grey_chance = options.gray_chance;
  if (options.blur_chance > 0) {
    asked.blur = std::max(0.1, 2.0 * std::min(size.width, size.height) / 224);
    asked.blur_chance = options.blur_chance;
  }
  return data::of(data::AugmentPreset::none, asked);
}

PhotoList photos_of(const fs::path& folder, const fit::Listener& listener) {
  std::error_code code;
  const bool parts = fs::is_directory(folder / "train", code);
  const fs::path from = parts ? folder / "train" : folder;
  std::istringstream nothing;
  const std::array input{from};
  data::ImageList listed = data::list_images(input, nothing);
  for (const std::string& sentence : listed.notes) say(listener, sentence);
  say(listener, fmt::format("{}: {} photos, used without labels{}", printable(from.string()), listed.paths.size(),
                            parts ? "; the other parts beside train/ are left for measuring" : ""));
  return {std::move(listed.paths)};
}

PhotoList probe_photos(const fs::path& data, const data::SourceOptions& source, uint64_t seed, const fit::Listener& listener) {
  data::Dataset all = shots::all_of(data, source, listener);
  std::vector<std::size_t> chosen(all.samples.size());
  std::iota(chosen.begin(), chosen.end(), 0);
  if (chosen.size() > kMostProbed) {
    Rng(seed, kProbe).shuffle(std::span(chosen));
    chosen.resize(kMostProbed);
    std::ranges::sort(chosen);
  }
  PhotoList photos{.paths = {}, .classes = all.classes};
  for (const std::size_t i : chosen) {
    photos.paths.push_back(all.samples[i].path);
    photos.labels.push_back(all.samples[i].label);
  }
  return photos;
}

void keep_readable(PhotoList& photos, const fs::path& data, const data::Preprocess& preprocess, bool skip_unreadable, int threads,
                   const fit::Listener& listener) {
  const auto advance = listener.begin ? listener.begin("photos", photos.paths.size()) : nullptr;
  data::Loader loader(photos.paths, preprocess, {.threads = threads});
  PhotoList kept{.paths = {}, .classes = photos.classes};
  while (std::optional<data::Loader::Batch> batch = loader.next()) {
    check_interrupted();
    for (std::size_t row = 0; row < batch->indices.size(); ++row) {
      const std::size_t i = batch->indices[row];
      kept.paths.push_back(photos.paths[i]);
      kept.hashes.push_back(batch->hashes[row]);
      if (!photos.labels.empty()) kept.labels.push_back(photos.labels[i]);
    }
    if (advance) advance(batch->indices.size());
    loader.recycle(std::move(*batch));
  }
  fit::skip_unreadable(listener, skip_unreadable, data, photos.paths.size(), loader.unreadable());
  photos = std::move(kept);
}

void check_probe(const PhotoList& probe, const fs::path& data) {
  std::vector<std::size_t> counts(probe.classes.size());
  for (const int label : probe.labels) ++counts[static_cast<std::size_t>(label)];
  if (std::ranges::count_if(counts, [](std::size_t n) { return n >= 2; }) < 2)
    throw data_error("--probe " + printable(data.string()), "expected at least two classes with two photos each",
                     "give more labeled photos, or omit it");
}

train::Unlabelled two_views(const fit::PhotoViews& views) {
  return {views.size(), [&views](uint64_t epoch, std::span<const std::size_t> which, std::span<float> out) {
            std::vector<fit::PhotoViews::Picture> pictures;
            for (const std::size_t i : which) pictures.push_back({i % views.size(), 2 * epoch + i / views.size()});
            views.fill(pictures, out);
          }};
}

}  // namespace graft::study
