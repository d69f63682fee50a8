#include "graft/fit/adapt/translated.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/json.h"
#include "graft/base/text.h"
#include "graft/engine/engine.h"
#include "graft/fit/adapt/pictures.h"
#include "graft/fit/head/solve.h"
#include "graft/image/png.h"
#include "graft/models/cyclegan.h"
#include "graft/onnx/write.h"
#include "graft/train/library.h"
#include "graft/transfer/initialise.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

constexpr uint64_t kSeeds = 0x6379636c6567616e;  // "cyclegan": beside those of the head
constexpr int kBatch = 32;                       // pictures that a generator is run on at once
constexpr int64_t kFewBlocks = 6, kManyBlocks = 9;

/// The authors load pictures of 286 pixels for parts of 256.
int loaded_side(int size) { return size * 286 / 256; }

/// So many halvings that a discriminator's patches are of about the picture's own proportion as the authors' 70 of 256 pixels, at most theirs.
int64_t halvings_for(int size) { return size < 128 ? 2 : 3; }

train::TranslationNetworks networks_for(const FitConfig& c) {
  const int size = c.adapt.translate_size;
  const int64_t width = c.adapt.translate_width, blocks = size < 256 ? kFewBlocks : kManyBlocks;
  train::TranslationNetworks networks{models::cyclegan_generator(size, width, blocks), models::cyclegan_generator(size, width, blocks),
                                      models::cyclegan_discriminator(size, width, halvings_for(size)),
                                      models::cyclegan_discriminator(size, width, halvings_for(size))};
  uint64_t seed = c.seed ^ kSeeds;
  for (graph::Graph* graph : {&networks.to_target, &networks.to_source, &networks.of_source, &networks.of_target})
    transfer::initialise(*graph, seed++);
  return networks;
}

/// Where the cache has what these photos and options give on this machine.
fs::path place_of(const FitConfig& c, const Pictures& source, const Pictures& target, const std::map<std::string, std::string>& machine) {
  Hasher hasher;
  hasher.add(std::as_bytes(std::span(source.pixels))).add(std::as_bytes(std::span(target.pixels)));
  hasher.add(fmt::format("{} {} {} {} {}", c.adapt.translate_size, c.adapt.translate_width, c.adapt.translate_epochs, c.seed, source.count));
  for (const auto& [key, value] : machine) hasher.add(key + "=" + value + ";");
  return cache_folder() / "translation" / hasher.finish().hex();
}

train::TranslationResult train_between(Job& job, const Pictures& source, const Pictures& target) {
  const FitConfig& c = job.config.values;
  const train::Library& library = train::library();
  const train::TranslationConfig options{.epochs = c.adapt.translate_epochs,
                                         .seed = c.seed,
                                         .threads = c.threads,
                                         .checkpoint_minutes = c.training.checkpoint_minutes};
  train::TrainConfig training = c.training;
  training.threads = c.threads;
  const fs::path place = place_of(c, source, target, library.machine(training));
  std::error_code ignored;  // where it cannot be made, the checkpoint says so
  fs::create_directories(place, ignored);
  const std::size_t steps = std::max(source.count, target.count);
  const auto progress = job.begin("translation, in steps", static_cast<std::size_t>(options.epochs) * steps);
  const train::Hooks hooks{.progress =
                               [&](int epoch, std::size_t step, std::size_t of) {
                                 if (progress) progress(static_cast<std::size_t>(epoch) * of + step);
                               },
                           .stop = [] { return interrupted(); },
                           .checkpoint = place / "state"};
  const int size = c.adapt.translate_size;
  try {
    return library.train_translation(networks_for(c), options, cropped(source, size, c.seed ^ kSeeds), cropped(target, size, c.seed ^ (kSeeds + 1)),
                                     hooks);
  } catch (const Interrupted&) {
    throw Interrupted("the same command goes on with the translation where this one stopped");
  }
}

/// What a generator makes of each.
Pictures through(const graph::Graph& generator, const Pictures& pictures, const FitConfig& c) {
  engine::Engine engine(onnx::write(generator), generator.name, picture_preprocess(pictures.side), {.threads = c.threads, .batch = kBatch});
  Pictures made{pictures.count, pictures.side};
  for (std::size_t first = 0; first < pictures.count; first += kBatch) {
    const std::size_t count = std::min<std::size_t>(kBatch, pictures.count - first);
    std::vector<float> out(count * engine.width());
    engine.run(std::span(pictures.pixels).subspan(first * pictures.bytes(), count * pictures.bytes()), count, out);
    for (std::size_t i = 0; i < count; ++i) {
      const std::vector<uint8_t> bytes = to_bytes(std::span(out).subspan(i * engine.width(), engine.width()), pictures.side);
      made.pixels.insert(made.pixels.end(), bytes.begin(), bytes.end());
    }
    check_interrupted();
  }
  return made;
}

