#include "graft/trust/record.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "graft/base/text.h"

namespace graft::trust {
namespace {

constexpr std::array kBases{Basis::cross_validation, Basis::validation, Basis::other_photos};
constexpr std::size_t kShown = 60;  // of a wrong value

Error damaged(std::string_view source, const std::string& fact) {
  return data_error(std::string(source), fact, "use a model.onnx made by `graft fit`, or a newer graft");
}

bool is_number_from(const nlohmann::json& value, double low) {
  return value.is_number() && std::isfinite(value.get<double>()) && value.get<double>() >= low;
}

}  // namespace

std::string_view to_string(Basis basis) {
  switch (basis) {
    case Basis::cross_validation: return "cross-validation";
    case Basis::validation: return "validation";
    case Basis::other_photos: break;
  }
  return "other photos";
}

std::string_view in_words(Basis basis) {
  switch (basis) {
    case Basis::cross_validation: return "cross-validation on the training photos";
    case Basis::validation: return "the validation photos";
    case Basis::other_photos: break;
  }
  return "photos given for it";
}

Record::Record(const nlohmann::json& json, std::string path, std::string_view source, std::initializer_list<std::string_view> keys)
    : json_(json), path_(std::move(path)), source_(source) {
  if (!json.is_object()) throw damaged(source, path_.empty() ? "its trust metadata is not a JSON object" : error("", "a JSON object").fact());
  for (const auto& item : json.items())
    if (std::ranges::find(keys, item.key()) == keys.end())
      throw damaged(source, fmt::format("its trust metadata has an unknown key '{}{}'", path_.empty() ? "" : path_ + ".", printable(item.key())));
}

const nlohmann::json& Record::value(std::string_view key) const {
  const auto found = json_.find(key);
  if (found == json_.end()) throw damaged(source_, fmt::format("its trust metadata lacks '{}{}'", path_.empty() ? "" : path_ + ".", key));
  return *found;
}

Error Record::error(std::string_view key, const std::string& expected) const {
  const nlohmann::json& wrong = key.empty() ? json_ : json_.at(std::string(key));
  std::string shown = printable(wrong.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  if (shown.size() > kShown) shown = shown.substr(0, kShown) + "...";
  const std::string name = key.empty() ? path_ : path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
  return damaged(source_, fmt::format("its trust metadata '{}' is {}, expected {}", name, shown, expected));
}

Record Record::part(std::string_view key, std::initializer_list<std::string_view> keys) const {
  return {value(key), path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key), source_, keys};
}

double Record::above(std::string_view key, double low) const { return between(key, low, std::numeric_limits<double>::infinity()); }

double Record::between(std::string_view key, double low, double high) const {
  const nlohmann::json& json = value(key);
  const double number = json.is_number() ? json.get<double>() : low;
  if (!(number > low && number < high))
    throw error(key, std::isfinite(high) ? fmt::format("a number between {} and {}", low, high) : fmt::format("a number above {}", low));
  return number;
}

std::size_t Record::count(std::string_view key) const {
  const nlohmann::json& json = value(key);
  if (!json.is_number_unsigned() || json == 0) throw error(key, "a whole number of at least 1");
  return json.get<std::size_t>();
}

Basis Record::basis(std::string_view key) const {
  const nlohmann::json& json = value(key);
  for (const Basis basis : kBases)
    if (json == std::string(to_string(basis))) return basis;
  throw error(key, fmt::format("\"{}\", \"{}\" or \"{}\"", to_string(kBases[0]), to_string(kBases[1]), to_string(kBases[2])));
}

std::vector<double> Record::numbers(std::string_view key, std::size_t size, bool or_null) const {
  const nlohmann::json& json = value(key);
  const auto fits = [&](const nlohmann::json& item) { return is_number_from(item, 0) || (or_null && item.is_null()); };
  if (!json.is_array() || json.size() != size || !std::ranges::all_of(json, fits))
    throw error(key, fmt::format("{} numbers of at least 0{}", size, or_null ? ", or null" : ""));
  std::vector<double> numbers;
  for (const nlohmann::json& item : json) numbers.push_back(item.is_null() ? std::numeric_limits<double>::infinity() : item.get<double>());
  return numbers;
}

std::vector<bool> Record::answers(std::string_view key, std::size_t size) const {
  const nlohmann::json& json = value(key);
  if (!json.is_array() || json.size() != size || !std::ranges::all_of(json, [](const nlohmann::json& item) { return item.is_boolean(); }))
    throw error(key, fmt::format("true or false, {} times", size));
  return json.get<std::vector<bool>>();
}

}  // namespace graft::trust
