// Settings of a command: a plain struct with defaults, listed once by its `fields`. Flags, TOML file, --help, JSON record, range checks
// and "did you mean" all follow from that list, so a new option is one line there and its use.
//
//   struct FitConfig {
//     std::filesystem::path data;
//     double val = 0.2;
//     std::optional<double> l2;  // empty = chosen from the data; written "auto"
//     bool skip_unreadable = false;
//     void fields(FieldList& v) {
//       v.positional("data", data, "folder of class folders, or a CSV of path,label");
//       v("val", val, "part of the training images held out for validation", between(0.01, 0.9));
//       v("l2", l2, "strength of the L2 penalty", above(0));
//       v.group("Images");
//       v("skip-unreadable", skip_unreadable, "go on without images that cannot be read");
//     }
//   };
//   Configured<FitConfig> c = configure<FitConfig>({"graft fit", "Train a classifier.", {"graft fit photos/"}}, words);
//   choose(c, "l2", 0.03, "5-fold cross-validation");  // unless the user said otherwise
//
// Shared options are a struct with its own `fields`, called from the others' `fields`. Types: bool, int, int64_t, uint64_t, double, Size, string,
// path, enums (with `names`), optionals of these, and vectors of string or path. Every command also has --config FILE and --help.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <initializer_list>
#include <map>
#include <span>

#include "graft/base/config_field.h"

namespace graft {

/// Where a value comes from; a later source overrides an earlier one.
enum class Source { by_default, chosen, file, flag };

struct Origin {
  Source source = Source::by_default;
  std::string reason;  // of `chosen`: why; of `file`: "run.toml:3"
  /// Whether the user gave the value.
  bool given() const { return source == Source::file || source == Source::flag; }
};

/// By option name; an option that is missing here has its default.
using Origins = std::map<std::string, Origin, std::less<>>;
Origin origin_of(const Origins& origins, std::string_view name);

template <class Config>
struct Configured {
  Config values;
  Origins origins;
  bool help_asked = false;  // --help or -h was given: print help() and use nothing else of this
};

struct CommandText {
  std::string name;                   // "graft fit"
  std::string summary;                // a sentence or two
  std::vector<std::string> examples;  // whole command lines
  bool long_list = false;             // many options: --help shows the usual ones (OneLine), `--help all` every one
};

// Rules, given after the help sentence.

Range between(double low, double high);  // both included
Range above(double low);                 // low excluded
Range at_least(double low);

struct OneOf {
  std::vector<std::string> choices;
};
OneOf one_of(std::vector<std::string> choices);

/// names<Precision>{{"auto", Precision::automatic}, {"bf16", Precision::bf16}}: the names of an enum's values.
template <class Enum>
struct names {  // NOLINT(readability-identifier-naming): reads as a rule beside between() and one_of()
  names(std::initializer_list<std::pair<const char*, Enum>> values) : list(values) {}
  std::vector<std::pair<const char*, Enum>> list;
};

struct Shorthand {
  char letter;
};  // Shorthand{'q'}: -q
struct Placeholder {
  std::string word;
};  // Placeholder{"FILE"}: --out FILE
struct DefaultText {
  std::string text;
};                     // DefaultText{"all CPUs"}: for a default that depends on the machine
struct MayBeEmpty {};  // an optional positional
struct OneLine {
  std::string text;
};  // OneLine{"passes over the training photos"}: for options that most people need: the short help shows them with this text

// Whatever else is known about an option is stated with it, so code that checks, compares or repeats runs needs no list of names.

struct BySteps {
  std::vector<std::string> values = {};
};  // only for training by gradient steps, not for a solved head; BySteps{{"sampling"}}: only with this value
struct OneClassOnly {
  std::vector<std::string> values = {};
  std::string hint = "omit it";
};                           // only for photos of one class each; with values: only these values
struct NoEffectOnResult {};  // no number of the result depends on it
struct ByContent {};         // it names data or weights that are compared by their content, wherever they are
struct OfOneRun {};          // it concerns one run: other trainings on the same photos do not inherit it
struct OfAStrategy {};       // it belongs to the strategy: another strategy does not inherit it
struct NeedsSource {};       // it has no effect if nothing is pretrained
struct Usual {
  std::string value, name = "";
};  // Usual{"0.2"}: the value that is usual when the option is used; Usual{"focal", "focal"}: and a name for that

/// The visitor that lists fields.
class FieldList {
 public:
  template <class T, class... Rules>
  void operator()(std::string_view name, T& variable, std::string_view help, const Rules&... rules) {
    Field& field = add(name, target_of(variable), help);
    (apply(rules, field), ...);
  }
  template <class T, class... Rules>
  void positional(std::string_view name, T& variable, std::string_view help, const Rules&... rules) {
    (*this)(name, variable, help, rules...);
    fields_.back().positional = true;
  }
  /// The options after this are listed under the title in the help.
  void group(std::string_view title) { group_ = title; }
  std::vector<Field> take() { return std::move(fields_); }

