#include "graft/study/space.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "graft/base/error.h"
#include "graft/base/other_names.h"
#include "graft/base/rng.h"
#include "graft/base/text.h"
#include "graft/fit/job/config.h"

namespace graft::study {
namespace {

constexpr const char* kDepth = "depth";
constexpr const char* kAsItIs = "default";

std::vector<std::string> words_for(const std::string& name, const std::string& value) {
  if (value == kAsItIs) return {};
  if (name != kDepth) return {"--" + name, value};
  if (value == "all") return {"--strategy", "full"};
  return {"--strategy", "partial", "--unfreeze", value};
}

/// Whether `graft fit` takes it: its own error where not.
void check_value(const std::string& name, const std::string& value) {
  fit::FitConfig config;
  Origins origins;
  read_words(list_fields(config), origins, {"graft tune", "", {}}, words_for(name, value));
}

[[noreturn]] void malformed(const std::string& part) {
  throw usage_error("--space " + (part.empty() ? "''" : printable(part)), "expected OPTION=LOW..HIGH, OPTION=LOW..HIGH:log or OPTION=VALUE|VALUE",
                    "for instance lr=1e-4..1e-2:log,mixup=0|0.2");
}

Dimension parse_dimension(const std::string& part) {
  const std::size_t equals = part.find('=');
  if (equals == part.npos || equals == 0 || equals + 1 == part.size()) malformed(part);
  Dimension d{.name = part.substr(0, equals)};
  fit::FitConfig config;
  const std::vector<Field> fields = list_fields(config);
  const Field* field = find_by_any_name(fields, d.name);
  if (field != nullptr) d.name = field->name;
  if (d.name == "epochs")
    throw usage_error("--space " + printable(part), "is not drawn, because better trials get more epochs",
                      "omit it: --epochs sets the largest number");
  std::string values = part.substr(equals + 1);
  const std::size_t dots = values.find("..");
  if (dots == values.npos) {
    d.choices = split(values, '|');
    for (const std::string& value : d.choices) check_value(d.name, value);
    return d;
  }
  if (values.ends_with(":log")) {
    d.logarithmic = true;
    values.resize(values.size() - 4);
  }
  const auto low = number_in<double>(std::string_view(values).substr(0, dots)), high = number_in<double>(std::string_view(values).substr(dots + 2));
  if (!low || !high || d.name == kDepth) malformed(part);
  if (!(*low < *high) || (d.logarithmic && !(*low > 0)))
    throw usage_error("--space " + printable(part), d.logarithmic && *low <= 0 ? "a logarithmic range must begin above 0" : "the range is empty",
                      "LOW..HIGH");
  d.low = *low, d.high = *high;
  d.whole = field != nullptr && (field->kind() == OptionKind::integer || field->kind() == OptionKind::size);
  for (const double end : {d.low, d.high}) check_value(d.name, fmt::format("{}", end));
  return d;
}

std::string drawn_value(const Dimension& d, Rng& rng) {
  if (!d.choices.empty()) return d.choices[rng.below(d.choices.size())];
  const double u = rng.uniform();
  const double value = d.logarithmic ? d.low * std::pow(d.high / d.low, u) : d.low + u * (d.high - d.low);
  return d.whole ? fmt::format("{}", std::lround(value)) : fmt::format("{:.3g}", value);
}

}  // namespace

std::vector<Dimension> parse_space(const std::string& text) {
  std::vector<Dimension> space;
  for (const std::string& part : split(text, ',')) {
    space.push_back(parse_dimension(std::string(trim(part))));
    const auto before = std::ranges::find(space.begin(), space.end() - 1, space.back().name, &Dimension::name);
    if (before != space.end() - 1) throw usage_error("--space " + space.back().name, "given twice");
  }
  return space;
}

std::vector<Dimension> open_dimensions(std::vector<Dimension> space, const Origins& given) {
  const auto said = [&](const char* option) { return origin_of(given, option).given(); };
  std::erase_if(space, [&](const Dimension& d) { return d.name == kDepth ? said("strategy") || said("unfreeze") : said(d.name.c_str()); });
  return space;
}

std::vector<std::string> draw(const std::vector<Dimension>& space, uint64_t seed, std::size_t trial) {
  std::vector<std::string> words;
  if (trial == 0) return words;
  Rng rng(seed, trial);
  for (const Dimension& d : space)
    for (std::string& word : words_for(d.name, drawn_value(d, rng))) words.push_back(std::move(word));
  return words;
}

}  // namespace graft::study
