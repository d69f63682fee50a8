#include "graft/base/config.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <stdexcept>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/other_names.h"
#include "graft/base/text.h"

namespace graft {
namespace {

const char* word_of(Source source) {
  switch (source) {
    case Source::by_default: return "default";
    case Source::chosen: return "chosen";
    case Source::file: return "file";
    case Source::flag: return "flag";
  }
  return "";
}

const Field& must_find(std::span<const Field> fields, std::string_view name) {
  const Field* field = find_field(fields, name);
  if (field == nullptr) throw std::logic_error(fmt::format("the config has no option '{}'", name));
  return *field;
}

nlohmann::ordered_json json_of(const OptionValue& value) {
  return std::visit(
      [](const auto& v) -> nlohmann::ordered_json {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::monostate>) {
          return nullptr;
        } else if constexpr (std::is_same_v<T, std::string>) {
          return printable(v);  // a path need not be UTF-8, JSON must
        } else if constexpr (std::is_same_v<T, std::vector<std::string>>) {
          auto list = nlohmann::ordered_json::array();
          for (const std::string& text : v) list.push_back(printable(text));
          return list;
        } else {
          return v;
        }
      },
      value);
}

/// Nothing for what no option can be.
std::optional<OptionValue> value_of(const nlohmann::ordered_json& json) {
  if (json.is_null()) return OptionValue();
  if (json.is_boolean()) return json.get<bool>();
  if (json.is_number_unsigned() && !std::in_range<int64_t>(json.get<uint64_t>())) return json.get<uint64_t>();
  if (json.is_number_integer()) return json.get<int64_t>();
  if (json.is_number()) return json.get<double>();
  if (json.is_string()) return json.get<std::string>();
  const bool texts = json.is_array() && std::all_of(json.begin(), json.end(), [](const auto& item) { return item.is_string(); });
  if (texts) return json.get<std::vector<std::string>>();
  return {};
}

Source source_named(std::string_view word) {
  for (const Source source : {Source::chosen, Source::file, Source::flag})
    if (word == word_of(source)) return source;
  return Source::by_default;
}

}  // namespace

Range between(double low, double high) { return {low, high, true, fmt::format("between {} and {}", low, high)}; }
Range above(double low) { return {low, std::numeric_limits<double>::infinity(), false, fmt::format("above {}", low)}; }
Range at_least(double low) { return {low, std::numeric_limits<double>::infinity(), true, fmt::format("at least {}", low)}; }
OneOf one_of(std::vector<std::string> choices) { return {std::move(choices)}; }

Field& FieldList::add(std::string_view name, Target target, std::string_view help) {
  Field field;
  field.name = name;
  field.group = group_;
  field.help = help;
  field.target = std::move(target);
  return fields_.emplace_back(std::move(field));
}

const Field* find_field(std::span<const Field> fields, std::string_view name) {
  const auto at = std::find_if(fields.begin(), fields.end(), [&](const Field& field) { return field.name == name; });
  return at == fields.end() ? nullptr : &*at;
}

Origin origin_of(const Origins& origins, std::string_view name) {
  const auto at = origins.find(name);
  return at == origins.end() ? Origin() : at->second;
}

std::string origin_text(const Origin& origin) {
  const std::string word = word_of(origin.source);
  return origin.reason.empty() ? word : word + ": " + printable(origin.reason);
}

std::string describe(const std::vector<Field>& fields, const Origins& origins, std::string_view name) {
  return fmt::format("{} {} ({})", name, printable(text_of(must_find(fields, name).value())), origin_text(origin_of(origins, name)));
}

bool choose(const std::vector<Field>& fields, Origins& origins, std::string_view name, const OptionValue& value, std::string reason) {
  const Field& field = must_find(fields, name);
  const bool is_auto = std::holds_alternative<EnumTarget>(field.target) ? text_of(field.value()) == "auto" : field.value() == OptionValue();
  if (origin_of(origins, name).source != Source::by_default && !is_auto) return false;
  if (const auto expected = field.assign(value))
    throw std::logic_error(fmt::format("'{}' was chosen as {}, expected {}", name, text_of(value), *expected));
  origins.insert_or_assign(field.name, Origin{Source::chosen, std::move(reason)});
  return true;
}

std::string enum_name(const std::vector<Field>& fields, std::string_view name, int64_t number) {
  const Field& field = must_find(fields, name);
  const auto at = std::find(field.numbers.begin(), field.numbers.end(), number);
  if (at == field.numbers.end()) throw std::logic_error(fmt::format("'{}' has no name for its value {}", name, number));
  return field.choices[static_cast<std::size_t>(at - field.numbers.begin())];
}

nlohmann::ordered_json json_record(const std::vector<Field>& fields, const Origins& origins) {
  auto record = nlohmann::ordered_json::object();
  for (const Field& field : fields) {
    const Origin origin = origin_of(origins, field.name);
    auto& entry = record[field.name] = {{"value", json_of(field.value())}, {"source", word_of(origin.source)}};
    if (!origin.reason.empty()) entry["reason"] = printable(origin.reason);
  }
  return record;
}

void read_record(const std::vector<Field>& fields, Origins& origins, const nlohmann::ordered_json& record, std::string_view source) {
  const auto refuse = [&](const std::string& fact) {
    throw data_error(printable(source), fact, "it was written by another version of graft, or changed by hand");
  };
  if (!record.is_object()) refuse("is not a record of options");
  for (const auto& item : record.items()) {
    const std::string& name = item.key();
    const nlohmann::ordered_json& entry = item.value();
    const Field* field = find_by_any_name(fields, name);
    if (field == nullptr || !entry.is_object() || !entry.contains("value") || !entry.contains("source"))
      refuse("has the unknown option '" + printable(name) + "'");
    if (origin_of(origins, field->name).source == Source::flag || entry["source"] == word_of(Source::by_default)) continue;
    const auto value = value_of(entry["value"]);
    const auto expected = value ? field->assign(*value) : std::optional<std::string>("a value of an option");
    if (expected) refuse(fmt::format("has --{} {}, expected {}", field->name, entry["value"].dump(), *expected));
    const auto text = [&](const char* key) { return entry.contains(key) && entry[key].is_string() ? entry[key].get<std::string>() : std::string(); };
    origins.insert_or_assign(field->name, Origin{source_named(text("source")), text("reason")});
  }
}

void check_fields(std::span<const Field> fields) {
  std::set<std::string> names;
  std::set<char> letters;
  const Field* list = nullptr;
  for (const Field& field : fields) {
    const auto wrong = [&](std::string_view what) { throw std::logic_error(fmt::format("option '{}' {}", field.name, what)); };
    if (!names.insert(field.name).second) wrong("is listed twice");
    if (field.name.find('_') != std::string::npos) wrong("has an underscore, expected a dash");
    if (field.shorthand != 0 && !letters.insert(field.shorthand).second) wrong("shares its shorthand");
    if (std::holds_alternative<EnumTarget>(field.target) && field.choices.empty()) wrong("is an enum and needs names");
    if (field.positional && list != nullptr) wrong("can never be reached after a positional list");
    if (field.positional && field.kind() == OptionKind::flag) wrong("is a flag and cannot be positional");
    if (field.positional && field.is_list()) list = &field;
    const OptionValue value = field.value();
    const auto* text = std::get_if<std::string>(&value);
    if (std::holds_alternative<std::monostate>(value) || (text != nullptr && text->empty())) continue;
    if (const auto expected = field.assign(value)) wrong(fmt::format("has the default {}, expected {}", text_of(value), *expected));
  }
}

}  // namespace graft
