#include <fmt/format.h>

#include <array>
#include <nlohmann/json.hpp>

#include "graft/base/text.h"
#include "graft/base/units.h"
#include "graft/study/pretraining.h"

namespace graft::study {
namespace {

using Json = nlohmann::ordered_json;

struct Column {
  const char *score, *title;
};
constexpr std::array kColumns{Column{train::kSpread, "spread"}, Column{train::kEffectiveRank, "rank"}, Column{kNearestScore, "knn"},
                              Column{kLinearScore, "linear"}};

std::string cell(const std::map<std::string, double>& scores, const char* name) {
  const auto found = scores.find(name);
  return found == scores.end() ? "-" : fmt::format("{:.3f}", found->second);
}

}  // namespace

Json to_json(const Pretrained& found) {
  Json json{{"run", printable(found.run.string())}, {"from", printable(found.from)}, {"photos", found.photos},
            {"kept_epoch", found.history.size()},   {"before", found.before},        {"epochs", Json::array()}};
  for (const train::EpochRecord& e : found.history) {
    Json epoch{{"epoch", e.epoch + 1}, {"loss", e.train_loss}, {"lr", e.lr}};
    for (const auto& [name, value] : e.scores) epoch[name] = value;
    json["epochs"].push_back(std::move(epoch));
  }
  if (const auto& g = found.gain)
    json["probe"] = {
        {"photos", g->photos},
        {"classes", g->classes},
        {"accuracy", {{"before", g->before}, {"after", g->after}}},
        {"gain",
         {{"difference", g->compared.difference}, {"interval", {g->compared.interval.low, g->compared.interval.high}}, {"p", g->compared.p}}}};
  return json;
}

std::string to_text(const Pretrained& found) {
  const auto shown = [&](const Column& c) { return found.before.contains(c.score) || found.history.front().scores.contains(c.score); };
  std::string text = "epoch      loss";
  for (const Column& c : kColumns)
    if (shown(c)) text += fmt::format("  {:>7}", c.title);
  const auto row = [&](const std::string& epoch, const std::string& loss, const std::map<std::string, double>& scores) {
    text += fmt::format("\n{:<6}  {:>7}", epoch, loss);
    for (const Column& c : kColumns)
      if (shown(c)) text += fmt::format("  {:>7}", cell(scores, c.score));
  };
  row("before", "-", found.before);
  for (const train::EpochRecord& e : found.history) row(std::to_string(e.epoch + 1), fmt::format("{:.4f}", e.train_loss), e.scores);
  return text + "\n";
}

std::string warning(const Pretrained& found) {
  if (found.history.empty()) return "";
  const auto before = found.before.find(train::kEffectiveRank), after = found.history.back().scores.find(train::kEffectiveRank);
  if (before == found.before.end() || after == found.history.back().scores.end() || after->second >= before->second / 2) return "";
  return fmt::format(
      "warning: the effective rank of the features fell from {:.0f} to {:.0f}: they tell photos apart in fewer ways than before, and a model "
      "on them may be worse; compare them with --probe or graft fit --from, or change them less by a lower --lr or fewer --epochs",
      before->second, after->second);
}

std::string conclusion(const Pretrained& found) {
  if (!found.gain) return "";
  const ProbeGain& g = *found.gain;
  const eval::Interval& interval = g.compared.interval;
  const std::string numbers = fmt::format(
      "a linear layer on its features has {:.1f} % of the {} photos of --probe right in cross-validation, and {:.1f} % before pre-training: "
      "{:+.1f} points (95 % interval {:+.1f} to {:+.1f}).",
      100 * g.after, g.photos, 100 * g.before, 100 * g.compared.difference, 100 * interval.low, 100 * interval.high);
  if (interval.low > 0) return "Pre-training helped, beyond chance: " + numbers;
  if (interval.high < 0) return fmt::format("Pre-training did harm: {} Use {} as it was.", numbers, printable(found.from));
  return fmt::format("Whether pre-training helped cannot be told from chance: {} {} as it was may do as well.", numbers, printable(found.from));
}

}  // namespace graft::study
