#include "graft/train/checkpoint.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/base/hash.h"
#include "graft/base/json.h"
#include "graft/base/text.h"
#include "graft/weights/safetensors.h"

namespace graft::train {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const Progress& progress) {
  Json history = Json::array();
  for (const EpochRecord& e : progress.history) history.push_back({e.epoch, e.train_loss, e.val_loss, e.val_accuracy, e.lr});
  return {{"epoch", progress.epoch},
          {"step", progress.step},
          {"loss_sum", progress.loss_sum},
          {"best_epoch", progress.best_epoch},
          {"history", history}};
}

Progress progress_from(const Json& json) {
  Progress progress{json.at("epoch").get<int>(),
                    json.at("step").get<std::size_t>(),
                    json.at("loss_sum").get<double>(),
                    {},
                    json.at("best_epoch").get<int>()};
  for (const Json& e : json.at("history"))
    progress.history.push_back({e.at(0).get<int>(), e.at(1).get<double>(), e.at(2).get<double>(), e.at(3).get<double>(), e.at(4).get<double>()});
  return progress;
}

/// Of everything in the file, names too.
std::string fingerprint(const std::string& progress, const std::map<std::string, std::span<const float>>& tensors) {
  Hasher hasher;
  hasher.add(progress);
  for (const auto& [name, values] : tensors)
    hasher.add(name).add(std::string_view(reinterpret_cast<const char*>(values.data()), values.size_bytes()));
  return hasher.finish().hex();
}

[[noreturn]] void refuse(const std::filesystem::path& file, const std::string& fact) {
  throw data_error(printable(file.string()), fact, "start again without it, or go on from an older one");
}

void check_identity(const std::filesystem::path& file, const Json& then, const std::map<std::string, std::string>& now) {
  std::vector<std::string> changed;
  for (const auto& [key, value] : now) {
    const std::string old = then.contains(key) ? then[key].get<std::string>() : "not there";
    if (old != value) changed.push_back(fmt::format("{} was {}, is {}", key, printable(old), printable(value)));
  }
  for (const auto& item : then.items())
    if (!now.contains(item.key())) changed.push_back(item.key() + " was " + printable(item.value().get<std::string>()) + ", is not there");
  if (!changed.empty()) refuse(file, fmt::format("is of another training: {}", fmt::join(changed, "; ")));
}

}  // namespace

void write_checkpoint(const std::filesystem::path& file, const Checkpoint& checkpoint, const std::map<std::string, std::string>& identity) {
  std::vector<weights::NamedTensor> tensors;
  std::map<std::string, std::span<const float>> values;
  for (const auto& [name, tensor] : checkpoint.tensors) {
    const std::span<const float> span(tensor.const_data_ptr<float>(), static_cast<std::size_t>(tensor.numel()));
    tensors.push_back({name, tensor.sizes().vec(), span});
    values.emplace(name, span);
  }
  const std::string progress = to_json(checkpoint.progress).dump();
  weights::write_safetensors(file, tensors,
                             {{"progress", progress}, {"identity", Json(identity).dump()}, {"fingerprint", fingerprint(progress, values)}});
}

Checkpoint read_checkpoint(const std::filesystem::path& file, const std::map<std::string, std::string>& identity) {
  const weights::StateDict dict = weights::read_safetensors(file);
  const auto entry = [&](const char* key) {
    const auto found = dict.metadata.find(key);
    if (found == dict.metadata.end()) refuse(file, "is no checkpoint of a training: it has no '" + std::string(key) + "'");
    return found->second;
  };
  const std::string progress = entry("progress");
  std::map<std::string, std::vector<float>> floats;
  std::map<std::string, std::span<const float>> values;
  Checkpoint checkpoint;
  for (const auto& [name, tensor] : dict.tensors) {
    const std::vector<float>& kept = floats[name] = weights::to_floats(tensor);
    values.emplace(name, kept);
    checkpoint.tensors[name] = at::from_blob(const_cast<float*>(kept.data()), tensor.shape, at::kFloat).clone();
  }
  if (fingerprint(progress, values) != entry("fingerprint")) refuse(file, "was changed after it was written");
  check_identity(file, Json::parse(entry("identity"), nullptr, false), identity);
  checkpoint.progress = progress_from(Json::parse(progress));
  return checkpoint;
}

}  // namespace graft::train
