#include <fmt/format.h>

// toml++ 3.3 calls it unreachable, which is undefined behaviour, when a letter from U+00A1 to U+0499 stands where a space may: a key "größe" does so.
// The right answer there is that it is no space, so its unicode.h, and no other header, is compiled with this meaning.
#include <toml++/impl/forward_declarations.h>
#undef TOML_UNREACHABLE
#define TOML_UNREACHABLE return false
#include <toml++/impl/unicode.h>
#undef TOML_UNREACHABLE
#define TOML_UNREACHABLE __builtin_unreachable()
#include <toml++/toml.h>

#include <algorithm>
#include <set>

#include "graft/base/config.h"
#include "graft/base/config_paths.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/other_names.h"
#include "graft/base/text.h"

namespace graft {
namespace {

std::string place(const std::filesystem::path& path, const toml::source_position& at) {
  return fmt::format("{}:{}:{}", printable(path.string()), at.line, at.column);
}

std::string dashed(std::string_view key) {
  std::string name(key);
  std::replace(name.begin(), name.end(), '_', '-');
  return name;
}

/// Nothing when an option cannot hold such a node: a table, a date, a list of other things than texts.
std::optional<OptionValue> value_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* whole = node.as_integer()) return whole->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* flag = node.as_boolean()) return flag->get();
  const toml::array* list = node.as_array();
  if (list == nullptr) return std::nullopt;
  std::vector<std::string> texts;
  for (const toml::node& item : *list) {
    if (!item.is_string()) return std::nullopt;
    texts.push_back(item.as_string()->get());
  }
  return texts;
}

std::string kind_word(const Field& field, const toml::node& node) {
  if (node.is_table()) return "a table";
  if (!node.is_array()) return "a date or time";
  return field.is_list() ? "a list with other things" : "a list";
}

/// The largest seeds do not fit a TOML integer and stand in quotes.
bool is_large_whole(const Field& field, const OptionValue& value) {
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr && text->size() >= 19 && field.kind() == OptionKind::integer && !field.assign_text(*text);
}

void assign_node(const Field& field, const toml::node& node, const std::filesystem::path& path) {
  const std::string subject = place(path, node.source().begin) + ": " + field.name;
  const std::optional<OptionValue> value = value_of(node);
  if (!value) throw usage_error(subject, fmt::format("expected {}, found {}", field.expected(), kind_word(field, node)));
  if (is_large_whole(field, *value)) return;
  const auto expected = field.assign(*value);
  if (!expected) return;
  const bool list = std::holds_alternative<std::vector<std::string>>(*value);
  if (list) throw usage_error(subject, fmt::format("expected {}, found a list", *expected));
  const auto* text = std::get_if<std::string>(&*value);
  throw usage_error(subject + " " + (text != nullptr ? "\"" + printable(*text) + "\"" : text_of(*value)), "expected " + *expected);
}

/// The option that the key names, in graft's word or another tool's.
const Field& field_of(const std::vector<Field>& fields, const toml::key& key, const std::filesystem::path& path) {
  const std::string name = dashed(key.str());
  if (const Field* field = find_by_any_name(fields, name)) return *field;
  const OtherName* other = find_other_name(fields, name);
  std::vector<std::string> names;
  for (const Field& known : fields) names.push_back(known.name);
  const auto near = closest(name, names);
  const std::string hint = other != nullptr ? other->instead : near ? "did you mean '" + *near + "'?" : "";
  throw usage_error(place(path, key.source().begin), "no such option '" + printable(key.str()) + "'", hint);
}

toml::table parse(std::string_view text, const std::filesystem::path& path) {
  try {
    return toml::parse(text, path.string());
  } catch (const toml::parse_error& error) {
    throw usage_error(place(path, error.source().begin), "not TOML: " + printable(error.description()));
  }
}

/// The entries in the order of the text.
std::vector<std::pair<const toml::key*, const toml::node*>> in_order(const toml::table& table) {
  std::vector<std::pair<const toml::key*, const toml::node*>> entries;
  for (const auto& [key, node] : table) entries.emplace_back(&key, &node);
  const auto position = [](const auto& entry) { return std::pair(entry.first->source().begin.line, entry.first->source().begin.column); };
  std::sort(entries.begin(), entries.end(), [&](const auto& a, const auto& b) { return position(a) < position(b); });
  return entries;
}

