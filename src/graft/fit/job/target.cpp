#include "graft/fit/job/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <sstream>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/train/library.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

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

namespace {

void refuse_other_layers(const FitConfig& c) {
  const auto with = [&](const std::string& option) { throw usage_error(option, "has no part in an adaptation", "omit it"); };
  if (c.balance_groups != BalanceGroups::none) with("--balance-groups");
  if (c.reweight_to) with("--reweight-to");
  if (!c.hidden.empty()) with("--hidden");
  if (c.pool == Pool::flatten) with("--pool flatten");
  if (c.training.co_tuning > 0) with("--co-tuning");
}

/// What belongs to one method alone.
void check_method_options(const Configured<FitConfig>& config) {
  const train::Adaptation method = config.values.adapt.training();
  const auto is_for = [&](const char* option, train::Adaptation wanted) {
    if (method != wanted && origin_of(config.origins, option).source == Source::flag)
      throw usage_error(std::string("--") + option, fmt::format("is for --method {}", train::to_string(wanted)), "omit it");
  };
  for (const char* option : {"translate-size", "translate-epochs", "translate-width"})
    if (config.values.adapt.method != AdaptMethod::cyclegan && origin_of(config.origins, option).source == Source::flag)
      throw usage_error(std::string("--") + option, "is for --method cyclegan", "omit it");
  if (const int size = config.values.adapt.translate_size; size % 4 != 0)
    throw usage_error(fmt::format("--translate-size {}", size), "expected a multiple of 4, since the networks halve pictures twice",
                      "choose another size");
  is_for("mcc-temperature", train::Adaptation::mcc);
  for (const char* option : {"pseudo-label-weight", "diversity"}) is_for(option, train::Adaptation::shot);
}

void see_last_features(Configured<FitConfig>& config) {
  const FitConfig& c = config.values;
  choose(config, "features", FeatureSet::last, "as the method sees them");
  choose(config, "mirror", false, "the method sees the photo alone");
  if (c.features != FeatureSet::last || c.mirror.value_or(false))
    throw usage_error(c.mirror.value_or(false) ? "--mirror" : "--features stages", "is for --method none and coral", "omit it, or name one of these");
}

/// A bottleneck and a new layer begin at random, and end at the epoch of which the target's answers say most.
void prepare_training(Configured<FitConfig>& config) {
  const FitConfig& c = config.values;
  choose(config, "solver", Solver::steps, "a bottleneck is trained");
  if (c.solver != Solver::steps) throw usage_error("--solver lbfgs", "is for --method none and coral", "omit it");
  choose(config, "begin", Beginning::random, "a new bottleneck");
  if (c.begin != (c.adapt.alone ? Beginning::kept : Beginning::random))
    throw usage_error("--begin", "a bottleneck and the layer on it begin at random", "omit it");
  if (c.strategy == transfer::Kind::scratch)
    throw usage_error("--strategy scratch", "begins at random, and what is adapted is a pretrained network", "choose head, partial or full");
  if (c.training.swa > 0 || c.training.soup > 0) return;  // which choose by themselves
  choose(config, "keep", train::Keep::best, "the epoch is chosen by the target's photos");
  choose(config, "stop-metric", std::string(train::kInformation), "without labels of the target");
}

}  // namespace

namespace {

/// Of a run alone: nothing that goes by photos of the source.
void check_alone(Configured<FitConfig>& config) {
  const FitConfig& c = config.values;
  const bool possible = c.adapt.method == AdaptMethod::automatic || c.adapt.method == AdaptMethod::none || c.adapt.method == AdaptMethod::adabn ||
                        c.adapt.method == AdaptMethod::shot;
  FitConfig copy = c;
  const std::vector<Field> fields = list_fields(copy);
  if (!possible)
    throw usage_error(std::ranges::find(fields, "method", &Field::name)->as_flag(), "needs photos of the source, and only a run is given",
                      "give --source DATA, too, or choose shot, adabn or none");
  for (const char* option : {"val", "val-fraction", "fold", "sample-weights", "dedupe", "dedupe-near", "sources", "distill", "calibrate-on",
                             "coverage", "costs", "attributes", "l2", "features", "imbalance", "class-weights"})
    if (origin_of(config.origins, option).source == Source::flag)
      throw usage_error(std::string("--") + option, "is for labeled photos, and only a run is given", "give --source DATA, too, or omit it");
  for (const auto& [option, asked] : {std::pair{"--dry-run", c.dry_run}, {"--find-lr", c.find_lr}, {"--tensorboard", c.tensorboard}})
    if (asked) throw usage_error(option, "is for an adaptation with labeled photos", "omit it");
  if (!c.adapt.trains()) return;
  choose(config, "strategy", transfer::Kind::partial, "the last layer of the run stays as it is");
  if (c.strategy == transfer::Kind::head)
    throw usage_error("--strategy head", "trains nothing here: SHOT keeps the last layer of the run", "choose partial or full");
  choose(config, "begin", Beginning::kept, "the run's own layer");
}

}  // namespace

