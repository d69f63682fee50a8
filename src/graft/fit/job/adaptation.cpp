#include "graft/fit/job/adaptation.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "graft/base/text.h"

namespace graft::fit {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Gain& gain) { return {{"mean", gain.mean}, {"interval", {gain.interval.low, gain.interval.high}}}; }

Json to_json(const MethodFacts& m) {
  Json json{{"method", m.name}, {"source_accuracy", m.source_accuracy}, {"information", m.information}, {"density", m.density}, {"back", m.back}};
  json["risk"] = m.risk ? Json{{"log_loss", m.risk->risk}, {"standard_error", m.risk->error}} : Json();
  json["information_gain"] = m.information_gain ? to_json(*m.information_gain) : Json();
  json["back_gain"] = m.back_gain ? to_json(*m.back_gain) : Json();
  json["target_accuracy"] = m.by_labels ? Json(m.by_labels->value()) : Json();
  return json;
}

Json to_json(const Shift& s, const std::vector<std::string>& classes) {
  Json list = Json::array();
  for (std::size_t k = 0; k < classes.size(); ++k)
    list.push_back({{"name", printable(classes[k])},
                    {"source", s.source_parts[k]},
                    {"target", s.parts[k]},
                    {"target_by_confusion", s.parts_by_confusion[k]},
                    {"missing", std::ranges::find(s.missing, k) != s.missing.end()}});
  return {{"a_distance", s.before}, {"a_distance_aligned", s.after},  {"far", s.far},   {"photos", s.photos},
          {"held_out", kHeldOut},   {"missing_told", s.missing_told}, {"classes", list}};
}

Json to_json(const EpochChoice::Epoch& e) {
  return {{"epoch", e.number}, {"information", e.information}, {"target_accuracy", e.target_accuracy ? Json(*e.target_accuracy) : Json()}};
}

Json to_json(const EpochChoice& e) {
  return {{"kept", to_json(e.kept)}, {"last", to_json(e.last)}, {"best_by_labels", e.best_by_labels ? to_json(*e.best_by_labels) : Json()}};
}

Json to_json(const TranslationFacts& t) {
  Json epochs = Json::array();
  for (const train::EpochRecord& e : t.history) {
    Json epoch{{"epoch", e.epoch + 1}, {"loss", e.train_loss}, {"lr", e.lr}};
    for (const auto& [name, value] : e.terms) epoch[name] = value;
    epochs.push_back(std::move(epoch));
  }
  return {{"size", t.size}, {"epochs", epochs}};
}

}  // namespace

EpochChoice epochs_of(const std::vector<train::EpochRecord>& history, int kept) {
  std::vector<EpochChoice::Epoch> epochs;
  for (const train::EpochRecord& e : history) {
    epochs.push_back({.number = e.epoch + 1, .information = e.scores.contains(train::kInformation) ? e.scores.at(train::kInformation) : 0});
    if (const auto found = e.scores.find(train::kTargetAccuracy); found != e.scores.end()) epochs.back().target_accuracy = found->second;
  }
  EpochChoice choice{.kept = epochs[static_cast<std::size_t>(kept) - 1], .last = epochs.back()};
  if (choice.kept.target_accuracy) choice.best_by_labels = choice.kept;
  for (const EpochChoice::Epoch& e : epochs)
    if (choice.best_by_labels && e.target_accuracy > choice.best_by_labels->target_accuracy) choice.best_by_labels = e;
  return choice;
}

const MethodFacts& Adaptation::best_by_labels() const {
  const MethodFacts* best = &taken();
  for (const MethodFacts& m : methods)
    if (m.by_labels->value() > best->by_labels->value()) best = &m;
  return *best;
}

Json to_json(const Adaptation& a) {
  Json methods = Json::array();
  for (const MethodFacts& m : a.methods) methods.push_back(to_json(m));
  Json json{{"source_photos", a.source_photos},
            {"target_photos", a.target_photos},
            {"target_test_photos", a.test_photos},
            {"chosen", a.taken().name},
            {"reason", a.reason},
            {"methods", methods}};
  json["shift"] = a.shift ? to_json(*a.shift, a.classes) : Json();
  if (a.translation) json["translation"] = to_json(*a.translation);
  json["warnings"] = a.warnings;
  if (a.epochs) json["epochs"] = to_json(*a.epochs);
  if (a.test_photos > 0) {
    json["best_by_labels"] = a.best_by_labels().name;
    json["target_test_in_target"] = a.test_in_target;
    json["always"] = Json::array();
    for (const AlwaysOne& one : a.always)
      json["always"].push_back(
          {{"which", one.which}, {"class", one.name}, {"target_accuracy", one.accuracy}, {"over_taken", to_json(one.over_taken)}});
  }
  if (a.test) json["target_test"] = eval::to_json(*a.test);
  return json;
}

}  // namespace graft::fit
