#include "graft/artifact/known_photos.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "graft/base/files.h"
#include "graft/base/hash.h"
#include "graft/base/paths.h"
#include "graft/base/text.h"
#include "graft/search/dot_table.h"
#include "graft/search/nearest.h"

namespace graft::artifact {
namespace fs = std::filesystem;

std::optional<KnownPhotos> KnownPhotos::beside(const fs::path& model, const char* index) {
  std::error_code code;
  const fs::path run = fs::is_directory(model, code) ? model : model.parent_path();
  if (!fs::exists(run / index, code)) return std::nullopt;
  return KnownPhotos(search::read_index(run / index), run);
}

std::vector<NearestPhoto> KnownPhotos::nearest(std::span<const float> features, std::size_t width, std::size_t count) const {
  const search::Table& table = index_.table;
  if (width == 0 || table.rows == 0 || table.width < width || features.size() < width) return {};
  const std::span<const float> query = features.first(width);
  const float scale = search::inverse_length(query);
  std::vector<std::pair<float, std::size_t>> all;  // the negative similarity, so that equal ones stay in the index's order
  for (std::size_t i = 0; i < table.rows; ++i) {
    const std::span<const float> row = table.row(i).first(width);
    all.emplace_back(-search::fastest_dot()(row.data(), query.data(), width) * scale * search::inverse_length(row), i);
  }
  count = std::min(count, all.size());
  std::ranges::partial_sort(all, all.begin() + static_cast<std::ptrdiff_t>(count));
  std::vector<NearestPhoto> found;
  for (std::size_t k = 0; k < count; ++k)
    found.push_back({printable(PathsIn(run_).path_of(index_.info.paths[all[k].second]).string()), static_cast<double>(-all[k].first)});
  return found;
}

std::optional<NearestPhoto> KnownPhotos::nearest(std::span<const float> features, std::size_t width) const {
  const std::vector<NearestPhoto> found = nearest(features, width, 1);
  return found.empty() ? std::nullopt : std::optional(found.front());
}

std::vector<fs::path> KnownPhotos::paths() const {
  const PathsIn there(run_);
  std::vector<fs::path> out;
  for (const std::string& name : index_.info.paths) out.push_back(there.path_of(name));
  return out;
}

void write_known_photos(const KnownPhotosOf& of, const char* index, std::span<const fs::path> photos, std::span<const float> values,
                        std::size_t width) {
  const fs::path model = of.folder / "model.onnx";
  search::IndexInfo info{.backbone = model.string(),
                         .weights_file = "model.onnx",
                         .weights_sha256 = sha256_hex(MappedFile(model).bytes()),
                         .preprocess = of.card.preprocess,
                         .file_network = search::FileNetwork{},
                         .precision = of.card.precision};
  const PathsIn there(of.run);
  for (const fs::path& photo : photos) info.paths.push_back(printable(there.name_of(photo).string()));
  search::write_index(of.folder / index, info, values, width);
}

bool is_known_photos(std::string_view name) {
  return name == std::string(kTrainingIndex) + ".json" || name == std::string(kValidationIndex) + ".json";
}

std::string moved_known_photos(std::string_view json, const fs::path& from, const fs::path& to) {
  const PathsIn before(from), there(to);
  nlohmann::ordered_json index = nlohmann::ordered_json::parse(json);
  for (auto& path : index.at("paths")) path = there.name_of(before.path_of(path.get<std::string>())).string();
  return index.dump(2) + "\n";
}

void copy_training_photos(const fs::path& model, const KnownPhotosOf& to) {
  const std::optional<KnownPhotos> known = KnownPhotos::beside(model);
  if (!known) return;
  const search::Table& table = known->index().table;
  write_known_photos(to, kTrainingIndex, known->paths(), table.values, table.width);
}

}  // namespace graft::artifact
