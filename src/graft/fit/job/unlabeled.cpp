#include "graft/fit/job/unlabeled.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/fit/job/survey.h"
#include "graft/train/checks.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

std::string named(const FitConfig& c) { return "--unlabeled " + printable(c.unlabeled.folder->string()); }

std::string counted(std::size_t count) { return fmt::format("{} photo{}", with_commas(static_cast<long long>(count)), count == 1 ? "" : "s"); }

/// The names of the photos' folders below `root` that are also names of classes.
std::set<std::string> class_folders(const std::vector<fs::path>& paths, const fs::path& root, const std::vector<std::string>& classes) {
  std::set<std::string> found;
  for (const fs::path& path : paths)
    for (const fs::path& part : path.parent_path().lexically_relative(root))
      if (std::ranges::find(classes, part.string()) != classes.end()) found.insert(part.string());
  return found;
}

}  // namespace

void check_unlabeled(Configured<FitConfig>& config) {
  const FitConfig& c = config.values;
  if (!c.unlabeled.folder) {
    if (origin_of(config.origins, "semi").given() && c.unlabeled.method != SemiMethod::automatic)
      throw usage_error("--semi", "says how to learn from photos without labels", "give --unlabeled PHOTOS, too");
    return;
  }
  const auto refuse = [&](const std::string& option, const char* why) { throw usage_error(option, why, "omit it, or omit --unlabeled"); };
  if (c.reweight_to) refuse("--reweight-to", "weights training photos, and --unlabeled adds photos to them");
  if (c.balance_groups != BalanceGroups::none) refuse("--balance-groups", "goes by labels, and photos of --unlabeled have none");
  if (c.unlabeled.method == SemiMethod::fixmatch) choose(config, "strategy", transfer::Kind::full, "--semi fixmatch trains by steps");
  else choose(config, "strategy", transfer::Kind::head, "photos without labels are learned from, and no trial does so");
  if (c.by_steps() && c.unlabeled.method == SemiMethod::pseudo_labels)
    throw usage_error("--semi pseudo-labels", "is for --strategy head, solved", "choose --semi fixmatch, or --strategy head");
  if (!c.by_steps() && c.unlabeled.method == SemiMethod::fixmatch)
    throw usage_error("--semi fixmatch", "trains by steps, but --strategy head is solved", "choose --semi pseudo-labels, or --strategy full");
  if (c.by_steps() && c.find_lr) throw usage_error("--find-lr", "goes by labels, and photos of --unlabeled have none", "omit --unlabeled");
}

void open_unlabeled(Job& job) {
  const FitConfig& c = job.config.values;
  if (!c.unlabeled.folder) return;
  std::istringstream nothing;
  const std::array input{*c.unlabeled.folder};
  const data::ImageList listed = data::list_images(input, nothing);
  for (const std::string& sentence : listed.notes) job.note(sentence);
  for (const fs::path& path : listed.paths) job.unlabeled.push_back({path, 0});
  if (listed.paths.size() < kFewestUnlabeled)
    throw data_error(named(c), fmt::format("holds {}, expected at least {}", counted(listed.paths.size()), kFewestUnlabeled),
                     "give more photos, or omit it");
  const fs::path root = data::existing(*c.unlabeled.folder);
  const std::set<std::string> names = class_folders(listed.paths, root, job.splits.classes);
  const bool in_folders = std::ranges::any_of(listed.paths, [&](const fs::path& path) { return path.parent_path() != root; });
  job.note(fmt::format("{}: {} without labels{}", printable(c.unlabeled.folder->string()), counted(listed.paths.size()),
                       !names.empty() ? fmt::format("; folders are named as {} of the classes, but their names are not used", names.size())
                       : in_folders   ? "; the names of their folders are not used"
                                      : ""));
  const double classes = static_cast<double>(job.splits.classes.size()), smoothing = c.training.label_smoothing,
               taught = 1 - smoothing + smoothing / classes;
  if (c.by_steps() && taught < c.training.sure)
    job.note(fmt::format("--label-smoothing {:g} teaches answers a probability of {:.2f}, less than --sure {:g}: few of them will be learned from",
                         smoothing, taught, c.training.sure));
}

