#include "graft/artifact/session.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/eval/scores.h"
#include "graft/image/decode.h"
#include "graft/onnx/read.h"

namespace graft::artifact {
namespace {

RowQueueOptions queue_of(const SessionOptions& options) {
  return {.batch = static_cast<std::size_t>(options.batch),
          .workers = static_cast<std::size_t>(options.requests),
          .most_waiting = options.most_waiting,
          .wait = options.wait};
}

}  // namespace

/// A call, between which and the end of the session one of both waits.
class Session::Inside {
 public:
  explicit Inside(const Session& session) : session_(session) {
    const std::lock_guard lock(session.mutex_);
    if (session.closed_) throw std::logic_error(session.path_ + ": is asked after close()");
    ++session.callers_;
  }
  ~Inside() {
    const std::lock_guard lock(session_.mutex_);
    if (--session_.callers_ == 0) session_.left_.notify_all();
  }
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  const Session& session_;
};

/// Rows on their way to the network, at most a batch of them, and their answers on the way back to the photos they are of.
class Session::Rows {
 public:
  Rows(const Session& session, Predictions& predictions, std::size_t count, std::size_t views)
      : session_(session), predictions_(predictions), count_(count), views_(static_cast<float>(views)) {
    predictions.logits.resize(count * session.classes());
  }

  /// Computes the last ones.
  void finish() {
    run();
    predictions_.features.resize(count_ * width());
    predictions_.probabilities = predictions_.logits;
    eval::to_probabilities(session_.card_.task, predictions_.probabilities, session_.classes());
  }

  /// Where the next row is to be, of this photo.
  std::span<uint8_t> next(std::size_t photo) {
    if (photos_.size() == static_cast<std::size_t>(session_.batch())) run();
    photos_.push_back(photo);
    const std::size_t bytes = session_.card_.preprocess.row_bytes();
    pixels_.resize(photos_.size() * bytes);
    return std::span(pixels_).last(bytes);
  }

  void run() {
    if (!photos_.empty()) run(pixels_, photos_);
    photos_.clear();
  }

  void run(std::span<const uint8_t> pixels, std::span<const std::size_t> photos) {
    logits_.resize(photos.size() * session_.classes());
    features_.resize(photos.size() * width());
    predictions_.features.resize(count_ * width());
    session_.queue_({pixels, photos.size(), logits_, features_});
    add(logits_, photos, predictions_.logits);
    add(features_, photos, predictions_.features);
  }

 private:
  std::size_t width() const { return session_.options_.features ? session_.network_.get().feature_width : 0; }

  void add(std::span<const float> rows, std::span<const std::size_t> photos, std::vector<float>& sums) const {
    const std::size_t width = rows.size() / photos.size();
    for (std::size_t i = 0; i < photos.size(); ++i)
      for (std::size_t c = 0; c < width; ++c) sums[photos[i] * width + c] += rows[i * width + c] / views_;
  }

