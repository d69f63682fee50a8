#include "graft/cli/models_list.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <functional>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/cli/models_facts.h"

namespace graft::cli {
namespace {

/// A limit, and which number would let a network pass; `limit` is empty where the filter has no number.
struct Filter {
  std::string option;  // "--family resnet"
  std::function<bool(const Facts&)> keeps;
  std::function<double(const Facts&)> excess = {};      // the smaller, the nearer to the limit
  std::function<std::string(const Facts&)> limit = {};  // the option with a number that this network passes
};
using Rows = std::vector<const Facts*>;

/// "10M" -> 1e7
double count_of(const std::string& text) {
  double number = 0, unit = 1;
  const char* end = text.data() + text.size();
  auto [rest, code] = std::from_chars(text.data(), end, number);
  if (rest + 1 == end) {
    const char suffix = lower(std::string(1, *rest++))[0];
    unit = suffix == 'k' ? 1e3 : suffix == 'm' ? 1e6 : suffix == 'g' ? 1e9 : 0;
  }
  if (code != std::errc{} || rest != end || !std::isfinite(number) || number * unit <= 0)
    throw usage_error("--max-parameters " + printable(text), "expected a number above 0, optionally followed by k, M or G", "for instance 10M");
  return number * unit;
}

std::string known_family(const std::string& family) {
  std::vector<std::string> families;
  for (const models::Backbone& row : models::all()) {
    if (row.family == family) return family;
    if (std::find(families.begin(), families.end(), row.family) == families.end()) families.push_back(row.family);
  }
  std::sort(families.begin(), families.end());
  const auto near = closest(family, families);
  throw usage_error("--family " + printable(family), "no such family, expected one of " + first_few(families, families.size()),
                    near ? "did you mean " + *near + "?" : "");
}

std::vector<Filter> filters_of(const ListOptions& o) {
  std::vector<Filter> filters;
  if (!o.family.empty())
    filters.push_back({"--family " + o.family, [family = known_family(o.family)](const Facts& f) { return f.network.backbone->family == family; }});
  if (o.here) filters.push_back({"--here", [](const Facts& f) { return weights_here(f.network) != "not here"; }});
  if (!o.max_parameters.empty())
    filters.push_back({"--max-parameters", [most = count_of(o.max_parameters)](const Facts& f) { return static_cast<double>(f.parameters) <= most; },
                       [](const Facts& f) { return static_cast<double>(f.parameters); },
                       [](const Facts& f) { return fmt::format("--max-parameters {}", f.parameters); }});
  if (o.max_gmacs)
    filters.push_back({"--max-gmacs", [most = *o.max_gmacs](const Facts& f) { return f.gmacs() <= most; }, [](const Facts& f) { return f.gmacs(); },
                       [](const Facts& f) { return fmt::format("--max-gmacs {:.2f}", std::ceil(f.gmacs() * 100) / 100); }});
  if (o.min_top1)
    filters.push_back({"--min-top1", [least = *o.min_top1](const Facts& f) { return f.network.source->top1 >= least; },
                       [](const Facts& f) { return -f.network.source->top1; },
                       [](const Facts& f) { return fmt::format("--min-top1 {}", f.network.source->top1); }});
  return filters;
}

/// What passes all filters but `without`.
Rows kept(const std::vector<Facts>& all, const std::vector<Filter>& filters, const Filter* without = nullptr) {
  Rows rows;
  for (const Facts& facts : all)
    if (std::all_of(filters.begin(), filters.end(), [&](const Filter& f) { return &f == without || f.keeps(facts); })) rows.push_back(&facts);
  return rows;
}

/// Which one filter, changed, would leave something.
std::string nothing_left(const std::vector<Facts>& all, const std::vector<Filter>& filters) {
  std::vector<std::string> ways;
  for (const Filter& filter : filters) {
    const Rows rows = kept(all, filters, &filter);
    if (rows.empty()) continue;
    if (filter.limit) {
      const Facts& nearest = **std::min_element(rows.begin(), rows.end(), [&](auto* a, auto* b) { return filter.excess(*a) < filter.excess(*b); });
      ways.push_back(fmt::format("{} would leave {}", filter.limit(nearest), nearest.network.name()));
    } else {
      ways.push_back(fmt::format("without {} there {}", filter.option, rows.size() == 1 ? "is 1" : fmt::format("are {}", rows.size())));
    }
  }
  return fmt::format("none of {} networks is left; {}", all.size(),
                     ways.empty() ? "leave out two or more limits" : fmt::format("{}", fmt::join(ways, ", ")));
}

void sort(Rows& rows, const ListOptions& o) {
  const auto by = [&](auto key) { std::stable_sort(rows.begin(), rows.end(), [&](auto* a, auto* b) { return key(*a) < key(*b); }); };
  switch (o.sort) {
    case Sort::family: break;  // the registry's order
    case Sort::name: by([](const Facts& f) { return f.network.name(); }); break;
    case Sort::parameters: by([](const Facts& f) { return f.parameters; }); break;
    case Sort::macs: by([](const Facts& f) { return f.multiply_adds; }); break;
    case Sort::size: by([](const Facts& f) { return f.bytes; }); break;
    case Sort::features: by([](const Facts& f) { return f.features; }); break;
    case Sort::top1: by([](const Facts& f) { return f.network.source->top1; }); break;
  }
  if (o.reverse) std::reverse(rows.begin(), rows.end());
}

std::string table(const Rows& rows) {
  std::size_t name = 4, licence = 7;
  for (const Facts* f : rows) {
    name = std::max(name, f->network.name().size());
    licence = std::max(licence, f->network.source->licence.size());
  }
  std::string text = fmt::format("{:<{}} {:>11} {:>7} {:>6} {:>8} {:>5} {:>5}  {:<{}}  {}\n", "name", name, "parameters", "GMACs", "MB", "features",
                                 "input", "top-1", "license", licence, "weights");
  for (const Facts* f : rows) {
    const models::Source& source = *f->network.source;
    text += fmt::format("{:<{}} {:>11} {:>7.2f} {:>6.1f} {:>8} {:>5} {:>5}  {:<{}}  {}\n", f->network.name(), name, with_commas(f->parameters),
                        f->gmacs(), f->megabytes(), f->features, to_string(source.preprocess.crop), top1_text(source.top1), source.licence, licence,
                        weights_here(f->network));
  }
  return text;
}

}  // namespace

void print_list(const ListOptions& options, const OutputOptions& output) {
  const std::vector<Filter> filters = filters_of(options);
  std::vector<Facts> all;
  for (const models::Backbone& row : models::all()) all.push_back(facts_of({&row, &row.sources.front()}));
  Rows rows = kept(all, filters);
  sort(rows, options);
  if (rows.empty()) remark(output, nothing_left(all, filters));
  if (output.json) {
    nlohmann::ordered_json json = nlohmann::ordered_json::array();
    for (const Facts* facts : rows) json.push_back(to_json(*facts));
    print(json.dump(2) + "\n");
  } else if (!rows.empty()) {
    print(table(rows));
  }
}

}  // namespace graft::cli
