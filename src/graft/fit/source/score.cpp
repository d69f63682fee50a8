#include "graft/fit/source/score.h"

#include <algorithm>
#include <chrono>

#include "graft/data/look.h"
#include "graft/engine/onnx_network.h"
#include "graft/fit/head/head_input.h"
#include "graft/fit/head/probe.h"
#include "graft/fit/head/solve.h"
#include "graft/fit/job/imbalance.h"
#include "graft/fit/source/backbone.h"
#include "graft/graph/walks.h"
#include "graft/head/transferability.h"
#include "graft/models/join.h"
#include "graft/onnx/write.h"

namespace graft::fit {
namespace {

constexpr std::size_t kMostDecomposed = 1000;  // photos for LogME and the H-score, which take the cube of their number
constexpr int kWarmUps = 3, kTimes = 30;       // runs of a single image
constexpr double kLongEnough = 1.5;            // seconds

/// Of a single image at its fastest: what else runs on the machine only makes it slower.
double seconds_an_image(const std::string& onnx, const Job& job, engine::Precision precision) {
  engine::Engine engine(onnx, job.pretrained.graph.name, job.preprocess, {.precision = precision, .threads = job.config.values.threads, .batch = 1});
  const std::vector<uint8_t> pixels(job.preprocess.row_bytes(), 128);
  std::vector<float> out(engine.width());
  double fastest = 0, sum = 0;
  for (int i = 0; i < kWarmUps + kTimes && (i < kWarmUps + 3 || sum < kLongEnough); ++i) {
    check_interrupted();
    const auto start = std::chrono::steady_clock::now();
    engine.run(pixels, 1, out);
    const double time = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    if (i < kWarmUps) continue;
    fastest = i == kWarmUps ? time : std::min(fastest, time);
    sum += time;
  }
  return fastest * (job.config.values.mirror.value_or(false) ? 2 : 1);
}

int64_t known_multiply_adds(const graph::Graph& graph) {
  for (const graph::Node& node : graph.nodes)
    if (std::holds_alternative<graph::Foreign>(node.op)) return 0;
  return graph::multiply_adds(graph);
}

/// LogME and the H-score of the rows' last features.
void add_transferability(SourceScore& score, const Rows& rows, int classes, ThreadPool& pool) {
  std::vector<std::size_t> some;
  const std::size_t step = (rows.labels.size() + kMostDecomposed - 1) / kMostDecomposed;  // photos stand class by class: a share of each
  for (std::size_t i = 0; i < rows.labels.size(); i += step) some.push_back(i);
  const Rows few = rows_at(rows, some);
  score.logme = head::logme(few.features(), few.labels, classes, pool);
  score.h_score = head::h_score(few.features(), few.labels, classes, true, pool);
}

}  // namespace

OneSource score_source(Job& job, const SourceName& name, const std::vector<data::Sample>& photos) {
  const FitConfig& c = job.config.values;
  auto [pretrained, preprocess] = open_backbone(job);
  job.pretrained = std::move(pretrained);
  job.preprocess = preprocess;
  data::choose_pixels(data::paths_of(job.splits.train), c.background, c.depth, job.preprocess, job.pool);
  choose_imbalance(job);
  engine::FeatureExtractor extractor(job.pretrained.graph, job.preprocess, extract_options(c));
  const engine::FeatureTable table = extractor.extract(data::paths_of(photos), c.mirror.value_or(false), job.begin(name.text(), photos.size()));
  extractor.release();
  OneSource found{.score = {.source = name, .size = job.preprocess.crop}, .folds = 0};
  for (const data::Unreadable& u : table.unreadable) found.unreadable.push_back(u.index);
  const Rows all = rows_of(table, 0, photos, found.unreadable, job.splits.task, job.splits.classes.size());
  if (all.labels.empty()) return found;

  FitConfig compared = c;
  compared.mirror = c.mirror.value_or(false);
  if (c.strategy && c.by_steps()) compared.features = FeatureSet::last;
  const std::size_t width = extractor.width(), last = extractor.last_width();
  std::vector<Candidate> inputs = compare_inputs(compared, all, width, last, job.classes(), job.pool);
  const Candidate& taken = inputs.back();
  const Rows seen = columns(all, width, last, taken.input);
  const head::L2Choice l2 = taken.rows > 0 ? taken.l2 : choose_l2(compared, seen, job.classes(), job.pool);
  if (l2.folds == 0) return found;
  SourceScore& score = found.score;
  found.folds = l2.folds;
  score.features = seen.width;
  score.every_stage = taken.input.every_stage;
  score.joined = !engine::is_onnx_file(name.backbone) && models::is_join(name.backbone);
  score.held_out = l2.held_out;
  score.accuracy = std::ranges::min_element(l2.path, {}, &head::L2Score::log_loss)->accuracy;
  if (data::one_class_each(all.task)) add_transferability(score, columns(all, width, last, {false, taken.input.mirror}), job.classes(), job.pool);
  const graph::Graph network = graph::features(job.pretrained.graph);
  const std::string onnx = onnx::write(network);
  score.bytes = static_cast<double>(onnx.size());
  score.multiply_adds = known_multiply_adds(network);
  score.seconds = seconds_an_image(onnx, job, extractor.precision().precision);
  return found;
}

}  // namespace graft::fit
