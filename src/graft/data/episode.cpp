#include "graft/data/episode.h"

#include <numeric>
#include <span>

#include "graft/base/rng.h"

namespace graft::data {

Episode draw_episode(const std::vector<std::vector<std::size_t>>& of_class, int ways, int shots, int queries, uint64_t seed, std::size_t number) {
  Rng chance(seed, static_cast<uint64_t>(shots) << 32 | number);
  std::vector<std::size_t> classes(of_class.size());
  std::iota(classes.begin(), classes.end(), std::size_t{0});
  chance.shuffle(std::span(classes));
  Episode episode;
  for (int way = 0; way < ways; ++way) {
    std::vector<std::size_t> photos = of_class[classes[static_cast<std::size_t>(way)]];
    chance.shuffle(std::span(photos));
    episode.support.insert(episode.support.end(), photos.begin(), photos.begin() + shots);
    episode.query.insert(episode.query.end(), photos.begin() + shots, photos.begin() + shots + queries);
  }
  return episode;
}

}  // namespace graft::data
