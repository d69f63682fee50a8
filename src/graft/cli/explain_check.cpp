#include "graft/cli/explain_check.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/data/loader.h"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

std::string shown(const explain::OverPhotos& x) { return fmt::format("{:7.3f}  ({:.3f} to {:.3f})", x.mean, x.interval.low, x.interval.high); }

nlohmann::ordered_json to_json(const explain::OverPhotos& x) { return {{"mean", x.mean}, {"interval", {x.interval.low, x.interval.high}}}; }

}  // namespace

void refuse_beside_check(const Origins& origins) {
  const auto refuse = [&](const std::string& option, const char* why) {
    if (origin_of(origins, option).source != Source::by_default)
      throw usage_error("--check", fmt::format("{}, so that --{} has no meaning", why, option), "omit one of them");
  };
  for (const char* option : {"out", "raw", "force"}) refuse(option, "draws nothing");
  for (const char* option : {"label", "top"}) refuse(option, "asks about the most probable class");
}

std::string check_text(const explain::MapCheck& c) {
  std::string text = fmt::format(
      "maps by {} of {} photos, each for its most probable class; the class's probability while the pixels change in {} steps\n"
      "with 95 % intervals from {} bootstrap samples of the photos\n\n",
      explain::name_of(c.method), c.photos, c.options.steps, c.options.resamples);
  const auto line = [&](const std::string& what, const explain::OverPhotos& x) { text += fmt::format("{:<34}{}\n", what, shown(x)); };
  line("insertion, of these maps", c.insertion);
  line("deletion, of these maps", c.deletion);
  line("insertion minus deletion", c.maps);
  line("  of the center of the picture", c.centre);
  line("  of smooth noise", c.random);
  line("these maps more than the center", c.over_centre);
  line("these maps more than noise", c.over_random);
  text += c.forgotten.empty() ? "\nweights were not shuffled: " + c.why_not_forgotten + "\n"
                              : "\nrank correlation with the maps after shuffled weights\n";
  for (const explain::Forgotten& f : c.forgotten) line("  of " + f.what, f.correlation);
  text += "\n";
  for (const std::string& sentence : explain::verdict_of(c)) text += sentence + "\n";
  return text;
}

nlohmann::ordered_json check_json(const explain::MapCheck& c) {
  nlohmann::ordered_json json{{"photos", c.photos},
                              {"method", explain::name_of(c.method)},
                              {"steps", c.options.steps},
                              {"seed", c.options.seed},
                              {"resamples", c.options.resamples},
                              {"insertion", to_json(c.insertion)},
                              {"deletion", to_json(c.deletion)},
                              {"insertion_minus_deletion", {{"maps", to_json(c.maps)}, {"centre", to_json(c.centre)}, {"random", to_json(c.random)}}},
                              {"more_than_centre", to_json(c.over_centre)},
                              {"more_than_random", to_json(c.over_random)},
                              {"shuffled", nlohmann::ordered_json::array()}};
  for (const explain::Forgotten& f : c.forgotten) json["shuffled"].push_back({{"what", f.what}, {"rank_correlation", to_json(f.correlation)}});
  json["reliable"] = c.reliable();
  json["verdict"] = explain::verdict_of(c);
  return json;
}

void explain_check(const fs::path& model, const std::vector<fs::path>& photos, const explain::ExplainOptions& how, const OutputOptions& output) {
  explain::refuse_few(photos.size());
  explain::MapChecker checker(explain::open_network(model), how, {});
  data::Loader loader(photos, checker.card().preprocess, {.batch = how.batch, .threads = how.threads});
  Progress progress("check", photos.size(), progress_style(output), "photos");
  while (auto batch = loader.next()) {
    checker.add(batch->pixels, batch->indices.size());
    progress.advance(batch->indices.size());
    loader.recycle(std::move(*batch));
  }
  if (!loader.unreadable().empty())
    throw data_error(printable(photos[loader.unreadable().front().index].string()),
                     data::unreadable_error(photos.front(), photos.size(), loader.unreadable()).fact(), "repair or remove them");
  progress.finish();
  const explain::MapCheck check = checker.finish();
  print(output.json ? check_json(check).dump(2) + "\n" : check_text(check));
}

}  // namespace graft::cli
