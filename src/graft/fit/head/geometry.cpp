#include "graft/fit/head/geometry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graft/base/error.h"
#include "graft/engine/features.h"
#include "graft/eval/paired.h"
#include "graft/fit/head/head_input.h"
#include "graft/fit/head/photo_views.h"
#include "graft/fit/head/probe.h"
#include "graft/fit/head/solve.h"
#include "graft/fit/job/parts.h"
#include "graft/fit/job/survey.h"
#include "graft/graph/walks.h"
#include "graft/onnx/write.h"

namespace graft::fit {
namespace {

constexpr std::size_t kLooked = 400;  // photos
constexpr std::size_t kFewest = 40;   // of which mirror images can be judged
constexpr std::size_t kFewestOfAClass = 5;

bool given(const Job& job, const char* option) { return origin_of(job.config.origins, option).given(); }

/// Last features of the photos, all of them in the view that `chance` leaves no choice in.
class Looks {
 public:
  Looks(const Job& job, const std::vector<data::Sample>& photos) : job_(job), photos_(photos) {
    const graph::Graph network = graph::features(job.pretrained.graph);
    const FitConfig& c = job.config.values;
    const auto precision = c.precision == engine::Precision::bf16 ? engine::Precision::bf16 : engine::Precision::float32;
    engine_.emplace(onnx::write(network), network.name, job.preprocess, engine::EngineOptions{.precision = precision, .threads = c.threads});
  }

  Rows operator()(const data::Augment& chance, ThreadPool& pool) {
    const PhotoViews views(data::paths_of(photos_), job_.preprocess, chance, job_.config.values.seed, pool);
    const auto batch = static_cast<std::size_t>(engine_->batch());
    std::vector<uint8_t> pixels(batch * job_.preprocess.row_bytes());
    Rows rows{.width = engine_->width(), .labels = data::labels_of(photos_)};
    rows.values.resize(photos_.size() * rows.width);
    for (std::size_t first = 0; first < photos_.size(); first += batch) {
      check_interrupted();
      std::vector<PhotoViews::Picture> pictures;
      for (std::size_t i = first; i < std::min(first + batch, photos_.size()); ++i) pictures.push_back({i, 0});
      const std::span<uint8_t> some = std::span(pixels).first(pictures.size() * job_.preprocess.row_bytes());
      views.draw(pictures, some);
      engine_->run(some, pictures.size(), std::span(rows.values).subspan(first * rows.width, pictures.size() * rows.width));
    }
    return rows;
  }

