#include "graft/study/variant.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "graft/base/error.h"
#include "graft/base/other_names.h"
#include "graft/base/text.h"
#include "graft/transfer/strategy.h"

namespace graft::study {
namespace {

bool is_left_away(const Field& field, const std::string& strategy, bool by_steps) {
  if (field.of_one_run) return true;
  if (strategy.empty()) return false;
  if (field.of_a_strategy) return true;
  if (strategy == "scratch") return field.needs_source;
  return strategy == "head" && !by_steps && field.by_steps.any;
}

/// What options usually have, by the names under which that is asked for.
std::map<std::string, std::vector<std::string>> usual_words() {
  fit::FitConfig config;
  std::map<std::string, std::vector<std::string>> words;
  for (const Field& field : list_fields(config))
    for (const UsualValue& usual : field.usual)
      words[usual.name] = field.kind() == OptionKind::flag ? std::vector{"--" + field.name} : std::vector{"--" + field.name, usual.value};
  return words;
}

/// What the words say of an option; empty: nothing.
std::string value_in(const std::vector<std::string>& words, const std::string& option) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == option && i + 1 < words.size()) return words[i + 1];
    if (words[i].starts_with(option + "=")) return words[i].substr(option.size() + 1);
  }
  return "";
}

void check_strategy(const std::string& strategy) {
  std::vector<std::string> known;
  for (const auto& [name, kind] : transfer::kKinds.list) known.emplace_back(name);
  if (std::ranges::find(known, strategy) != known.end()) return;
  const auto near = closest(strategy, known);
  throw usage_error("--compare " + (strategy.empty() ? "''" : printable(strategy)),
                    "no such strategy, expected head, partial, full, gradual or scratch", near ? "did you mean " + *near + "?" : "");
}

}  // namespace

std::vector<std::string> words_of(const std::string& text, const std::string& option) {
  const std::size_t equals = text.find('=');
  if (equals != std::string::npos) return {"--" + text.substr(0, equals), text.substr(equals + 1)};
  const std::map<std::string, std::vector<std::string>> usual = usual_words();
  if (const auto found = usual.find(text); found != usual.end()) return found->second;
  fit::FitConfig config;
  const std::vector<Field> fields = list_fields(config);
  const Field* field = find_by_any_name(fields, text);
  if (field != nullptr)
    if (const auto own = usual.find(field->name); own != usual.end()) return own->second;
  if (field != nullptr && field->kind() == OptionKind::flag) return {"--" + field->name};
  const std::string subject = option + " " + (text.empty() ? "''" : printable(text));
  if (field != nullptr && !field->positional) throw usage_error(subject, "needs a value", fmt::format("write {}=VALUE", text));
  std::vector<std::string> names;
  for (const auto& [name, words] : usual) names.push_back(name);
  for (const Field& f : fields) names.push_back(f.name);
  const auto near = closest(text, names);
  throw usage_error(subject, "no such option of graft fit", near ? "did you mean " + *near + "?" : "see graft fit --help");
}

std::vector<Variant> parse_compared(const std::string& text, const std::string& asked) {
  std::vector<Variant> variants;
  std::map<std::string, int> times{{asked, 1}};
  for (const std::string& part : split(text, ',')) {
    const std::string whole{trim(part)};
    std::vector<std::string> pieces = split(whole, ':');
    const std::string& strategy = pieces.front();
    check_strategy(strategy);
    if (whole == asked)
      throw usage_error("--compare " + whole, "is what --strategy asks for", "omit it, or give it options of its own: " + whole + ":OPTION=VALUE");
    if (std::ranges::find(variants, whole, &Variant::name) != variants.end()) throw usage_error("--compare " + whole, "given twice");
    Variant variant{whole, {"--strategy", strategy}};
    for (const std::string& piece : std::span(pieces).subspan(1)) std::ranges::move(words_of(piece, "--compare"), std::back_inserter(variant.words));
    variants.push_back(std::move(variant));
    ++times[strategy];
  }
  for (Variant& variant : variants)
    if (const std::string& strategy = variant.words[1]; times[strategy] == 1) variant.name = strategy;
  return variants;
}

Configured<fit::FitConfig> configured(const Configured<fit::FitConfig>& asked, const Variant& variant) {
  Configured<fit::FitConfig> config;
  std::string strategy = value_in(variant.words, "--strategy");
  if (asked.values.strategy && strategy == transfer::to_string(*asked.values.strategy)) strategy.clear();  // stays the same
  const std::string solver = value_in(variant.words, "--solver");
  const bool by_steps = solver.empty() ? asked.values.solver == fit::Solver::steps : solver == "steps";
  lay_over(asked, config, [&](const Field& field, const Origin& origin) { return origin.given() && !is_left_away(field, strategy, by_steps); });
  read_words(list_fields(config.values), config.origins, {"graft fit", "", {}}, variant.words);
  return config;
}

}  // namespace graft::study