 private:
  Field& add(std::string_view name, Target target, std::string_view help);
  static void apply(const Range& rule, Field& field) { field.range = rule; }
  static void apply(const OneOf& rule, Field& field) { field.choices = rule.choices; }
  static void apply(Shorthand rule, Field& field) { field.shorthand = rule.letter; }
  static void apply(const Placeholder& rule, Field& field) { field.placeholder = rule.word; }
  static void apply(const DefaultText& rule, Field& field) { field.default_text = rule.text; }
  static void apply(MayBeEmpty, Field& field) { field.may_be_empty = true; }
  static void apply(const OneLine& rule, Field& field) { field.one_line = rule.text; }
  static void apply(const BySteps& rule, Field& field) { field.by_steps = {rule.values.empty(), rule.values}; }
  static void apply(const OneClassOnly& rule, Field& field) {
    field.one_class_only = {rule.values.empty(), rule.values};
    field.one_class_hint = rule.hint;
  }
  static void apply(NoEffectOnResult, Field& field) { field.no_effect_on_result = true; }
  static void apply(ByContent, Field& field) { field.by_content = true; }
  static void apply(OfOneRun, Field& field) { field.of_one_run = true; }
  static void apply(OfAStrategy, Field& field) { field.of_a_strategy = true; }
  static void apply(NeedsSource, Field& field) { field.needs_source = true; }
  static void apply(const Usual& rule, Field& field) { field.usual.push_back({rule.name.empty() ? field.name : rule.name, rule.value}); }
  template <class Enum>
  static void apply(const names<Enum>& rule, Field& field) {
    for (const auto& [name, value] : rule.list) {
      field.choices.emplace_back(name);
      field.numbers.push_back(static_cast<int64_t>(value));
    }
  }