std::string png_of(const Pictures& pictures, std::size_t i) { return image::encode_png(pictures.at(i), pictures.side, pictures.side, 3); }

/// What the head sees of pictures, by way of files, whose features the cache then has.
Rows rows_seen(Job& job, const Probe& probe, const Pictures& pictures, std::vector<data::Sample> photos, const char* what) {
  const AtomicFolder folder(cache_folder() / "translation" / "pictures");  // never committed: gone at the end
  for (std::size_t i = 0; i < pictures.count; ++i) {
    photos[i].path = folder.path() / fmt::format("{}.png", i);
    write_file(photos[i].path, png_of(pictures, i), Sync::later);
  }
  engine::FeatureExtractor extractor(job.pretrained.graph, job.preprocess, extract_options(job.config.values));
  const engine::FeatureTable table = extractor.extract(data::paths_of(photos), probe.input.mirror, job.begin(what, photos.size()));
  return columns(rows_of(table, 0, photos, {}, job.splits.task, job.splits.classes.size()), extractor.width(), extractor.last_width(), probe.input);
}

}  // namespace

AdaptCandidate translated(Job& job, const Photos& photos, const Probe& probe, std::shared_ptr<const Domains> seen) {
  const FitConfig& c = job.config.values;
  const int size = c.adapt.translate_size, loaded = loaded_side(size);
  const std::string of_source = "--source " + printable(c.data.string()), of_target = "--target " + printable(c.adapt.target->string());
  const Pictures source = load_pictures(job, photos.train, loaded, size, of_source), target = load_pictures(job, job.target, loaded, size, of_target);
  const train::TranslationResult result = train_between(job, source, target);

  Translation translation{.size = size,
                          .history = result.history,
                          .photos = photos.train,
                          .before = seen,
                          .originals = load_pictures(job, photos.train, size, size, of_source)};
  translation.made = through(result.networks.to_target, translation.originals, c);
  Pictures few{std::min(kShownPictures, source.count), size};
  for (std::size_t i = 0; i < few.count; ++i) {
    translation.shown.push_back(i * source.count / few.count);  // spread over all: photos are in the order of their classes
    const auto pixels = translation.made.at(translation.shown.back());
    few.pixels.insert(few.pixels.end(), pixels.begin(), pixels.end());
  }
  translation.back = through(result.networks.to_source, few, c);
  job.note(fmt::format("cyclegan: pictures of {} pixels, cycle loss {:.3f} in the first epoch, {:.3f} in the last of {}", size,
                       result.history.front().terms.at("cycle"), result.history.back().terms.at("cycle"), result.history.size()));

  Domains domains = *seen;
  domains.source = rows_seen(job, probe, translation.made, photos.train, "translated photos");
  domains.val = rows_seen(job, probe, through(result.networks.to_target, load_pictures(job, photos.val, size, size, of_source), c), photos.val,
                          "translated validation photos");
  const head::LinearHead head = solve(job, domains.source);
  AdaptCandidate candidate = with_head(job, probe, std::make_shared<const Domains>(std::move(domains)), "cyclegan", head);
  candidate.translation = std::make_shared<const Translation>(std::move(translation));
  return candidate;
}

void write_translated(const Job& job, const Translation& translation, const fs::path& folder) {
  fs::create_directory(folder / "translated");
  std::string table = "path,label\n";
  for (std::size_t i = 0; i < translation.made.count; ++i) {
    const std::string name = fmt::format("translated/{:05}.png", i);
    write_file(folder / name, png_of(translation.made, i), Sync::later);
    table += name + "," + csv_field(job.splits.classes[static_cast<std::size_t>(translation.photos[i].label)]) + "\n";
  }
  write_file(folder / "translated.csv", table, Sync::later);
  std::vector<std::vector<uint8_t>> shown;
  for (std::size_t i = 0; i < translation.back.count; ++i)
    for (const auto bytes : {translation.originals.at(translation.shown[i]), translation.made.at(translation.shown[i]), translation.back.at(i)})
      shown.emplace_back(bytes.begin(), bytes.end());
  write_file(folder / "translated.png", sheet_of(shown, translation.size, 3), Sync::later);
}

}  // namespace graft::fit
