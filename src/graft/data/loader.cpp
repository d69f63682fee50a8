#include "graft/data/loader.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <utility>

#include "graft/base/files.h"
#include "graft/base/text.h"

namespace graft::data {
namespace fs = std::filesystem;

Loader::Loader(std::vector<fs::path> paths, const Preprocess& preprocess, LoaderOptions options)
    : paths_(std::move(paths)), preprocess_(preprocess), options_(std::move(options)) {
  const auto rows = static_cast<std::size_t>(options_.batch) * static_cast<std::size_t>(options_.ahead);
  free_rows_.resize(std::min(rows, paths_.size()));  // without memory until a thread first fills one
  const std::size_t threads = std::min(static_cast<std::size_t>(options_.threads), free_rows_.size());
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this](const std::stop_token& stop) { work(stop); });
}

Loader::~Loader() {
  for (std::jthread& thread : threads_) thread.request_stop();  // all first: joining one by one would let the others go on
}

void Loader::work(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  for (;;) {
    // A sample is claimed together with its row. So the one at cursor_, claimed before all later ones, always has a row and nobody waits in a
    // circle.
    row_free_.wait(lock, stop, [this] { return claimed_ == paths_.size() || !free_rows_.empty(); });
    if (stop.stop_requested() || claimed_ == paths_.size()) return;
    const std::size_t index = claimed_++;
    std::vector<uint8_t> row = std::move(free_rows_.back());
    free_rows_.pop_back();
    lock.unlock();
    Outcome outcome;
    try {
      outcome = load(index, row);
    } catch (...) {
      outcome = std::current_exception();
    }
    const bool unused = !std::holds_alternative<Row>(outcome);
    lock.lock();
    if (unused) free_rows_.push_back(std::move(row));  // claimed again at once, by this thread
    done_.emplace(index, std::move(outcome));
    if (index == cursor_) outcome_ready_.notify_one();
  }
}

Loader::Outcome Loader::load(std::size_t index, std::vector<uint8_t>& row) const {
  const std::vector<std::byte> bytes = read_file(paths_[index]);
  const Hash128 hash = hash128(bytes);
  if (options_.skip && options_.skip(hash)) return Skipped{index, hash};
  const image::Image image = image::decode(bytes, paths_[index].string(), preprocess_.decoding());
  if (options_.each) options_.each(index, image);
  row.resize(preprocess_.row_bytes());
  preprocess_(image, row, options_.at);
  return Row{hash, std::move(row)};
}

Loader::Outcome Loader::take() {
  std::unique_lock lock(mutex_);
  outcome_ready_.wait(lock, [this] { return done_.contains(cursor_); });
  Outcome outcome = std::move(done_.extract(cursor_).mapped());
  ++cursor_;
  return outcome;
}

void Loader::give_back(std::vector<uint8_t>&& row) {
  {
    const std::lock_guard lock(mutex_);
    free_rows_.push_back(std::move(row));
  }
  row_free_.notify_one();
}

Loader::Batch Loader::empty_batch() {
  const std::lock_guard lock(mutex_);
  Batch batch;
  if (!spare_.empty()) {
    batch = std::move(spare_.back());
    spare_.pop_back();
  }
  batch.indices.clear();
  batch.hashes.clear();
  batch.first = returned_;
  return batch;
}

std::optional<Loader::Batch> Loader::next() {
  const std::size_t row_bytes = preprocess_.row_bytes(), wanted = static_cast<std::size_t>(options_.batch);
  std::optional<Batch> batch;
  while (cursor_ < paths_.size() && !(batch && batch->indices.size() == wanted)) {
    const std::size_t index = cursor_;
    Outcome outcome = take();
    if (const auto* skipped = std::get_if<Skipped>(&outcome)) {
      skipped_.push_back(*skipped);
    } else if (auto* row = std::get_if<Row>(&outcome)) {
      if (!batch) {
        batch = empty_batch();
        batch->pixels.resize(std::min(wanted, paths_.size() - index) * row_bytes);
      }
      std::ranges::copy(row->pixels, batch->pixels.begin() + static_cast<std::ptrdiff_t>(batch->indices.size() * row_bytes));
      batch->indices.push_back(index);
      batch->hashes.push_back(row->hash);
      give_back(std::move(row->pixels));
    } else {
      try {
        std::rethrow_exception(std::get<std::exception_ptr>(outcome));
      } catch (const Error& error) {
        unreadable_.push_back({index, error});
      } catch (...) {
        for (std::jthread& thread : threads_) thread.request_stop();
        const std::lock_guard lock(mutex_);
        cursor_ = paths_.size();
        throw;
      }
    }
  }
  if (!batch) return std::nullopt;
  batch->pixels.resize(batch->indices.size() * row_bytes);
  returned_ += batch->indices.size();
  return batch;
}

void Loader::recycle(Batch&& batch) {
  const std::lock_guard lock(mutex_);
  spare_.push_back(std::move(batch));
}

Error unreadable_error(const fs::path& dataset, std::size_t images, std::span<const Unreadable> unreadable) {
  constexpr std::size_t kMost = 10;
  const std::string subject = printable(dataset.string());
  const std::string folder = subject.ends_with('/') ? subject : subject + "/";
  // A table stands in the folder that its paths start from.
  const std::string beside = dataset.has_parent_path() ? printable(dataset.parent_path().string()) + "/" : "";
  std::string list;
  for (std::size_t i = 0; i < std::min(unreadable.size(), kMost); ++i) {
    std::string_view name = unreadable[i].error.subject();
    if (name.starts_with(folder)) name.remove_prefix(folder.size());
    else if (name.starts_with(beside)) name.remove_prefix(beside.size());
    list += fmt::format("{}{} ({})", i == 0 ? "" : ", ", name, unreadable[i].error.fact());
  }
  if (unreadable.size() > kMost) list += fmt::format(" and {} more", unreadable.size() - kMost);
  return data_error(subject, fmt::format("{} of {} photos cannot be read: {}", unreadable.size(), images, list),
                    "repair or remove them, or pass --skip-unreadable");
}

}  // namespace graft::data
