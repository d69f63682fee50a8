#include "graft/fit/job/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

std::vector<Hash128> hashes_of(const std::vector<data::Sample>& samples, ThreadPool& pool) {
  std::vector<Hash128> hashes(samples.size());
  std::error_code code;
  pool.parallel_for(samples.size(), [&](std::size_t i) {
    if (fs::is_regular_file(samples[i].path, code))
      hashes[i] = hash128(read_file(samples[i].path));  // one that cannot be read is told by its decoder
  });
  return hashes;
}

/// Indices of the photos that are among those of sorted hashes.
std::vector<std::size_t> also_in(std::span<const Hash128> photos, const std::vector<Hash128>& sorted) {
  std::vector<std::size_t> both;
  for (std::size_t i = 0; i < photos.size(); ++i)
    if (std::ranges::binary_search(sorted, photos[i])) both.push_back(i);
  return both;
}

void refuse_source_photos(const char* option, const fs::path& folder, const fs::path& source, const std::vector<data::Sample>& samples,
                          std::span<const Hash128> hashes, const std::vector<Hash128>& source_hashes) {
  const std::vector<std::size_t> both = also_in(hashes, source_hashes);
  if (both.empty()) return;
  throw data_error(fmt::format("{} {}", option, printable(folder.string())),
                   fmt::format("{} of its {} photos {} also in the source {}, such as {}", both.size(), samples.size(),
                               both.size() == 1 ? "is" : "are", printable(source.string()), printable(samples[both.front()].path.string())),
                   "source and target are different photos: take these out of one of them");
}

}  // namespace

void check_adaptation(Configured<FitConfig>& config) {
  const FitConfig& c = config.values;
  if (!c.adapt.target) throw usage_error("--target", "missing", "usage: graft adapt --source DATA --target PHOTOS");
  const auto with = [&](const char* option) { throw usage_error(option, "has no part in an adaptation", "leave it out"); };
  if (c.balance_groups != BalanceGroups::none) with("--balance-groups");
  if (c.reweight_to) with("--reweight-to");
  choose(config, "strategy", transfer::Kind::head, "methods on frozen features");
  if (c.strategy != transfer::Kind::head)
    throw usage_error(fmt::format("--strategy {}", transfer::to_string(*c.strategy)), "trains by steps, and this method solves the head",
                      "leave it out");
  if (c.adapt.method == AdaptMethod::automatic || c.adapt.trained()) {
    choose(config, "features", FeatureSet::last, "a bottleneck sees them");
    choose(config, "mirror", false, "a bottleneck sees the photo alone");
    if (c.features != FeatureSet::last || c.mirror.value_or(false))
      throw usage_error(c.mirror.value_or(false) ? "--mirror" : "--features stages", "is for --method none and coral",
                        "leave it out, or name one of these");
  }
  choose(config, "precision", engine::Precision::float32, "features of two domains are compared");
  if (!c.calibrate_on) choose(config, "calibrate", Calibrating::none, "the temperature of source photos is not that of the target's");
  choose(config, "reject", "none", "photos of the target are all strange to the source");
}

void open_target(Job& job) {
  const FitConfig& c = job.config.values;
  if (!data::one_class_each(job.splits.task))
    throw data_error(printable(c.data.string()), "its photos have several classes, and an adaptation is for one class each");
  std::istringstream nothing;
  const std::array input{*c.adapt.target};
  const data::ImageList listed = data::list_images(input, nothing);
  for (const std::string& sentence : listed.notes) job.note(sentence);
  const std::string name = printable(c.adapt.target->string());
  if (listed.paths.size() < kFewestOfTarget)
    throw data_error(
        "--target " + name,
        fmt::format("holds {} photo{}, expected at least {} to adapt to", listed.paths.size(), listed.paths.size() == 1 ? "" : "s", kFewestOfTarget),
        "give more photos; without them, graft fit trains on the source alone");
  for (const fs::path& path : listed.paths) job.target.push_back({path, 0});
  const bool in_folders =
      std::ranges::any_of(listed.paths, [&](const fs::path& path) { return path.parent_path() != data::existing(*c.adapt.target); });
  job.note(fmt::format("{}: {} photos of the target, used without labels{}", name, listed.paths.size(),
                       in_folders ? "; the names of their folders are not read" : ""));
  if (!c.adapt.target_test) return;
  data::Dataset test = data::open_labelled(*c.adapt.target_test, job.splits.classes, {.part = {}, .task = job.splits.task, .source = c.source});
  for (const std::string& sentence : test.notes) job.note(sentence);
  job.target_test = std::move(test.samples);
  const std::vector<std::size_t> images = data::images_per_class(job.target_test, job.splits.classes.size());
  std::vector<std::string> missing;
  for (std::size_t k = 0; k < images.size(); ++k)
    if (images[k] == 0) missing.push_back(printable(job.splits.classes[k]));
  if (!missing.empty())
    job.note(fmt::format("{}: no photo of {} of the source's {} classes: {}", printable(c.adapt.target_test->string()), missing.size(), images.size(),
                         first_few(missing, 6)));
}

void check_other_photos(Job& job, std::span<const Hash128> hashes) {
  const FitConfig& c = job.config.values;
  if (job.target.empty()) return;
  std::vector<Hash128> source(hashes.begin(), hashes.end());
  std::ranges::sort(source);
  ThreadPool pool(c.threads);
  std::vector<Hash128> target = hashes_of(job.target, pool);
  const std::vector<Hash128> test = hashes_of(job.target_test, pool);
  refuse_source_photos("--target", *c.adapt.target, c.data, job.target, target, source);
  if (job.target_test.empty()) return;
  refuse_source_photos("--target-test", *c.adapt.target_test, c.data, job.target_test, test, source);
  std::ranges::sort(target);
  job.test_in_target = also_in(test, target).size();
}

}  // namespace graft::fit