 private:
  const Job& job_;
  const std::vector<data::Sample>& photos_;
  std::optional<engine::Engine> engine_;
};

/// Two heads, each solved on a half of the rows, on the other half of `rows` and of each of `views`: which photos they name rightly.
std::vector<std::vector<bool>> right_by_halves(Job& job, const Rows& rows, const std::vector<const Rows*>& views,
                                               const std::vector<data::Sample>& photos) {
  std::vector<std::size_t> all(photos.size());
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = i;
  const auto [one, other] = divide(job, photos, all, 0.5);
  std::vector<std::vector<bool>> right(views.size(), std::vector<bool>(photos.size()));
  for (const auto& [learnt, judged] : {std::pair{&one, &other}, std::pair{&other, &one}}) {
    FitConfig config = job.config.values;
    const Rows known = rows_at(rows, *learnt);
    config.l2 = choose_l2(config, known, job.classes(), job.pool).l2;
    const head::LinearHead head = solve(config, known, job.classes(), job.pool);
    for (std::size_t v = 0; v < views.size(); ++v) {
      const std::vector<float> logits = logits_of(head, rows_at(*views[v], *judged));
      for (std::size_t i = 0; i < judged->size(); ++i) {
        const auto row = std::span(logits).subspan(i * head.classes, head.classes);
        right[v][(*judged)[i]] = std::ranges::max_element(row) - row.begin() == rows.labels[(*judged)[i]];
      }
    }
  }
  return right;
}

InTheMirror compared(const std::vector<bool>& as_is, const std::vector<bool>& mirrored) {
  const eval::Paired paired = eval::compare(as_is, mirrored);
  const auto part = [&](const std::vector<bool>& right) {
    return static_cast<double>(std::ranges::count(right, true)) / static_cast<double>(right.size());
  };
  return {as_is.size(), part(as_is), part(mirrored), paired.p};
}

/// Whether the head knows clearly more than which class is the most frequent: else what it says of mirror images means nothing.
bool knows_something(const std::vector<bool>& right, const std::vector<data::Sample>& photos, std::size_t classes) {
  const auto n = static_cast<double>(right.size());
  const double accuracy = static_cast<double>(std::ranges::count(right, true)) / n;
  const double most = static_cast<double>(std::ranges::max(data::images_per_class(photos, classes))) / n;
  return accuracy > most + 3 * std::sqrt(most * (1 - most) / n);
}

std::string told(const InTheMirror& found, const char* how) {
  return fmt::format("the head gets {:.1f} % of {} training photos right, {:.1f} % {}", 100 * found.as_is, found.photos, 100 * found.mirrored, how);
}

}  // namespace

std::optional<double> Looked::log_loss() const {
  return l2.folds > 0 ? std::optional(std::ranges::min(l2.path, {}, &head::L2Score::log_loss).log_loss) : std::nullopt;
}

Looked look_at(Job& job, const data::Preprocess& preprocess, const std::vector<data::Sample>& photos) {
  const FitConfig& c = job.config.values;
  engine::FeatureExtractor extractor(job.pretrained.graph, preprocess, extract_options(c));
  const bool mirror = looks_in_the_mirror(c);
  const engine::FeatureTable table = extractor.extract(data::paths_of(photos), mirror, job.begin("geometry", photos.size()));
  if (!extractor.precision().reason.empty()) choose(job.config, "precision", extractor.precision().precision, extractor.precision().reason);
  Looked looked{.l2 = {}, .computed = photos.size() - table.cached};
  for (const data::Unreadable& u : table.unreadable) looked.unreadable.push_back(u.index);
  const Rows rows = rows_of(table, 0, photos, looked.unreadable, job.splits.task, job.splits.classes.size());
  if (rows.labels.empty()) return looked;
  const bool every_stage = c.features ? *c.features == FeatureSet::stages : extractor.width() != extractor.last_width();
  const graph::HeadInput input{.every_stage = every_stage, .mirror = c.mirror.value_or(false)};
  looked.l2 = choose_l2(c, columns(rows, extractor.width(), extractor.last_width(), input), job.classes(), job.pool);
  return looked;
}

std::vector<data::Sample> compared_photos(const Job& job) { return at(job.splits.train, some_of(job, job.splits.train, kLooked)); }

std::size_t choose_geometry(Job& job) {
  const FitConfig& c = job.config.values;
  const bool as_trained = c.strategy == transfer::Kind::head || c.strategy == transfer::Kind::scratch || c.begin == Beginning::kept;
  const std::size_t smallest = std::ranges::min(data::images_per_class(job.splits.train, job.splits.classes.size()));
  if (as_trained || smallest < kFewestOfAClass || given(job, "resize") || job.preprocess.resize <= job.preprocess.crop.shorter()) return 0;
  const std::vector<data::Sample> photos = compared_photos(job);
  const data::Preprocess whole = data::sized(job.preprocess, job.preprocess.crop, job.preprocess.crop.shorter());
  const Looked cut = look_at(job, job.preprocess, photos), all = look_at(job, whole, photos);
  if (!cut.log_loss() || !all.log_loss()) return cut.computed;
  const bool better = *all.log_loss() < kWorthIt * *cut.log_loss();
  const std::string found = fmt::format("cross-validated log loss on {} photos: the whole square {:.4f}, a crop from {} pixels {:.4f}", photos.size(),
                                        *all.log_loss(), job.preprocess.resize, *cut.log_loss());
  if (better) job.preprocess = whole;
  job.config.origins.erase("resize");
  choose(job.config, "resize", job.preprocess.resize, found);
  return better ? all.computed : cut.computed;
}

void choose_flips(Job& job, const Start& start) {
  const bool known = origin_of(job.config.origins, "vertical-flip").source == Source::chosen;
  if (known || !data::one_class_each(job.splits.task) || given(job, "augment") || (given(job, "flip") && given(job, "vertical-flip"))) return;
  const std::vector<data::Sample> readable_photos = readable(job.splits, start.unreadable).train;
  const std::vector<data::Sample> photos = at(readable_photos, some_of(job, readable_photos, kLooked));
  if (photos.size() < kFewest || std::ranges::min(data::images_per_class(photos, job.splits.classes.size())) < 2) return;
  const auto advance = job.begin("mirror images", 3 * photos.size());
  Looks look(job, photos);
  std::vector<Rows> seen;
  for (const data::Augment& view : {data::Augment{}, data::Augment{.flip = 1}, data::Augment{.vertical_flip = 1}}) {
    seen.push_back(look(view, job.pool));
    if (advance) advance(photos.size());
  }
  const auto right = right_by_halves(job, seen[0], {&seen[0], &seen[1], &seen[2]}, photos);
  if (!knows_something(right[0], photos, job.splits.classes.size())) return;
  const InTheMirror mirrored = compared(right[0], right[1]), upside_down = compared(right[0], right[2]);
  choose(job.config, "flip", mirrored.changes() ? 0.0 : 0.5, told(mirrored, "in the mirror"));
  choose(job.config, "vertical-flip", upside_down.keeps() && !mirrored.changes() ? 0.5 : 0.0, told(upside_down, "upside down"));
}

}  // namespace graft::fit
