// Files to batches of preprocessed rows, on threads of its own, in sample order.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <stop_token>
#include <thread>
#include <variant>
#include <vector>

#include "graft/base/error.h"
#include "graft/base/hash.h"
#include "graft/data/preprocess.h"
#include "graft/image/decode.h"

namespace graft::data {

struct Unreadable {
  std::size_t index;
  Error error;
};

struct Skipped {
  std::size_t index;
  Hash128 hash;
};

/// Called with each decoded image before it is cropped, from many threads at once, so that code that needs more than the row need not decode it again.
using EachImage = std::function<void(std::size_t index, const image::Image& image)>;

struct LoaderOptions {
  int batch = 16;         // rows, >= 1
  int threads = 1;        // that read and decode, >= 1; besides the caller's
  int ahead = 4;          // batches of rows decoded before they are asked for, >= 1
  image::CropAt at = {};  // the square of each image
  /// Asked with the hash of a file's bytes before it is decoded, from many threads at once; true leaves the image out and lists it in skipped().
  /// It is how cached features save decoding.
  std::function<bool(const Hash128&)> skip = {};
  EachImage each = {};
};

/// Threads claim single images in order, so the first batch is ready as early as it can be. What next() returns depends on the files and on what
/// `skip` says, never on the number of threads. At most batch * ahead rows wait, whatever the number of images. One thread calls next();
/// recycle() may be called from any.
class Loader {
 public:
  Loader(std::vector<std::filesystem::path> paths, const Preprocess& preprocess, LoaderOptions options);
  /// May be called at any time; waits for the images in the threads' hands, one each.
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  struct Batch {
    std::size_t first = 0;             // rows in the batches before this one
    std::vector<std::size_t> indices;  // sample of each row, ascending
    std::vector<Hash128> hashes;       // of each row's file
    std::vector<uint8_t> pixels;       // (indices.size(), height, width, channels)
  };

  /// Blocks until a batch is full: `batch` decoded rows however many samples were skipped or unreadable between them; only the last may have
  /// fewer, never none. nullopt at the end. An exception other than Error (no memory, one of `skip`) is rethrown here when its sample is
  /// reached, and ends the loading.
  std::optional<Batch> next();

  /// Gives a batch's memory back for a later one.
  void recycle(Batch&& batch);

  /// Both complete once next() has returned nullopt, sorted by index.
  const std::vector<Unreadable>& unreadable() const { return unreadable_; }
  const std::vector<Skipped>& skipped() const { return skipped_; }

 private:
  struct Row {
    Hash128 hash;
    std::vector<uint8_t> pixels;
  };
  using Outcome = std::variant<Row, Skipped, std::exception_ptr>;

  void work(const std::stop_token& stop);
  Outcome load(std::size_t index, std::vector<uint8_t>& row) const;
  Batch empty_batch();
  Outcome take();
  void give_back(std::vector<uint8_t>&& row);

  const std::vector<std::filesystem::path> paths_;
  const Preprocess preprocess_;
  const LoaderOptions options_;

  std::mutex mutex_;
  std::condition_variable_any row_free_;   // a thread may claim the next sample
  std::condition_variable outcome_ready_;  // the sample at cursor_ is done
  std::size_t claimed_ = 0, cursor_ = 0;   // samples [cursor_, claimed_) are in work or done, those before were returned
  std::map<std::size_t, Outcome> done_;
  std::vector<std::vector<uint8_t>> free_rows_;
  std::vector<Batch> spare_;

  std::size_t returned_ = 0;  // rows; this and below belong to the caller of next()
  std::vector<Unreadable> unreadable_;
  std::vector<Skipped> skipped_;
  std::vector<std::jthread> threads_;  // last, so that it is joined before what it uses goes
};

/// All that could not be read as one Error of the dataset: "photos: 3 of 397 images cannot be read: a.jpg (truncated JPEG), ...", the first ten
/// with their reason. `dataset` is the folder or table given by the user; names are shown relative to it.
Error unreadable_error(const std::filesystem::path& dataset, std::size_t images, std::span<const Unreadable> unreadable);

}  // namespace graft::data
