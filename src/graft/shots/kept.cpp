#include "graft/shots/kept.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <numeric>

#include "graft/artifact/model.h"
#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/weights/file/safetensors.h"

namespace graft::shots {
namespace fs = std::filesystem;
namespace {

constexpr const char* kTensor = "features";
constexpr const char* kMetadata = "graft.shots";

template <class Enum>
std::string name_in(const names<Enum>& list, Enum value) {
  return std::ranges::find(list.list, value, [](const auto& row) { return row.second; })->first;
}

template <class Enum>
std::optional<Enum> value_in(const names<Enum>& list, const std::string& name) {
  for (const auto& [text, value] : list.list)
    if (name == text) return value;
  return std::nullopt;
}

std::optional<Hash128> hash_in(const std::string& hex) {
  Hash128 hash;
  if (hex.size() != 32) return std::nullopt;
  for (const auto& [word, at] : {std::pair{&hash.high, 0}, {&hash.low, 16}}) {
    const auto [end, code] = std::from_chars(hex.data() + at, hex.data() + at + 16, *word, 16);
    if (code != std::errc() || end != hex.data() + at + 16) return std::nullopt;
  }
  return hash;
}

/// Nothing where something is not as write_kept writes it.
std::optional<Kept> kept_in(const weights::StateDict& dict) {
  const auto text = dict.metadata.find(kMetadata);
  const auto tensor = dict.tensors.find(kTensor);
  if (text == dict.metadata.end() || tensor == dict.tensors.end()) return std::nullopt;
  const nlohmann::json json = nlohmann::json::parse(text->second, nullptr, false);
  Kept kept;
  try {
    kept.support.classes = json.at("classes").get<std::vector<std::string>>();
    kept.support.labels = json.at("labels").get<std::vector<int>>();
    kept.seed = json.at("seed").get<uint64_t>();
    const auto rule = value_in(kRuleNames, json.at("rule").get<std::string>());
    const auto centre = value_in(kCentreNames, json.at("centre").get<std::string>());
    if (!rule || !centre) return std::nullopt;
    kept.rule = *rule;
    kept.centre = *centre;
    for (const std::string& hex : json.at("hashes").get<std::vector<std::string>>()) {
      const auto hash = hash_in(hex);
      if (!hash) return std::nullopt;
      kept.hashes.push_back(*hash);
    }
  } catch (const nlohmann::json::exception&) {
    return std::nullopt;
  }
  const graph::Dims& shape = tensor->second.shape;
  const std::size_t photos = kept.support.labels.size();
  if (shape.size() != 2 || shape[0] != static_cast<int64_t>(photos) || shape[1] < 1 || kept.hashes.size() != photos) return std::nullopt;
  kept.support.width = static_cast<std::size_t>(shape[1]);
  kept.support.values = weights::to_floats(tensor->second);
  std::vector<std::size_t> of_class(kept.support.classes.size());
  for (const int label : kept.support.labels) {
    if (label < 0 || static_cast<std::size_t>(label) >= of_class.size()) return std::nullopt;
    ++of_class[static_cast<std::size_t>(label)];
  }
  if (of_class.size() < 2 || std::ranges::find(of_class, std::size_t{0}) != of_class.end()) return std::nullopt;
  return kept;
}

}  // namespace

void sort(Kept& kept) {
  Support& s = kept.support;
  std::vector<std::size_t> class_order(s.classes.size()), place(s.classes.size()), order(s.labels.size());
  std::iota(class_order.begin(), class_order.end(), std::size_t{0});
  std::ranges::sort(class_order, {}, [&](std::size_t k) { return s.classes[k]; });
  for (std::size_t i = 0; i < class_order.size(); ++i) place[class_order[i]] = i;
  for (int& label : s.labels) label = static_cast<int>(place[static_cast<std::size_t>(label)]);
  std::ranges::sort(s.classes);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return std::pair(s.labels[i], kept.hashes[i]); });
  const Support before = s;
  const std::vector<Hash128> hashes = kept.hashes;
  for (std::size_t to = 0; to < order.size(); ++to) {
    s.labels[to] = before.labels[order[to]];
    kept.hashes[to] = hashes[order[to]];
    std::copy_n(before.values.begin() + static_cast<std::ptrdiff_t>(order[to] * s.width), s.width,
                s.values.begin() + static_cast<std::ptrdiff_t>(to * s.width));
  }
}

void write_kept(const fs::path& folder, const Kept& kept) {
  nlohmann::ordered_json json{{"classes", kept.support.classes},
                              {"labels", kept.support.labels},
                              {"hashes", nlohmann::ordered_json::array()},
                              {"rule", name_in(kRuleNames, kept.rule)},
                              {"centre", name_in(kCentreNames, kept.centre)},
                              {"seed", kept.seed}};
  for (const Hash128& hash : kept.hashes) json["hashes"].push_back(hash.hex());
  const graph::Dims shape{static_cast<int64_t>(kept.support.labels.size()), static_cast<int64_t>(kept.support.width)};
  const weights::NamedTensor features{kTensor, shape, kept.support.values};
  weights::write_safetensors(folder / kSupportFile, std::span(&features, 1), {{kMetadata, json.dump()}}, Sync::later);
}

Kept read_kept(const fs::path& run) {
  const fs::path file = artifact::model_file(run).parent_path() / kSupportFile;
  std::error_code code;
  if (!fs::exists(file, code))
    throw data_error(printable(run.string()), fmt::format("contains no {}, in which `graft shots` keeps what is needed to add classes", kSupportFile),
                     "it was trained by `graft fit`: train it again with all photos, including those of the new class");
  auto kept = kept_in(weights::read_safetensors(file));
  if (!kept) throw data_error(printable(file.string()), "is damaged, or from another graft", "make the run again with `graft shots`");
  return std::move(*kept);
}

}  // namespace graft::shots
