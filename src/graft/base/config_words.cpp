// Command-line words. A parser of our own: the texts of errors and help are ours to the letter and the options are already a list,
// so a library would only be asked to tell names from values.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>

#include "graft/base/config.h"
#include "graft/base/error.h"
#include "graft/base/other_names.h"
#include "graft/base/text.h"

namespace graft {
namespace {

using Fields = std::span<const Field>;

/// "-5" and "-.5e3" are values, "-" is standard input, all else with a dash is an option.
bool is_option(std::string_view word) {
  if (word.size() < 2 || word[0] != '-') return false;
  double ignored = 0;
  const auto [end, code] = std::from_chars(word.data(), word.data() + word.size(), ignored);
  return code == std::errc::invalid_argument || end != word.data() + word.size();
}

std::string flag_of(const Field& field) { return field.positional ? field.name : "--" + field.name; }

/// "--lr 1e-3x", the place of an error.
std::string subject_of(const Field& field, std::string_view text) { return flag_of(field) + " " + (text.empty() ? "''" : printable(text)); }

/// "some-name" of "--some_name", or of "-some-name" by mistake.
std::string bare_name(std::string_view typed) {
  std::string name(typed.substr(std::min(typed.find_first_not_of('-'), typed.size())));
  std::ranges::replace(name, '_', '-');
  return name;
}

Error no_such_option(Fields fields, const CommandText& command, std::string_view typed) {
  const std::string bare = bare_name(typed);
  std::vector<std::string> names;
  for (const Field& field : fields) {
    if (field.positional && field.name == bare) return usage_error(printable(typed), "no such option", "usage: " + usage_line(command, fields));
    if (field.positional) continue;
    names.push_back(field.name);
    if (field.kind() == OptionKind::flag) names.push_back("no-" + field.name);
  }
  if (const OtherName* other = find_other_name(fields, bare); other != nullptr && other->instead != nullptr)
    return usage_error(printable(typed), "no such option", other->instead);
  for (const OtherName& other : other_names())
    if (find_field(fields, other.option) != nullptr) names.emplace_back(other.word);
  auto near = closest(bare, names);
  if (near)
    if (const OtherName* other = find_other_name(fields, *near); other != nullptr && other->instead == nullptr) near = other->option;
  return usage_error(printable(typed), "no such option", near ? "did you mean --" + *near + "?" : "see " + command.name + " --help");
}

struct Found {
  std::size_t index;
  bool negated;  // --no-NAME
};

std::optional<Found> find_named(Fields fields, std::string_view name) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const Field& field = fields[i];
    if (field.positional) continue;
    if (name == field.name) return Found{i, false};
    if (field.kind() == OptionKind::flag && name == "no-" + field.name) return Found{i, true};
  }
  return std::nullopt;
}

/// By its name, its letter, or what another tool calls it.
Found find_option(Fields fields, const CommandText& command, std::string_view typed) {
  for (std::size_t i = 0; i < fields.size(); ++i)
    if (fields[i].shorthand != 0 && typed == std::string{'-', fields[i].shorthand}) return {i, false};
  if (typed.starts_with("--") && !typed.starts_with("---")) {
    const std::string name = bare_name(typed);
    if (const auto own = find_named(fields, name)) return *own;
    if (const Field* other = find_by_any_name(fields, name); other != nullptr && !other->positional) return find_named(fields, other->name).value();
    const Field* off = name.starts_with("no-") ? find_by_any_name(fields, std::string_view(name).substr(3)) : nullptr;
    if (off != nullptr && off->kind() == OptionKind::flag) return find_named(fields, "no-" + off->name).value();
  }
  throw no_such_option(fields, command, typed);
}

/// The texts given for each field (by index), in the order of the fields.
using Given = std::map<std::size_t, std::vector<std::string>>;

class WordReader {
 public:
  WordReader(Fields fields, const CommandText& command, std::span<const std::string> words) : fields_(fields), command_(command), words_(words) {}

  Given read() {
    bool options = true;
    while (at_ < words_.size()) {
      const std::string& word = words_[at_++];
      if (options && word == "--") options = false;
      else if (options && is_option(word)) read_option(word);
      else read_positional(word);
    }
    return std::move(given_);
  }

