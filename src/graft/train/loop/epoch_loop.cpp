#include "graft/train/loop/epoch_loop.h"

#include <chrono>
#include <utility>

#include "graft/base/error.h"
#include "graft/train/loop/averages.h"
#include "graft/transfer/groups.h"

namespace graft::train {

Player::Player(std::string called, Executor& network, transfer::Plan all, const TrainConfig& options)
    : name(std::move(called)), executor(network), plan(std::move(all)), optimiser(options, transfer::groups(network.graph(), plan), network) {}

void Player::save(Checkpoint& checkpoint) const {
  for (const auto& [what, tensor] : optimiser.state()) checkpoint.tensors[name + "." + what] = tensor;
  for (std::size_t p = 0; p < executor.values.size(); ++p)
    checkpoint.tensors[name + ".weight." + executor.graph().parameters[p].name] = executor.values[p];
}

void Player::restore(const Checkpoint& checkpoint, const std::filesystem::path& file) {
  take_over(checkpoint, name + ".weight", executor.graph(), plan, file, executor.values);
  std::map<std::string, at::Tensor> state;
  for (const auto& [what, tensor] : checkpoint.tensors)
    if (what.starts_with(name + ".")) state[what.substr(name.size() + 1)] = tensor;
  optimiser.restore(state, file.string());
}

void EpochLoop::run() {
  using Clock = std::chrono::steady_clock;
  Clock::time_point saved = Clock::now();
  const auto since = [&] { return std::chrono::duration<double>(Clock::now() - saved).count(); };
  const auto save_now = [&] {
    saved = Clock::now();
    save();
  };
  const bool work = at.epoch < epochs;
  while (at.epoch < epochs) {
    while (at.step < steps) {
      step(static_cast<uint64_t>(at.epoch) * steps + at.step);
      ++at.step;
      if (hooks.progress) hooks.progress(at.epoch, at.step, steps);
      const bool stop = hooks.stop && hooks.stop();
      if (stop || since() > 60 * checkpoint_minutes) save_now();
      if (stop) throw Interrupted();
    }
    const auto mean = [&](double sum) { return sum / static_cast<double>(steps); };
    EpochRecord record{.epoch = at.epoch, .train_loss = mean(at.loss_sum)};
    for (const auto& [name, sum] : at.term_sums) record.terms[name] = mean(sum);
    end(record);
    at.history.push_back(record);
    at.next_epoch();
    if (hooks.observe) hooks.observe(record);
    if (since() > kEpochCheckpointSeconds) save_now();
  }
  if (work) save_now();
}

}  // namespace graft::train
