#include "graft/cli/explain_answers.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

namespace graft::cli {

std::string explained_json(const ExplainedPhoto& photo, explain::Method method, const data::Task& task, const artifact::LineOptions& options) {
  nlohmann::ordered_json line = nlohmann::ordered_json::parse(artifact::json_line(task, photo.path, photo.answer, options));
  line["method"] = explain::name_of(method);
  nlohmann::ordered_json& maps = line["maps"] = nlohmann::ordered_json::array();
  for (const explain::ClassMap& found : photo.maps) {
    const explain::Reading reading = explain::read(found.map, photo.window);
    nlohmann::ordered_json map{{"label", options.names[found.label]}, {"probability", photo.answer.probabilities[found.label]}, {"peak", nullptr}};
    if (reading.supports) map["peak"] = {{"across", reading.across}, {"down", reading.down}};
    if (reading.supports) map["half_within"] = reading.half_within;
    if (!found.note.empty()) map["note"] = found.note;
    maps.push_back(std::move(map));
  }
  if (!photo.nearest.empty()) {
    nlohmann::ordered_json& nearest = line["nearest_training_photos"] = nlohmann::ordered_json::array();
    for (const artifact::NearestPhoto& one : photo.nearest) nearest.push_back({{"path", one.path}, {"similarity", one.similarity}});
  }
  if (!photo.picture.empty()) line["picture"] = photo.picture;
  if (!photo.raw.empty()) line["raw"] = photo.raw;
  return line.dump() + "\n";
}

std::string explained_text(const ExplainedPhoto& photo, const data::Task& task, const artifact::LineOptions& options) {
  std::string text = artifact::text_line(task, photo.path, photo.answer, options);
  for (const explain::ClassMap& found : photo.maps) {
    const explain::Reading reading = explain::read(found.map, photo.window);
    text += fmt::format("  {}: ", options.names[found.label]);
    if (reading.supports)
      text += fmt::format("peak at {:.0f} % from the left and {:.0f} % from the top; half of its support on {:.0f} % of the picture\n",
                          100 * reading.across, 100 * reading.down, 100 * reading.half_within);
    else text += "no part of the photo supports it\n";
    if (!found.note.empty()) text += fmt::format("    {}\n", found.note);
  }
  if (photo.nearest.empty()) return text;
  text += "  nearest training photos:";
  for (std::size_t i = 0; i < photo.nearest.size(); ++i)
    text += fmt::format("{} {} ({:.2f})", i == 0 ? "" : ",", photo.nearest[i].path, photo.nearest[i].similarity);
  return text + "\n";
}

}  // namespace graft::cli
