#include "graft/report/heat_maps.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <span>

#include "graft/base/base64.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/data/task_labels.h"
#include "graft/explain/explainer.h"
#include "graft/explain/overlay.h"
#include "graft/image/decode.h"

namespace graft::report {
namespace {

using Json = nlohmann::ordered_json;

/// A method whose maps take about the time of the answer itself. Error of the first where there is none.
std::unique_ptr<explain::Explainer> open_quick(const std::filesystem::path& run, int threads, std::size_t photos) {
  const int batch = static_cast<int>(std::clamp<std::size_t>(photos, 1, 16));
  std::optional<Error> first;
  for (const explain::Method method : {explain::Method::cam, explain::Method::reciprocam}) try {
      return explain::open_explainer(run, {.method = method, .threads = threads, .batch = batch});
    } catch (const Error& error) {
      if (error.kind() == ErrorKind::data) throw;
      if (!first) first = error;
    }
  throw Error(*first);
}

/// The class of that name.
std::size_t class_of(std::string_view name, const std::vector<std::string>& labels) {
  return static_cast<std::size_t>(std::ranges::find(labels, name) - labels.begin());
}

std::size_t top(std::span<const float> logits) { return static_cast<std::size_t>(std::ranges::max_element(logits) - logits.begin()); }

/// What is most probable, and what is true.
std::vector<std::size_t> classes_of(data::SingleLabel /*task*/, const ToExplain& photo, std::span<const float> logits,
                                    const std::vector<std::string>& labels) {
  return {top(logits), class_of(photo.label, labels)};
}

/// What is said without being true, what is true without being said, at most four; where they agree, the strongest answer.
std::vector<std::size_t> classes_of(data::MultiLabel /*task*/, const ToExplain& photo, std::span<const float> logits,
                                    const std::vector<std::string>& labels) {
  constexpr std::size_t kMost = 4;
  const std::vector<std::string> said = split(photo.predicted, data::kBetweenClasses), is = split(photo.label, data::kBetweenClasses);
  std::vector<std::size_t> classes;
  for (const auto* names : {&said, &is})
    for (const std::string& name : *names)
      if (std::ranges::count(said, name) + std::ranges::count(is, name) == 1 && classes.size() < kMost) classes.push_back(class_of(name, labels));
  if (classes.empty()) classes.push_back(top(logits));
  return classes;
}

struct Asked {
  const ToExplain* photo;
  explain::Window seen;  // by the model
};

/// `most`: becomes 255.
std::string as_bytes_of(const explain::HeatMap& map, float most) {
  std::string bytes;
  for (const float value : map.values)
    bytes += static_cast<char>(static_cast<uint8_t>(most > 0 ? std::lround(255 * std::clamp(value / most, 0.0F, 1.0F)) : 0));
  return bytes;
}

Json json_of(const std::vector<explain::ClassMap>& maps, const Asked& picture) {
  float most = 0;
  for (const explain::ClassMap& of : maps)
    for (const float value : of.map.values) most = std::max(most, value);
  Json all = Json::array();
  for (const explain::ClassMap& of : maps)
    all.push_back({{"label", of.label},
                   {"height", of.map.height},
                   {"width", of.map.width},
                   {"values", base64(as_bytes(as_bytes_of(of.map, most)))},
                   {"box", {picture.seen.x, picture.seen.y, picture.seen.width, picture.seen.height}}});
  return all;
}

Json maps_by(explain::Explainer& explainer, const std::vector<ToExplain>& photos, ThreadPool& pool) {
  const artifact::ModelCard& card = explainer.card();
  const std::size_t row_bytes = card.preprocess.row_bytes();
  std::vector<std::vector<uint8_t>> decoded(photos.size());
  std::vector<Asked> pictures(photos.size());
  pool.parallel_for(photos.size(), [&](std::size_t i) {
    try {
      const MappedFile file(photos[i].file);
      const image::Image image = image::decode(file.bytes(), photos[i].file.string(), card.preprocess.decoding());
      decoded[i].resize(row_bytes);
      card.preprocess(image, decoded[i]);
      pictures[i] = {&photos[i], explain::window_of(image.width, image.height, card.preprocess)};
    } catch (const Error&) {
      decoded[i].clear();
    }
  });
  std::vector<uint8_t> rows;
  for (const auto& row : decoded) rows.insert(rows.end(), row.begin(), row.end());
  std::erase_if(pictures, [](const Asked& picture) { return picture.photo == nullptr; });
  std::size_t next = 0;  // photos are asked about in their order
  const auto which = [&](std::span<const float> logits) {
    const ToExplain& photo = *pictures[next++].photo;
    std::vector<std::size_t> classes = std::visit([&](const auto& task) { return classes_of(task, photo, logits, card.labels); }, card.task);
    std::erase_if(classes, [&](std::size_t label) { return label >= card.labels.size(); });
    if (classes.size() == 2 && classes[0] == classes[1]) classes.pop_back();
    return classes;
  };
  const explain::Explained explained = explainer.explain(rows, pictures.size(), which);
  Json maps = Json::object();
  for (std::size_t i = 0; i < pictures.size(); ++i) maps[pictures[i].photo->name] = json_of(explained.maps[i], pictures[i]);
  return maps;
}

}  // namespace

Json heat_maps(const std::filesystem::path& run, const std::vector<ToExplain>& photos, ThreadPool& pool) {
  try {
    const auto explainer = open_quick(run, pool.size(), photos.size());
    return {{"method", explain::name_of(explainer->method())}, {"photos", maps_by(*explainer, photos, pool)}};
  } catch (const Error& error) {
    return {{"why_not", error.fact()}, {"photos", Json::object()}};
  }
}

}  // namespace graft::report