  std::vector<Field> fields_;
  std::string group_;
};

template <class Config>
std::vector<Field> list_fields(Config& config) {
  FieldList list;
  config.fields(list);
  return list.take();
}

// The same on listed fields; the templates below only list. `fields` point into the config, so these change it.

/// Reads the words after the command's name. False if help was asked for; then nothing else was read.
bool read_words(const std::vector<Field>& fields, Origins& origins, const CommandText& command, std::span<const std::string> words);
void read_toml(const std::vector<Field>& fields, Origins& origins, const std::filesystem::path& path);
std::string toml_text(const std::vector<Field>& fields, const Origins& origins);
nlohmann::ordered_json json_record(const std::vector<Field>& fields, const Origins& origins);
/// Error (data) named `source` for a record that does not fit these fields.
void read_record(const std::vector<Field>& fields, Origins& origins, const nlohmann::ordered_json& record, std::string_view source);
/// What the words ask for: `--help all`, or `--help`.
enum class HelpLength { usual, all };
HelpLength help_length(std::span<const std::string> words);
std::string help(const CommandText& command, const std::vector<Field>& fields, HelpLength length);
std::string describe(const std::vector<Field>& fields, const Origins& origins, std::string_view name);
bool choose(const std::vector<Field>& fields, Origins& origins, std::string_view name, const OptionValue& value, std::string reason);
std::string enum_name(const std::vector<Field>& fields, std::string_view name, int64_t number);

/// Defaults, then the TOML file of --config, then the flags in `words`. Error (usage) that names exactly what is wrong or missing.
template <class Config>
Configured<Config> configure(const CommandText& command, std::span<const std::string> words) {
  Configured<Config> c;
  c.help_asked = !read_words(list_fields(c.values), c.origins, command, words);
  return c;
}

/// Keys are option names with - or _. Overrides defaults and chosen values, not flags. Error (usage) with file:line:column.
template <class Config>
void apply_toml(Configured<Config>& c, const std::filesystem::path& path) {
  read_toml(list_fields(c.values), c.origins, path);
}

/// A TOML text with options in several places: those before the first table (name ""), each [table], and each item of an [[array]] of tables, in
/// the order of the text. Values as on a command line: 0.003, true, "a,b" for a list. Error (usage) "source:line:column: ..." for anything else.
struct TomlSection {
  std::string name;
  std::vector<std::pair<std::string, std::string>> entries;  // names with dashes
};
std::vector<TomlSection> toml_sections(std::string_view text, std::string_view source);

/// Sets an automatic value unless the user gave one other than auto; returns false if nothing was set. A wrong name, type or range is our bug:
/// std::logic_error.
template <class Config, class T>
bool choose(Configured<Config>& c, std::string_view name, const T& value, std::string reason) {
  const std::vector<Field> fields = list_fields(c.values);
  OptionValue option;
  if constexpr (std::is_enum_v<T>) option = enum_name(fields, name, static_cast<int64_t>(value));
  else if constexpr (std::is_same_v<T, bool> || std::is_same_v<T, uint64_t>) option = value;
  else if constexpr (std::is_integral_v<T>) option = static_cast<int64_t>(value);
  else if constexpr (std::is_floating_point_v<T>) option = static_cast<double>(value);
  else if constexpr (std::is_same_v<T, std::filesystem::path>) option = value.string();
  else if constexpr (std::is_same_v<T, Size>) option = option_of(value);
  else option = std::string(value);
  return choose(fields, c.origins, name, option, std::move(reason));
}

/// Every value with its source, for repeating the run: `l2 = 0.0316  # chosen: 5-fold cross-validation`.
template <class Config>
std::string toml_text(const Configured<Config>& c) {
  Config values = c.values;
  return toml_text(list_fields(values), c.origins);
}

/// {"l2": {"value": 0.0316, "source": "chosen", "reason": "5-fold cross-validation"}, ...}; auto is null. Callers include <nlohmann/json.hpp>.
template <class Config, class Json = nlohmann::ordered_json>
Json json_record(const Configured<Config>& c) {
  Config values = c.values;
  return json_record(list_fields(values), c.origins);
}

/// Values and their sources as json_record() wrote them; flags keep their values. Error (data) named `source` for a record of other options.
template <class Config>
void apply_record(Configured<Config>& c, const nlohmann::ordered_json& record, std::string_view source) {
  read_record(list_fields(c.values), c.origins, record, source);
}

/// Copies the options of `from` for which `keeps(field, origin)` is true over those of `to`, with their origins.
template <class Config, class Keeps>
void lay_over(Configured<Config> from, Configured<Config>& to, const Keeps& keeps) {
  const std::vector<Field> upper = list_fields(from.values), lower = list_fields(to.values);
  for (std::size_t i = 0; i < upper.size(); ++i) {
    const Origin origin = origin_of(from.origins, upper[i].name);
    if (!keeps(upper[i], origin)) continue;
    lower[i].assign(upper[i].value());
    to.origins.insert_or_assign(upper[i].name, origin);
  }
}

/// "lr 0.003 (chosen: 244 images)".
template <class Config>
std::string describe(const Configured<Config>& c, std::string_view name) {
  Config values = c.values;
  return describe(list_fields(values), c.origins, name);
}

/// Usage, arguments, options by group with their defaults and ranges, examples; at most 100 columns.
template <class Config>
std::string help(const CommandText& command, HelpLength length = HelpLength::all) {
  Config values;
  return help(command, list_fields(values), length);
}

// For the readers and writers of config_*.cpp.

const Field* find_field(std::span<const Field> fields, std::string_view name);
std::string origin_text(const Origin& origin);                                      // "chosen: 244 images", "flag"
std::string usage_line(const CommandText& command, std::span<const Field> fields);  // "graft fit DATA [options]"
/// std::logic_error if the list contradicts itself: a name twice, an enum without names, a default out of its range.
void check_fields(std::span<const Field> fields);

/// The options every command has.
struct CommonOptions {
  std::filesystem::path config;
  bool help = false;
  void fields(FieldList& v) {
    v.group("Everywhere");
    v("config", config, "read options from a TOML file; flags override it", Placeholder{"FILE"},
      OneLine{"read options from a file: RUN/config.toml repeats a run"});
    v("help", help, "show this text", Shorthand{'h'});
  }
};

}  // namespace graft
