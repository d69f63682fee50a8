#include "graft/artifact/row_queue.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace graft::artifact {
namespace {

/// The first rows of a part, which then lacks them.
engine::Part take_rows(engine::Part& part, std::size_t rows) {
  const auto first = [&](auto& span) {
    const std::size_t count = span.size() / part.n * rows;
    const auto taken = span.first(count);
    span = span.subspan(count);
    return taken;
  };
  engine::Part taken{.rows = first(part.rows), .n = rows, .out = first(part.out), .features = first(part.features)};
  part.n -= rows;
  return taken;
}

}  // namespace

Clock::Time Clock::now() const { return std::chrono::steady_clock::now(); }

void Clock::wait(std::condition_variable& changed, std::unique_lock<std::mutex>& lock, Time until) const { changed.wait_until(lock, until); }

const Clock& real_clock() {
  static const Clock clock;
  return clock;
}

RowQueue::RowQueue(const RowQueueOptions& options, Compute compute, const Clock& clock)
    : options_(options), compute_(std::move(compute)), clock_(clock) {
  for (std::size_t worker = options_.workers; worker > 0; --worker) free_.push_back(worker - 1);
}

void RowQueue::hurry() {
  const std::lock_guard lock(mutex_);
  hurry_ = true;
  changed_.notify_all();
}

void RowQueue::enter(Call& call) {
  if (rows_ > 0 && rows_ + call.left.n > options_.most_waiting)
    throw Busy(fmt::format("{} rows wait already and {} more came, expected at most {} together: ask again later", rows_, call.left.n,
                           options_.most_waiting));
  rows_ += call.left.n;
  waiting_.push_back(&call);
}

bool RowQueue::begins() const {
  return !free_.empty() && !waiting_.empty() && (hurry_ || rows_ >= options_.batch || clock_.now() >= waiting_.front()->due);
}

void RowQueue::operator()(const engine::Part& part) {
  if (part.n == 0) return;
  Lock lock(mutex_);
  Call call{.left = part, .due = clock_.now() + options_.wait};
  enter(call);
  while (!call.done()) {
    const bool waits = call.left.n > 0 && !call.error;  // else another thread computes its last rows
    if (waits && begins()) compute_batch(lock);
    else if (waits && !free_.empty()) clock_.wait(changed_, lock, waiting_.front()->due);
    else changed_.wait(lock);
  }
  if (call.error) std::rethrow_exception(call.error);
}

std::vector<RowQueue::Taken> RowQueue::take_batch(std::vector<engine::Part>& parts) {
  std::vector<Taken> taken;
  for (std::size_t room = options_.batch; room > 0 && !waiting_.empty();) {
    Call& call = *waiting_.front();
    const std::size_t rows = std::min(room, call.left.n);
    parts.push_back(take_rows(call.left, rows));
    call.under_way += rows;
    taken.push_back({&call, rows});
    room -= rows;
    rows_ -= rows;
    if (call.left.n == 0) waiting_.pop_front();
  }
  return taken;
}

/// Without the lock; what was thrown.
std::exception_ptr RowQueue::compute(Lock& lock, std::size_t worker, std::span<const engine::Part> parts) {
  std::erase(free_, worker);
  lock.unlock();
  std::exception_ptr error;
  try {
    compute_(worker, parts);
  } catch (...) {
    error = std::current_exception();
  }
  lock.lock();
  free_.push_back(worker);
  changed_.notify_all();
  return error;
}

void RowQueue::compute_batch(Lock& lock) {
  std::vector<engine::Part> parts;
  const std::vector<Taken> taken = take_batch(parts);
  if (free_.size() > 1 && begins()) changed_.notify_all();  // another batch is there, and a worker
  const std::exception_ptr error = compute(lock, free_.back(), parts);
  for (const auto& [call, rows] : taken) {
    call->under_way -= rows;
    if (!error || call->error) continue;
    call->error = error;
    if (call->left.n == 0) continue;
    std::erase(waiting_, call);  // the rest of a call that has failed need not be computed
    rows_ -= call->left.n;
  }
}

void RowQueue::on_every_worker(const engine::Part& part) {
  Lock lock(mutex_);
  for (std::size_t worker = 0; worker < options_.workers; ++worker) {
    changed_.wait(lock, [&] { return std::ranges::find(free_, worker) != free_.end(); });
    if (const std::exception_ptr error = compute(lock, worker, std::span(&part, 1))) std::rethrow_exception(error);
  }
}

}  // namespace graft::artifact