/// A number or text as it is, a list of them with commas.
std::string word_of(const toml::node& node, const std::string& subject) {
  if (const toml::array* list = node.as_array()) {
    std::string text;
    for (const toml::node& item : *list) text += (text.empty() ? "" : ",") + word_of(item, subject);
    return text;
  }
  const std::optional<OptionValue> value = value_of(node);
  if (!value) throw usage_error(subject, "expected a number, a text, true, false or a list of these");
  return text_of(*value);
}

void add_section(const std::string& name, const toml::table& table, const std::filesystem::path& path, std::vector<TomlSection>& sections) {
  const std::size_t at = sections.size();
  sections.push_back({name, {}});
  for (const auto& [key, node] : in_order(table)) {
    const std::string inner(key->str()), subject = place(path, key->source().begin) + ": " + printable(inner);
    const toml::array* list = node->as_array();
    const bool tables = list != nullptr && !list->empty() && list->get(0)->is_table();
    if ((node->is_table() || tables) && !name.empty()) throw usage_error(subject, "is a table inside of another, expected options");
    if (node->is_table()) add_section(inner, *node->as_table(), path, sections);
    else if (tables)
      for (const toml::node& item : *list) add_section(inner, *item.as_table(), path, sections);
    else sections[at].entries.emplace_back(dashed(inner), word_of(*node, subject));
  }
}

std::string toml_string(std::string_view text) {
  std::string out = "\"", run;
  const auto flush = [&] {
    for (const char c : printable(run)) {  // TOML must be UTF-8, a path need not be
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
    run.clear();
  };
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte != 0x7F) {
      run += c;
      continue;
    }
    flush();
    out += fmt::format("\\u{:04X}", byte);
  }
  flush();
  return out + "\"";
}

std::string toml_of(const OptionValue& value) {
  if (std::holds_alternative<std::monostate>(value)) return "\"auto\"";
  if (const auto* text = std::get_if<std::string>(&value)) return toml_string(*text);
  if (const auto* list = std::get_if<std::vector<std::string>>(&value)) {
    std::string out;
    for (const std::string& text : *list) out += (out.empty() ? "" : ", ") + toml_string(text);
    return fmt::format("[{}]", out);
  }
  const std::string text = text_of(value);
  const auto* natural = std::get_if<uint64_t>(&value);
  if (natural != nullptr && !std::in_range<int64_t>(*natural)) return toml_string(text);
  return std::holds_alternative<double>(value) && text.find_first_of(".en") == std::string::npos ? text + ".0" : text;
}

}  // namespace

void read_toml(const std::vector<Field>& fields, Origins& origins, const std::filesystem::path& path) {
  const std::vector<std::byte> bytes = read_file(path);
  const toml::table table = parse(as_text(bytes), path);
  std::set<std::string> seen;
  for (const auto& [key, node] : in_order(table)) {
    const Field& field = field_of(fields, *key, path);
    if (!seen.insert(field.name).second) throw usage_error(place(path, key->source().begin), "'" + field.name + "' given twice");
    const bool hidden = origin_of(origins, field.name).source == Source::flag;
    const OptionValue before = field.value();
    assign_node(field, *node, path);
    take_path(field, path.parent_path());
    if (hidden) field.assign(before);
    else origins.insert_or_assign(field.name, Origin{Source::file, fmt::format("{}:{}", path.string(), key->source().begin.line)});
  }
}

std::vector<TomlSection> toml_sections(std::string_view text, std::string_view source) {
  const std::filesystem::path path(source);
  std::vector<TomlSection> sections;
  add_section("", parse(text, path), path, sections);
  return sections;
}

std::string toml_line(std::string_view name, std::string_view value) { return fmt::format("{} = {}", name, toml_string(value)); }

std::string toml_text(const std::vector<Field>& fields, const Origins& origins) {
  std::string text;
  for (const Field& field : fields)
    text += fmt::format("{} = {}  # {}\n", field.name, toml_of(field.value()), origin_text(origin_of(origins, field.name)));
  return text;
}

}  // namespace graft
