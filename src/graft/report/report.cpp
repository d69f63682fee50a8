#include "graft/report/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "graft/artifact/finished.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/json.h"
#include "graft/base/paths.h"
#include "graft/base/text.h"
#include "graft/onnx/read.h"
#include "graft/report/answers.h"
#include "graft/report/confusion.h"
#include "graft/report/curves.h"
#include "graft/report/heat_maps.h"
#include "graft/report/nearest.h"
#include "graft/report/page.h"
#include "graft/report/thumbnails.h"

namespace graft::report {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr int kFormat = 1;                          // of the data in the page
constexpr std::uintmax_t kLargestFile = 4'000'000;  // of a JSON file that is taken into the page

std::string text_of(const fs::path& file) {
  const std::vector<std::byte> bytes = read_file(file);
  return std::string(as_text(bytes));
}

bool is_there(const fs::path& file) {
  std::error_code code;
  return fs::is_regular_file(file, code);
}

/// Every JSON file of the run by its name without the ending: eval, history, and whatever else there is. What stands beside an index (x.npy.json) is a part
/// of that.
Json files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(folder))
    if (entry.is_regular_file() && entry.path().extension() == ".json" && !entry.path().stem().has_extension() && entry.file_size() <= kLargestFile)
      files.push_back(entry.path());
  std::ranges::sort(files);
  Json found = Json::object();
  for (const fs::path& file : files) found[printable(file.stem().string())] = read_json(file);
  return found;
}

/// By what rules the model in the run says what it says (trust/rules.h), as its own metadata have them, without what strangeness is measured by, which is
/// thousands of numbers; null where there are none.
Json rules_of(const fs::path& folder) {
  const fs::path file = folder / "model.onnx";
  if (!is_there(file)) return {};
  const MappedFile model(file);
  const onnx::Metadata metadata = onnx::read_header(model.bytes(), printable(file.string())).metadata;
  const auto found = metadata.find("graft.trust");
  if (found == metadata.end()) return {};
  Json rules = Json::parse(found->second, nullptr, false);
  if (rules.is_object() && rules.contains("unknown")) {
    Json shown = Json::object();
    for (const char* key : {"score", "reject", "threshold", "on", "photos", "percentiles", "left_out_auroc"})
      if (rules["unknown"].contains(key)) shown[key] = rules["unknown"][key];
    rules["unknown"] = std::move(shown);
  }
  return rules;
}

/// Of each finding about the data a few photos, whose pictures the page shows beside it.
std::vector<std::string> photos_of_findings(const Json& files) {
  constexpr std::size_t kOfOne = 4, kOfAll = 48;
  std::vector<std::string> names;
  const Json none = Json::array(), findings = files.value("doctor", Json::object()).value("findings", none);
  for (const Json& finding : findings) {
    std::size_t taken = 0;
    for (const Json& photo : finding.value("photos", none))
      if (photo.is_string() && taken++ < kOfOne && names.size() < kOfAll) names.push_back(photo);
  }
  return names;
}

/// Of photos that are worth a closer look: the most similar training photos, and heat maps.
void look_closely(const ReportedRun& run, const std::vector<CloseUp>& photos, ThreadPool& pool, Json& record, std::vector<std::string>& shown) {
  const PathsIn place(run.place);
  std::vector<std::string> names;
  std::vector<ToExplain> asked;
  for (const CloseUp& photo : photos) {
    names.push_back(photo.path);
    asked.push_back({photo.path, place.path_of(photo.path), photo.label, photo.predicted});
  }
  shown = names;
  const NearestPhotos nearest = nearest_photos(run.folder, names, pool);
  if (nearest.of > 0) {
    Json found = Json::object();
    for (const auto& [name, near] : nearest.to_photo)
      for (const NearPhoto& photo : near) {
        found[name].push_back({photo.name, photo.similarity});
        shown.push_back(photo.name);
      }
    record["nearest"] = {{"of", nearest.of}, {"photos", std::move(found)}};
  }
  if (run.heat_maps && !asked.empty()) record["maps"] = heat_maps(run.folder, asked, pool);
}

Json record_of(const ReportedRun& run, const AnswerLimits& limits, ThreadPool& pool, std::vector<Wanted>& photos) {
  artifact::check_measured(run.folder);
  Json record{{"name", printable(run.name)}, {"folder", printable(run.place.string())}, {"files", files_of(run.folder)}};
  record["config"] = is_there(run.folder / "config.toml") ? text_of(run.folder / "config.toml") : "";
  const fs::path table = run.folder / "predictions.csv";
  const Answers answers = choose_answers(text_of(table), printable(table.string()), limits);
  record["predictions"] = {{"csv", answers.csv}, {"total", answers.total}, {"rows", answers.rows}, {"added", answers.added}};
  if (const Json rules = rules_of(run.folder); rules.is_object()) record["files"]["trust"] = rules;
  std::vector<std::string> closely;
  look_closely(run, answers.close_ups, pool, record, closely);
  const PathsIn place(run.place);
  std::set<std::string> seen;
  for (const std::vector<std::string>& names : {photos_of_findings(record["files"]), closely, answers.photos})
    for (const std::string& name : names)
      if (seen.insert(name).second) photos.push_back({name, place.path_of(name)});
  const Json history = record["files"].value("history", Json::object());
  if (is_there(run.folder / "translated.png")) record["translated"] = whole_picture(run.folder / "translated.png");
  record["curves"] = curves_svg(history, printable(run.name));
  record["confusion"] = confusion_svg(record["files"]["eval"], printable(run.name));
  return record;
}

}  // namespace

ReportedRun run_in(const fs::path& folder) {
  std::error_code code;
  fs::path whole = fs::weakly_canonical(folder, code);
  if (code) whole = folder;
  return {.folder = folder, .place = folder, .name = whole.filename().string()};
}

void write_pictures(const ReportedRun& run) {
  const std::string name = printable(run.name);
  const auto write = [&](const char* file, const std::string& svg) {
    if (!svg.empty()) write_file(run.folder / file, svg, Sync::later);
  };
  write("confusion.svg", confusion_svg(read_json(run.folder / "eval.json"), name));
  if (is_there(run.folder / "history.json")) write("curves.svg", curves_svg(read_json(run.folder / "history.json"), name));
}

std::string report_page(const std::vector<ReportedRun>& runs, ThreadPool& pool, Language language, const Comparison& comparison) {
  constexpr const char* kLanguages[] = {"auto", "en", "zh"};
  AnswerLimits limits;
  limits.rows /= runs.size(), limits.row_bytes /= runs.size(), limits.photos = kMostPhotos / runs.size();
  limits.close = std::max<std::size_t>(1, limits.close / runs.size());
  Json data{{"format", kFormat}, {"graft", GRAFT_VERSION}, {"language", kLanguages[static_cast<int>(language)]}, {"runs", Json::array()}};
  ThumbnailLimits size;
  size.bytes /= runs.size();
  for (const ReportedRun& run : runs) {
    std::vector<Wanted> photos;
    Json record = record_of(run, limits, pool, photos);
    record["photos"] = thumbnails(photos, run.pictures, pool, size);
    data["runs"].push_back(std::move(record));
  }
  if (!comparison.found.is_null()) data["comparison"] = comparison.found;
  if (!comparison.why_not.empty()) data["not_compared"] = comparison.why_not;
  return page(data);
}

}  // namespace graft::report
