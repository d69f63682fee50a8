#include "graft/train/loop/checkpoint.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <cerrno>

#include <fcntl.h>
#include <unistd.h>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/hash.h"
#include "graft/base/text.h"
#include "graft/train/loop/averages.h"
#include "graft/weights/file/safetensors.h"

namespace graft::train {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kHint = "start again without it, or continue from an older one";

Json to_json(const Progress& progress) {
  Json history = Json::array();
  for (const EpochRecord& e : progress.history)
    history.push_back({e.epoch, e.train_loss, e.train_accuracy, e.val_loss, e.val_accuracy, e.lr, e.terms, e.scores});
  return {{"epoch", progress.epoch},
          {"step", progress.step},
          {"loss_sum", progress.loss_sum},
          {"right", progress.right},
          {"terms", progress.term_sums},
          {"groups", progress.group_weights},
          {"labels", progress.labels},
          {"status", progress.learning_status},
          {"history", history},
          {"ways", progress.algorithms}};
}

Progress progress_from(const Json& json) {
  Progress progress{.epoch = json.at("epoch").get<int>(),
                    .step = json.at("step").get<std::size_t>(),
                    .loss_sum = json.at("loss_sum").get<double>(),
                    .right = json.at("right").get<int64_t>(),
                    .term_sums = json.at("terms").get<std::map<std::string, double>>(),
                    .group_weights = json.value("groups", std::vector<double>{}),
                    .learning_status = json.value("status", std::vector<double>{}),
                    .labels = json.value("labels", std::vector<int>{}),
                    .algorithms = json.at("ways").get<ConvAlgorithms>()};
  for (const Json& e : json.at("history")) {
    const auto number = [&](std::size_t i) { return e.at(i).get<double>(); };
    const auto numbers = [&](std::size_t i) { return e.at(i).get<std::map<std::string, double>>(); };
    progress.history.push_back({e.at(0).get<int>(), number(1), number(2), number(3), number(4), number(5), numbers(6), numbers(7)});
  }
  return progress;
}

/// Of everything in the file, names too.
std::string fingerprint(const std::string& progress, const std::string& identity, const std::map<std::string, std::span<const float>>& tensors) {
  Hasher hasher;
  hasher.add(progress).add(identity);
  for (const auto& [name, values] : tensors)
    hasher.add(name).add(std::string_view(reinterpret_cast<const char*>(values.data()), values.size_bytes()));
  return hasher.finish().hex();
}

struct Opened {
  Checkpoint checkpoint;
  std::map<std::string, std::string> identity;
};

/// Error when it is not just as it was written.
Opened open_whole(const fs::path& file) {
  const std::string source = printable(file.string());
  const weights::StateDict dict = weights::read_safetensors(file);
  const auto entry = [&](const char* key) {
    const auto found = dict.metadata.find(key);
    if (found == dict.metadata.end()) throw data_error(source, "is not a checkpoint of a training: it has no '" + std::string(key) + "'", kHint);
    return found->second;
  };
  const std::string progress = entry("progress"), identity = entry("identity");
  std::map<std::string, std::span<const float>> values;
  Opened opened;
  for (const auto& [name, tensor] : dict.tensors) {
    const std::vector<float> floats = weights::to_floats(tensor);
    at::Tensor& kept = opened.checkpoint.tensors[name] = at::empty(tensor.shape, at::kFloat);
    std::copy(floats.begin(), floats.end(), kept.mutable_data_ptr<float>());
    values.emplace(name, std::span(kept.const_data_ptr<float>(), floats.size()));
  }
  if (fingerprint(progress, identity, values) != entry("fingerprint")) throw data_error(source, "was changed after it was written", kHint);
  try {
    opened.checkpoint.progress = progress_from(Json::parse(progress));
    opened.identity = Json::parse(identity).get<std::map<std::string, std::string>>();
  } catch (const Json::exception&) {
    throw data_error(source, "is not a checkpoint of this version of graft", kHint);
  }
  return opened;
}

/// The damaged file's Error, with the way out where there is one.
[[noreturn]] void refuse_damaged(const fs::path& file, const Error& error) {
  const fs::path previous = previous_of(file);
  std::string hint = error.hint();
  try {
    hint = fmt::format("{} is intact, at epoch {}: rename it to the damaged one to continue from there", printable(previous.string()),
                       open_whole(previous).checkpoint.progress.epoch + 1);
  } catch (const Error&) {}
  throw data_error(error.subject(), error.fact(), hint);
}

void check_identity(const fs::path& file, const std::map<std::string, std::string>& then, const std::map<std::string, std::string>& now) {
  std::vector<std::string> changed;
  for (const auto& [key, value] : now) {
    const auto old = then.find(key);
    const std::string text = old == then.end() ? "not there" : printable(old->second);
    if (old == then.end() || old->second != value) changed.push_back(fmt::format("{} was {}, is {}", key, text, printable(value)));
  }
  for (const auto& [key, value] : then)
    if (!now.contains(key)) changed.push_back(fmt::format("{} was {}, is not there", printable(key), printable(value)));
  if (!changed.empty()) throw data_error(printable(file.string()), fmt::format("belongs to another training: {}", fmt::join(changed, "; ")), kHint);
}

/// Waits until what was written of it is on the disk. Nothing to do when that is long so; when it cannot be, the next one is written all the same.
void settle(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  ::fsync(fd);
  ::close(fd);
}

/// Nothing where there is no `from`.
void put_in_place(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0 && errno != ENOENT) throw system_error(to, "write", errno);
}

