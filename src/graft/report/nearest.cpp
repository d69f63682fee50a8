#include "graft/report/nearest.h"

#include <optional>
#include <unordered_map>

#include "graft/artifact/known_photos.h"
#include "graft/search/nearest.h"

namespace graft::report {

NearestPhotos nearest_photos(const std::filesystem::path& run, std::span<const std::string> photos, ThreadPool& pool) {
  constexpr std::size_t kShown = 3;
  using artifact::KnownPhotos;
  const std::optional<KnownPhotos> training = KnownPhotos::beside(run, artifact::kTrainingIndex),
                                   validation = KnownPhotos::beside(run, artifact::kValidationIndex);
  if (!training || !validation) return {};
  const search::Table &seen = training->index().table, &asked = validation->index().table;
  if (seen.rows == 0 || seen.width != asked.width) return {};
  std::unordered_map<std::string, std::size_t> rows;
  for (const std::string& path : validation->index().info.paths) rows.emplace(path, rows.size());
  std::vector<std::string> names;
  std::vector<float> queries;
  for (const std::string& name : photos) {
    const auto at = rows.find(name);
    if (at == rows.end()) continue;
    names.push_back(name);
    const std::span<const float> row = asked.row(at->second);
    queries.insert(queries.end(), row.begin(), row.end());
  }
  NearestPhotos found{.of = seen.rows, .to_photo = {}};
  const auto matches = search::nearest(seen, queries, kShown, pool, training->index().name);
  for (std::size_t i = 0; i < names.size(); ++i)
    for (const search::Match& match : matches[i])
      found.to_photo[names[i]].push_back({training->index().info.paths[match.row], static_cast<double>(match.similarity)});
  return found;
}

}  // namespace graft::report
