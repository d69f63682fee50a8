// A compiled model that is shared by all threads of a program. Steps 2 to 5 of a photo's journey (ARCHITECTURE.md).
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "graft/artifact/model.h"
#include "graft/artifact/row_queue.h"
#include "graft/base/hash.h"
#include "graft/data/loader.h"
#include "graft/data/preprocess.h"
#include "graft/engine/engine.h"
#include "graft/image/image.h"

namespace graft::artifact {

struct SessionOptions {
  engine::Precision precision = engine::Precision::automatic;  // automatic: as the card says where this CPU can, else float32
  int threads = 1;                                             // of the network, shared out among the requests
  int batch = 16;                     // rows it takes at once, from any callers; a batch that is not full costs as much as a full one
  int requests = 1;                   // batches that are computed at once
  std::chrono::microseconds wait{0};  // how long a batch that is not full waits for the photos of other callers
  std::size_t most_waiting = 1024;    // photos; a call that comes to a full queue throws Busy
  bool features = false;              // also give the input of the last layer; done anyway if the model's rules need it
};

struct Predictions {
  std::vector<float> logits;                      // (photos, classes); rows of unreadable photos are 0
  std::vector<float> probabilities;               // of them, as the card's task says
  std::vector<float> features = {};               // (photos, width), where they are asked for
  std::vector<data::Unreadable> unreadable = {};  // ascending
  std::vector<Hash128> hashes = {};               // of each file's bytes; 0 of unreadable photos, none where there are no files
};

/// What is compiled; tests replace it with an engine of their own.
struct Network {
  std::size_t feature_width = 0;
  RowQueue::Compute compute;
};

/// All members except construction and destruction may be called by any number of threads at once; share it by std::shared_ptr.
///
/// Photos are decoded and resized by the threads that ask; their rows go into batches in the order they come (RowQueue). A photo's answer is, bit for
/// bit, the same whatever other photos it shares a batch with, for the network is compiled for batches of one size, the missing rows blank. Sessions
/// with other threads, batch, requests or `features` are other programs to the engine, whose answers may differ by rounding (ARCHITECTURE.md, Threads).
///
/// The destructor closes the session and waits until all calls that have begun are answered. The network is compiled by a thread of its own, so that photos are decoded meanwhile: what the
/// engine finds wrong in the file is thrown (Error, data) by warm_up() and predict().
class Session {
 public:
  /// `path` is for messages. Made by open_session, pretrained_session or onnx_session.
  Session(std::string path, ModelCard card, engine::Precision precision, const SessionOptions& options, std::function<Network()> compile,
          const Clock& clock = real_clock());
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const std::string& path() const { return path_; }
  const ModelCard& card() const { return card_; }
  engine::Precision precision() const { return precision_; }  // in which it runs
  int batch() const { return options_.batch; }
  std::size_t classes() const { return card_.labels.size(); }
  std::size_t feature_width() const;  // 0 where none are asked for; waits until the network is compiled

  /// Waits until the network is compiled and computes a blank batch on every request, so that the first photos find memory and code in place.
  void warm_up() const;

  /// The answer to each photo is the mean over the views. A photo that cannot be read is in
  /// `unreadable`, for this caller only. Busy when the queue is full; std::logic_error after close().
  Predictions predict(std::span<const image::Image> photos, data::TestViews views = data::TestViews::one) const;
  /// Of the bytes of files as image::decode takes them; named "photo 1" and so on in messages.
  Predictions predict(std::span<const std::span<const std::byte>> files, data::TestViews views = data::TestViews::one) const;

  /// Of files, read and decoded by `threads` threads. `advance` is called with the number of photos done, `each` sees them. Interrupted after Ctrl-C.
  Predictions predict(const std::vector<std::filesystem::path>& paths, int threads, const std::function<void(std::size_t)>& advance = {},
                      data::TestViews views = data::TestViews::one, const data::EachImage& each = {}) const;

  /// Calls are refused from now on; those that have begun are answered, without waiting for other callers' photos.
  void close() const;

 private:
  class Inside;
  class Rows;
  using Picture = std::function<const image::Image&(std::size_t photo)>;
  void answer(Predictions& predictions, std::size_t photos, data::TestViews views, const Picture& picture) const;

  const std::string path_;
  const ModelCard card_;
  const engine::Precision precision_;
  const SessionOptions options_;
  const std::shared_future<Network> network_;
  mutable RowQueue queue_;
  mutable std::mutex mutex_;  // of what follows
  mutable std::condition_variable left_;
  mutable std::size_t callers_ = 0;  // inside of a member
  mutable bool closed_ = false;
};

/// `path`: a run folder or a model.onnx. Errors (data) as load_card; and where features are asked for, of a network that ends in no linear layer.
std::shared_ptr<const Session> open_session(const std::filesystem::path& path, const SessionOptions& options);

/// Of ONNX bytes and their card: what open_session, pretrained_session and onnx_session end with. `name` is for messages.
std::shared_ptr<const Session> start_session(std::string name, std::string onnx, ModelCard card, const SessionOptions& options);

}  // namespace graft::artifact