fs::path beside(const fs::path& file, const char* ending) {
  fs::path path = file;
  return path += ending;
}

}  // namespace

fs::path previous_of(const fs::path& file) { return beside(file, ".previous"); }

void write_checkpoint(const fs::path& file, const Checkpoint& checkpoint, const std::map<std::string, std::string>& identity) {
  std::vector<weights::NamedTensor> tensors;
  std::map<std::string, std::span<const float>> values;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    const std::span<const float> span(tensor.const_data_ptr<float>(), static_cast<std::size_t>(tensor.numel()));
    tensors.push_back({name, tensor.sizes().vec(), span});
    values.emplace(name, span);
  }
  const std::string progress = to_json(checkpoint.progress).dump(), who = Json(identity).dump();
  const fs::path next = beside(file, ".next");
  settle(file);
  weights::write_safetensors(next, tensors, {{"progress", progress}, {"identity", who}, {"fingerprint", fingerprint(progress, who, values)}},
                             Sync::later);
  put_in_place(file, previous_of(file));
  put_in_place(next, file);
}

bool has_checkpoint(const fs::path& file) {
  std::error_code code;
  return fs::exists(file, code) || fs::exists(previous_of(file), code);
}

Checkpoint read_checkpoint(const fs::path& file, const std::map<std::string, std::string>& identity, bool accept) {
  std::error_code code;
  const fs::path found = fs::exists(file, code) ? file : previous_of(file);
  Opened opened;
  try {
    opened = open_whole(found);
  } catch (const Error& error) {
    if (found != file) throw;
    refuse_damaged(file, error);
  }
  if (!accept) check_identity(found, opened.identity, identity);
  return std::move(opened.checkpoint);
}

void take_over(const Checkpoint& checkpoint, const std::string& what, const graph::Graph& graph, const transfer::Plan& plan, const fs::path& file,
               std::vector<at::Tensor>& to) {
  for (std::size_t p = 0; p < to.size(); ++p) {
    if (!may_move(graph, plan, p)) continue;
    const std::string name = what + "." + graph.parameters[p].name;
    const auto found = checkpoint.tensors.find(name);
    if (found == checkpoint.tensors.end() || found->second.sizes() != to[p].sizes())
      throw data_error(file.string(), "lacks " + name + " as this training needs it", "it belongs to another training, or was changed");
    to[p].copy_(found->second);
  }
}

}  // namespace graft::train
