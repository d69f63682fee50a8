#include "graft/fit/more/trial_record.h"

#include <algorithm>
#include <chrono>

#include "graft/base/error.h"
#include "graft/base/json.h"
#include "graft/base/text.h"
#include "graft/fit/run/unfinished.h"
#include "graft/train/library.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

Json whole(const Trial& t) {
  return {{"kind", transfer::to_string(t.contender.kind)},
          {"unfreeze", t.contender.unfreeze},
          {"epochs", t.contender.epochs.value_or(0)},
          {"lr", t.contender.lr.value_or(0)},
          {"trained_on", t.trained_on},
          {"judged_on", t.judged_on},
          {"accuracy", t.accuracy},
          {"head_accuracy", t.head_accuracy},
          {"gain", t.gain},
          {"gain_error", t.gain_error},
          {"chance", t.chance},
          {"stopped", t.stopped},
          {"failed", t.failed},
          {"too_long", t.too_long},
          {"training_seconds", t.training_seconds},
          {"losses", t.losses}};
}

Trial trial_of(const Json& json) {
  const auto kind = std::ranges::find_if(transfer::kKinds.list, [&](const auto& k) { return json.at("kind") == k.first; });
  Contender contender{kind == transfer::kKinds.list.end() ? transfer::Kind::full : kind->second, json.at("unfreeze")};
  if (const int epochs = json.at("epochs"); epochs > 0) contender.epochs = epochs;
  if (const double lr = json.at("lr"); lr > 0) contender.lr = lr;
  return {.contender = std::move(contender),
          .trained_on = json.at("trained_on"),
          .judged_on = json.at("judged_on"),
          .accuracy = json.at("accuracy"),
          .head_accuracy = json.at("head_accuracy"),
          .gain = json.at("gain"),
          .gain_error = json.at("gain_error"),
          .chance = json.at("chance"),
          .stopped = json.at("stopped"),
          .failed = json.at("failed"),
          .too_long = json.at("too_long"),
          .training_seconds = json.at("training_seconds"),
          .losses = json.at("losses").get<std::vector<double>>()};
}

}  // namespace

TrialRecord::TrialRecord(Job& job, const Photos& photos) : job_(job) {
  const FitConfig& c = job.config.values;
  if (!job.asked) {
    passing_.emplace(c.out->string() + "-trial");
    place_ = passing_->path();
    return;
  }
  place_ = trial_folder(*c.out);
  train::TrainConfig options = c.training;
  options.threads = c.threads;
  identity_ = fit::identity(*job.asked, job.pretrained.graph, photos.train, photos.val);  // what is chosen follows from that,
  identity_["--precision"] = engine::to_string(c.precision);                              // but for what is measured
  identity_.merge(train::library().machine(options));
  std::error_code code;
  if (fs::exists(place_ / "record", code)) {
    const std::vector<std::byte> bytes = read_file(place_ / "record");
    const Json json = Json::parse(as_text(bytes), nullptr, false);
    try {
      auto then = json.at("identity").get<std::map<std::string, std::string>>();
      if (!c.accept_changes) check_unchanged(*c.out, then, identity_);
      if (then.size() != identity_.size() || !changes_since(then, identity_).empty()) {
        fs::remove_all(place_);
      } else {
        identity_ = std::move(then);  // as the trials' own checkpoints have it
        for (const Json& trial : json.at("trials")) trials_.push_back(trial_of(trial));
        job.started -= std::chrono::milliseconds(static_cast<int64_t>(1000 * json.at("seconds").get<double>()));
      }
    } catch (const Json::exception&) {
      throw data_error(printable((place_ / "record").string()), "is damaged", "start the run again, with another --out");
    }
  }
  write_asked(*c.out, *job.asked);
  fs::create_directories(place_);
  write();
}

TrialRecord::~TrialRecord() {
  if (!job_.asked) return;
  const fs::path training = checkpoint_folder(folder(trials_.size()));
  std::error_code ignored;
  const bool begun = fs::exists(training / "state", ignored) || fs::exists(training / "state.previous", ignored);
  if (begun || !trials_.empty()) {
    try {
      write();
    } catch (const std::exception&) {
      // the time that it took is not known then
    }
    return;
  }
  const fs::path run = *job_.config.values.out;
  fs::remove_all(checkpoint_folder(run), ignored);
  fs::remove(run, ignored);
}

std::optional<Trial> TrialRecord::found(std::size_t number) const {
  if (number >= trials_.size()) return std::nullopt;
  return trials_[number];
}

fs::path TrialRecord::folder(std::size_t number) const { return place_ / std::to_string(number + 1); }

void TrialRecord::add(const Trial& trial) {
  std::error_code ignored;
  fs::remove_all(folder(trials_.size()), ignored);
  trials_.push_back(trial);
  if (job_.asked) write();
}

void TrialRecord::write() const {
  Json trials = Json::array();
  for (const Trial& trial : trials_) trials.push_back(whole(trial));
  write_json(place_ / "record", {{"identity", identity_}, {"trials", trials}, {"seconds", job_.seconds()}});
}

}  // namespace graft::fit