void set_unlabeled_apart(Job& job, std::span<const Hash128> hashes, std::size_t train) {
  const FitConfig& c = job.config.values;
  if (!c.unlabeled.folder) return;
  const std::vector<Hash128> own = hashes_of(job.unlabeled, job.pool);
  for (std::size_t i = 0; i < own.size(); ++i) job.unlabeled_hashes[job.unlabeled[i].path] = own[i];
  const auto sorted = [](std::span<const Hash128> some) {
    std::vector<Hash128> list(some.begin(), some.end());
    std::ranges::sort(list);
    return list;
  };
  if (const std::vector<std::size_t> both = also_in(own, sorted(hashes.subspan(train))); !both.empty())
    throw data_error(named(c),
                     fmt::format("{} of its {} {}, such as {}", both.size(), counted(own.size()),
                                 both.size() == 1 ? "is also a validation photo" : "are also validation photos",
                                 printable(job.unlabeled[both.front()].path.string())),
                     "take these out of one of them: a model that has learned from a photo must not be measured on it");
  const std::vector<std::size_t> learned = also_in(own, sorted(hashes.first(train)));
  if (learned.empty()) return;
  job.unlabeled_in_training = learned.size();
  for (auto i = learned.rbegin(); i != learned.rend(); ++i) job.unlabeled.erase(job.unlabeled.begin() + static_cast<std::ptrdiff_t>(*i));
  job.note(fmt::format("{}: {} of {} {} also training photos, which have labels: left out", printable(c.unlabeled.folder->string()), learned.size(),
                       counted(own.size()), learned.size() == 1 ? "is" : "are"));
  check_enough_unlabeled(job);
}

void check_enough_unlabeled(const Job& job) {
  if (job.unlabeled.size() >= kFewestUnlabeled) return;
  throw data_error(named(job.config.values),
                   fmt::format("{} that can be read and {} no training photo{}, expected at least {}", counted(job.unlabeled.size()),
                               job.unlabeled.size() == 1 ? "is" : "are", job.unlabeled.size() == 1 ? "" : "s", kFewestUnlabeled),
                   "give other photos, or omit it");
}

void prepare_unlabeled(Job& job, const Photos& photos, const Start& start) {
  set_unlabeled_apart(job, start.hashes, photos.train.size());
  keep_readable(job, *job.config.values.unlabeled.folder, job.unlabeled);
  check_enough_unlabeled(job);
  train::check_enough_unlabeled(job.config.values.training, job.unlabeled.size());
}

void choose_way(FromUnlabeled& found, bool named, double errors) {
  const UnlabeledWay& none = found.ways.front();
  if (found.judges.empty()) {
    found.chosen = named ? found.ways.size() - 1 : 0;
    found.reason = named ? "you asked for it" : "too few labeled photos to see whether these help";
    return;
  }
  std::size_t best = 1;
  for (std::size_t w = 2; w < found.ways.size(); ++w)
    if (std::pair(found.ways[w].pays(none, errors), found.ways[w].gain) > std::pair(found.ways[best].pays(none, errors), found.ways[best].gain))
      best = w;
  const UnlabeledWay& way = found.ways[best];
  const bool pays = way.pays(none, errors);
  found.chosen = pays || named ? best : 0;
  const std::string compared = fmt::format("{}{:.3f} of {} {} right, without unlabeled photos {:.3f}; log loss {} by {:.3f} +- {:.3f}",
                                           found.chosen == best ? "" : way.name + ": ", way.accuracy, found.judged_on, found.judges, none.accuracy,
                                           way.gain < 0 ? "higher" : "lower", std::abs(way.gain), way.gain_error);
  found.reason = compared + (pays && way.beyond_chance() ? ""
                             : pays                      ? ", which may be chance"
                             : errors > 0                ? "; not better beyond chance"
                                                         : "; not better");
  if (named) found.reason = "you asked for it; " + found.reason;
  if (named && !pays) found.warnings.emplace_back("these photos do not seem to help; --semi auto would not use them");
}

nlohmann::ordered_json to_json(const FromUnlabeled& found) {
  nlohmann::ordered_json ways = nlohmann::ordered_json::array(), classes = nlohmann::ordered_json::array();
  for (const UnlabeledWay& way : found.ways) {
    nlohmann::ordered_json& entry = ways.emplace_back(nlohmann::ordered_json{{"way", way.name}});
    if (found.judged_on > 0) entry.update({{"accuracy", way.accuracy}, {"log_loss_gain", way.gain}, {"standard_error", way.gain_error}});
    if (!way.labels.empty()) entry["pseudo_labels"] = way.labels;
  }
  for (std::size_t k = 0; k < found.classes.size(); ++k)
    classes.push_back({{"name", printable(found.classes[k])}, {"train_images", found.train_images[k]}});
  return {{"photos", found.photos}, {"in_training", found.in_training}, {"judged_on", found.judged_on}, {"judges", found.judges},
          {"ways", ways},           {"chosen", found.taken().name},     {"reason", found.reason},       {"sure", found.sure},
          {"classes", classes},     {"warnings", found.warnings}};
}

nlohmann::ordered_json provenance_of(const Job& job, const FromUnlabeled& found) {
  return {{"name", printable(job.config.values.unlabeled.folder->filename().string())}, {"images", found.photos}, {"way", found.taken().name}};
}

}  // namespace graft::fit