 private:
  void read_option(std::string_view word) {
    const std::size_t equals = word.find('=');
    const std::string_view typed = word.substr(0, equals);
    const auto [index, negated] = find_option(fields_, command_, typed);
    const Field& field = fields_[index];
    std::vector<std::string>& texts = given_[index];
    if (field.kind() == OptionKind::flag) {
      if (equals != std::string_view::npos)
        throw usage_error(printable(word), "expected no value", fmt::format("give --{} or --no-{}", field.name, field.name));
      texts.emplace_back(negated ? "false" : "true");
    } else if (equals != std::string_view::npos) {
      texts.emplace_back(word.substr(equals + 1));
    } else if (at_ < words_.size() && !is_option(words_[at_])) {
      texts.push_back(words_[at_++]);
    } else {
      throw usage_error(flag_of(field), "needs a value");
    }
  }

  void read_positional(const std::string& word) {
    for (std::size_t i = 0; i < fields_.size(); ++i)
      if (fields_[i].positional && (fields_[i].is_list() || !given_.contains(i))) {
        given_[i].push_back(word);
        return;
      }
    throw usage_error(printable(word), "unexpected argument", option_meant(word).value_or("usage: " + usage_line(command_, fields_)));
  }

  /// Ultralytics and Hydra write epochs=10.
  std::optional<std::string> option_meant(std::string_view word) const {
    const std::string name = bare_name(word.substr(0, word.find('=')));
    if (word.find('=') == std::string_view::npos || (!find_named(fields_, name) && find_other_name(fields_, name) == nullptr)) return std::nullopt;
    return "did you mean --" + printable(word) + "?";
  }

  Fields fields_;
  const CommandText& command_;
  std::span<const std::string> words_;
  std::size_t at_ = 0;
  Given given_;
};

std::string choice_hint(const Field& field, std::string_view text) {
  const auto near = closest(text, field.choices);
  return near ? "did you mean " + *near + "?" : "";
}

void assign_given(const Field& field, const std::vector<std::string>& texts) {
  std::optional<OptionValue> before;
  for (const std::string& text : texts) {
    if (const auto expected = field.assign_text(text)) throw usage_error(subject_of(field, text), "expected " + *expected, choice_hint(field, text));
    if (before && !field.is_list() && *before != field.value()) throw usage_error(flag_of(field), "given twice");
    before = field.value();
  }
  if (field.is_list()) field.assign(texts);
}

/// Where help is asked for; words.size(): nowhere.
std::size_t place_of_help(std::span<const std::string> words) {
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i)
    if (words[i] == "--help" || words[i] == "-h") return i;
  return words.size();
}

bool is_missing(const Field& field) {
  if (!field.positional || field.may_be_empty || field.is_optional()) return false;
  const OptionValue value = field.value();
  if (const auto* text = std::get_if<std::string>(&value)) return text->empty();
  const auto* list = std::get_if<std::vector<std::string>>(&value);
  return list != nullptr && list->empty();
}

}  // namespace

HelpLength help_length(std::span<const std::string> words) {
  const std::size_t next = place_of_help(words) + 1;
  return next < words.size() && words[next] == "all" ? HelpLength::all : HelpLength::usual;
}

bool read_words(const std::vector<Field>& fields, Origins& origins, const CommandText& command, std::span<const std::string> words) {
  CommonOptions common;
  std::vector<Field> all = fields;
  for (Field& field : list_fields(common)) all.push_back(std::move(field));
  check_fields(all);
  if (place_of_help(words) < words.size()) return false;

  const Given given = WordReader(all, command, words).read();
  for (const auto& [index, texts] : given)
    if (index >= fields.size()) assign_given(all[index], texts);
  if (!common.config.empty()) read_toml(fields, origins, common.config);
  for (const auto& [index, texts] : given)
    if (index < fields.size()) {
      assign_given(all[index], texts);
      origins.insert_or_assign(all[index].name, Origin{Source::flag, {}});
    }
  for (const Field& field : fields)
    if (is_missing(field)) throw usage_error(field.name, "missing", "usage: " + usage_line(command, fields));
  return true;
}

}  // namespace graft