void check_adaptation(Configured<FitConfig>& config) {
  FitConfig& c = config.values;
  c.adapt.alone = c.source_free();
  if (!c.adapt.target)
    throw usage_error("--target", "missing", fmt::format("usage: graft adapt --{} --target PHOTOS", c.adapt.alone ? "from RUN" : "source DATA"));
  refuse_other_layers(c);
  if (c.adapt.method == AdaptMethod::automatic) c.adapt.untrained = !train::is_here();
  if (c.adapt.alone) check_alone(config);
  const bool shot = (c.adapt.method == AdaptMethod::automatic && !c.adapt.untrained) || c.adapt.method == AdaptMethod::shot;
  if (shot) choose(config, "strategy", transfer::Kind::full, "SHOT gains most through the whole network; head takes seconds");
  else choose(config, "strategy", transfer::Kind::head, "the network below the bottleneck stays as it is");
  c.adapt.deep = c.strategy != transfer::Kind::head;
  check_method_options(config);
  if (c.adapt.method == AdaptMethod::adabn || c.adapt.method == AdaptMethod::cyclegan) train::library();  // before any work
  if (c.adapt.trains() || c.adapt.method == AdaptMethod::adabn) see_last_features(config);
  if (c.adapt.trains()) {
    prepare_training(config);
  } else if (c.strategy != transfer::Kind::head) {
    throw usage_error(fmt::format("--strategy {}", transfer::to_string(*c.strategy)), "trains by steps, and this method solves the head", "omit it");
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
        c.adapt.alone ? "give more photos" : "give more photos; without them, graft fit trains on the source alone");
  for (const fs::path& path : listed.paths) job.target.push_back({path, 0});
  const bool in_folders =
      std::ranges::any_of(listed.paths, [&](const fs::path& path) { return path.parent_path() != data::existing(*c.adapt.target); });
  job.note(fmt::format("{}: {} photos of the target, used without labels{}", name, listed.paths.size(),
                       in_folders ? "; the names of their folders are not read" : ""));
  if (c.adapt.untrained) job.note(fmt::format("{} not tried, for want of the training package", c.adapt.alone ? "adabn and shot are" : "shot is"));
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

namespace {

/// `source`: what of these sorted hashes is called.
void check_apart(Job& job, const fs::path& source, const std::vector<Hash128>& sorted) {
  const FitConfig& c = job.config.values;
  ThreadPool pool(c.threads);
  std::vector<Hash128> target = hashes_of(job.target, pool);
  const std::vector<Hash128> test = hashes_of(job.target_test, pool);
  refuse_source_photos("--target", *c.adapt.target, source, job.target, target, sorted);
  if (job.target_test.empty()) return;
  refuse_source_photos("--target-test", *c.adapt.target_test, source, job.target_test, test, sorted);
  std::ranges::sort(target);
  job.test_in_target = also_in(test, target).size();
}

}  // namespace

void check_not_learned(Job& job, const std::vector<Hash128>& learned) { check_apart(job, *job.config.values.from, learned); }

void check_other_photos(Job& job, std::span<const Hash128> hashes) {
  if (job.target.empty()) return;
  std::vector<Hash128> source(hashes.begin(), hashes.end());
  std::ranges::sort(source);
  check_apart(job, job.config.values.data, source);
}

}  // namespace graft::fit