  const Session& session_;
  Predictions& predictions_;
  const std::size_t count_;
  const float views_;
  std::vector<std::size_t> photos_;
  std::vector<uint8_t> pixels_;
  std::vector<float> logits_, features_;
};

Session::Session(std::string path, ModelCard card, engine::Precision precision, const SessionOptions& options, std::function<Network()> compile,
                 const Clock& clock)
    : path_(std::move(path)),
      card_(std::move(card)),
      precision_(precision),
      options_(options),
      network_(std::async(std::launch::async, std::move(compile)).share()),
      queue_(
          queue_of(options), [this](std::size_t worker, std::span<const engine::Part> parts) { network_.get().compute(worker, parts); }, clock) {}

Session::~Session() {
  close();
  std::unique_lock lock(mutex_);
  left_.wait(lock, [this] { return callers_ == 0; });
}

void Session::close() const {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  queue_.hurry();
}

std::size_t Session::feature_width() const {
  const Inside inside(*this);
  return network_.get().feature_width;
}

void Session::warm_up() const {
  const Inside inside(*this);
  const auto batch = static_cast<std::size_t>(options_.batch);
  const std::vector<uint8_t> blank(batch * card_.preprocess.row_bytes());
  std::vector<float> logits(batch * classes()), features(batch * network_.get().feature_width);
  queue_.on_every_worker({blank, batch, logits, features});
}

void Session::answer(Predictions& predictions, std::size_t photos, data::TestViews views, const Picture& picture) const {
  const std::vector<image::CropAt> crops = data::crops_of(views);
  Rows rows(*this, predictions, photos, crops.size());
  for (std::size_t i = 0; i < photos; ++i) {
    const image::Image* image = nullptr;
    try {
      image = &picture(i);
      if (image->width < 1 || image->height < 1) throw data_error(fmt::format("photo {}", i + 1), "is empty");
    } catch (const Error& error) {
      predictions.unreadable.push_back({i, error});
      continue;
    }
    for (const image::CropAt& at : crops) card_.preprocess(*image, rows.next(i), at);
  }
  rows.finish();
}

Predictions Session::predict(std::span<const image::Image> photos, data::TestViews views) const {
  const Inside inside(*this);
  Predictions predictions;
  answer(predictions, photos.size(), views, [&](std::size_t i) -> const image::Image& { return photos[i]; });
  return predictions;
}

Predictions Session::predict(std::span<const std::span<const std::byte>> files, data::TestViews views) const {
  const Inside inside(*this);
  Predictions predictions;
  predictions.hashes.resize(files.size());
  image::Image decoded;
  answer(predictions, files.size(), views, [&](std::size_t i) -> const image::Image& {
    decoded = image::decode(files[i], fmt::format("photo {}", i + 1), card_.preprocess.decoding());
    predictions.hashes[i] = hash128(files[i]);
    return decoded;
  });
  return predictions;
}

Predictions Session::predict(const std::vector<std::filesystem::path>& paths, int threads, const std::function<void(std::size_t)>& advance,
                             data::TestViews views, const data::EachImage& each) const {
  const Inside inside(*this);
  const std::vector<image::CropAt> crops = data::crops_of(views);
  Predictions predictions;
  predictions.hashes.resize(paths.size());
  Rows rows(*this, predictions, paths.size(), crops.size());
  std::size_t looked = 0, told = 0;  // at views; photos that `advance` knows of
  for (const image::CropAt& at : crops) {
    data::Loader loader(paths, card_.preprocess,
                        {.batch = options_.batch, .threads = threads, .at = at, .skip = {}, .each = at == crops.front() ? each : nullptr});
    while (auto batch = loader.next()) {
      check_interrupted();
      rows.run(batch->pixels, batch->indices);
      for (std::size_t i = 0; i < batch->indices.size(); ++i) predictions.hashes[batch->indices[i]] = batch->hashes[i];
      looked += batch->indices.size();
      if (advance) advance(looked / crops.size() - told);
      told = looked / crops.size();
      loader.recycle(std::move(*batch));
    }
    predictions.unreadable = loader.unreadable();
  }
  rows.finish();
  return predictions;
}

std::shared_ptr<const Session> open_session(const std::filesystem::path& path, const SessionOptions& options) {
  ModelFile file = open_model(path);
  return start_session(std::move(file.name), std::string(as_text(file.bytes)), std::move(file.card), options);
}

std::shared_ptr<const Session> start_session(std::string name, std::string onnx, ModelCard card, const SessionOptions& options) {
  const engine::Precision precision = precision_of(card, options.precision);
  const bool with_features = options.features || card.trust.need_features();
  const std::string features = with_features ? onnx::read_by_last_layer(std::as_bytes(std::span(onnx)), name) : "";
  auto compile = [onnx = std::move(onnx), name, preprocess = card.preprocess,
                  engine_options = engine::EngineOptions{precision, options.threads, options.batch, options.requests, features}]() mutable {
    const std::string bytes = std::move(onnx);  // not kept once it is compiled
    const auto engine = std::make_shared<engine::Engine>(bytes, name, preprocess, engine_options);
    return Network{engine->feature_width(), [engine](std::size_t request, std::span<const engine::Part> parts) { engine->run(request, parts); }};
  };
  SessionOptions asked = options;
  asked.features = with_features;
  return std::make_shared<const Session>(std::move(name), std::move(card), precision, asked, std::move(compile));
}

}  // namespace graft::artifact
