#include "graft/explain/occlusion.h"

#include <algorithm>
#include <cmath>

#include "graft/base/error.h"
#include "graft/explain/attribution.h"
#include "graft/onnx/read.h"

namespace graft::explain {
namespace {

std::vector<int> bounds(int side, int part) {
  const int parts = std::max(1, static_cast<int>(std::lround(static_cast<double>(side) / part)));
  std::vector<int> at;
  for (int i = 0; i <= parts; ++i) at.push_back(static_cast<int>(int64_t{side} * i / parts));
  return at;
}

/// The value that the last layer reads; empty where the network ends in none.
std::string read_last(const Network& network) try {
  return onnx::read_by_last_layer(std::as_bytes(std::span(network.onnx)), network.name);
} catch (const Error&) {
  return {};
}

class Occlusion : public Attribution {
 public:
  Occlusion(const Network& network, const ExplainOptions& options)
      : preprocess_(network.card.preprocess),
        grid_(occlusion_grid(preprocess_.crop)),
        classes_(network.card.labels.size()),
        engine_(network.onnx, network.name, preprocess_,
                {.precision = options.precision, .threads = options.threads, .batch = options.batch, .features = read_last(network)}) {
    for (int c = 0; c < preprocess_.channels(); ++c)  // what is zero behind the normalisation
      grey_.push_back(static_cast<uint8_t>(std::clamp(std::lround(preprocess_.mean[static_cast<std::size_t>(c)] * 255), 0L, 255L)));
  }

  std::size_t batch() const override { return static_cast<std::size_t>(engine_.batch()); }
  std::unique_ptr<Seen> look(std::span<const uint8_t> rows, std::size_t n) override;

  /// At most batch() pictures; fills both.
  void answer(std::span<const uint8_t> rows, std::size_t n, std::vector<float>& logits, std::vector<float>& features) {
    logits.resize(n * classes_);
    features.resize(n * engine_.feature_width());
    const engine::Part part{rows, n, logits, features};
    engine_.run(0, std::span(&part, 1));
  }

  /// (patches, classes), row by row of the patches; the first one begins a part before the picture.
  std::vector<float> hidden(std::span<const uint8_t> row) {
    const std::size_t patches = static_cast<std::size_t>(patches_down() * patches_across());
    std::vector<float> logits(patches * classes_);
    std::vector<uint8_t> rows;
    for (std::size_t first = 0; first < patches; first += batch()) {
      const std::size_t n = std::min(batch(), patches - first);
      rows.clear();
      for (std::size_t i = first; i < first + n; ++i) {
        rows.insert(rows.end(), row.begin(), row.end());
        hide(std::span(rows).last(row.size()), static_cast<int>(i) / patches_across() - 1, static_cast<int>(i) % patches_across() - 1);
      }
      engine_.run(rows, n, std::span(logits).subspan(first * classes_, n * classes_));
    }
    return logits;
  }

  /// By how much the answer falls where a part is hidden, the mean over the four patches that hide it.
  HeatMap map(float answer, std::span<const float> hidden_logits, std::size_t label) const {
    HeatMap map{patches_down() - 1, patches_across() - 1};
    for (int y = 0; y < map.height; ++y)
      for (int x = 0; x < map.width; ++x) {
        float sum = 0;
        for (const int patch :
             {y * patches_across() + x, y * patches_across() + x + 1, (y + 1) * patches_across() + x, (y + 1) * patches_across() + x + 1})
          sum += answer - hidden_logits[static_cast<std::size_t>(patch) * classes_ + label];
        map.values.push_back(sum / 4);
      }
    return map;
  }

  std::size_t classes() const { return classes_; }

 private:
  int patches_down() const { return static_cast<int>(grid_.rows.size()); }
  int patches_across() const { return static_cast<int>(grid_.columns.size()); }

  /// The parts (y, x) to (y + 1, x + 1), as far as they are of the picture.
  void hide(std::span<uint8_t> row, int y, int x) const {
    const auto between = [](const std::vector<int>& at, int part) {
      const int last = static_cast<int>(at.size()) - 1;
      return std::pair{at[static_cast<std::size_t>(std::max(part, 0))], at[static_cast<std::size_t>(std::min(part + 2, last))]};
    };
    const auto [top, bottom] = between(grid_.rows, y);
    const auto [left, right] = between(grid_.columns, x);
    for (int line = top; line < bottom; ++line)
      for (int column = left; column < right; ++column)
        std::ranges::copy(grey_, row.begin() + static_cast<std::ptrdiff_t>((line * preprocess_.crop.width + column) * preprocess_.channels()));
  }

  const data::Preprocess preprocess_;
  const OcclusionGrid grid_;
  const std::size_t classes_;
  engine::Engine engine_;
  std::vector<uint8_t> grey_;  // of each channel
};

class SeenByOcclusion : public Seen {
 public:
  SeenByOcclusion(Occlusion& method, std::span<const uint8_t> rows, std::size_t n) : method_(method), rows_(rows.begin(), rows.end()), n_(n) {
    method.answer(rows, n, logits, features);
  }

  std::vector<HeatMap> maps(std::span<const Question> questions) override {
    const std::size_t bytes = rows_.size() / n_;
    std::vector<HeatMap> found;
    std::vector<float> hidden;
    for (std::size_t i = 0; i < questions.size(); ++i) {
      const Question& q = questions[i];
      if (i == 0 || questions[i - 1].photo != q.photo) hidden = method_.hidden(std::span(rows_).subspan(q.photo * bytes, bytes));
      found.push_back(method_.map(logits[q.photo * method_.classes() + q.label], hidden, q.label));
    }
    return found;
  }

 private:
  Occlusion& method_;
  const std::vector<uint8_t> rows_;
  const std::size_t n_;
};

std::unique_ptr<Seen> Occlusion::look(std::span<const uint8_t> rows, std::size_t n) { return std::make_unique<SeenByOcclusion>(*this, rows, n); }

}  // namespace

OcclusionGrid occlusion_grid(Size picture) {
  const int part = std::max(1, static_cast<int>(std::lround(static_cast<double>(picture.shorter()) / kOcclusionParts)));
  return {bounds(picture.height, part), bounds(picture.width, part)};
}

std::string why_no_occlusion(const Network& /*network*/) { return {}; }

std::unique_ptr<Attribution> open_occlusion(const Network& network, const ExplainOptions& options) {
  return std::make_unique<Occlusion>(network, options);
}

}  // namespace graft::explain
