#include "graft/data/groups.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <tuple>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/hash.h"
#include "graft/base/rng.h"
#include "graft/base/text.h"
#include "graft/data/name_pattern.h"
#include "graft/data/scan.h"
#include "graft/image/dicom.h"
#include "graft/image/format_table.h"

namespace graft::data {
namespace fs = std::filesystem;
namespace {

struct Unit {
  std::vector<std::size_t> samples = {};
  std::map<int, double> classes = {};  // class -> samples
  double turn = 0;                     // the largest first
  int part = -1;
};

/// Sorted by turn. Size and chance: by size alone every seed would deal alike.
std::vector<Unit> units_in_turn(std::span<const std::string> names, std::span<const std::vector<int>> classes, uint64_t seed) {
  std::map<std::string_view, Unit> by_name;
  for (std::size_t i = 0; i < names.size(); ++i) {
    Unit& unit = by_name[names[i]];
    unit.samples.push_back(i);
    for (const int k : classes[i]) ++unit.classes[k];
  }
  std::vector<Unit> units;
  for (auto& [name, unit] : by_name) {
    unit.turn = static_cast<double>(unit.samples.size()) * (0.5 + Rng(seed, hash128(as_bytes(name)).low).uniform());
    units.push_back(std::move(unit));
  }
  std::ranges::stable_sort(units, std::greater(), &Unit::turn);
  return units;
}

class Dealing {
 public:
  Dealing(std::vector<Unit> units, std::span<const double> shares)
      : units_(std::move(units)), shares_(shares), last_(static_cast<int>(shares.size()) - 1) {
    filled_.resize(shares.size());
    all_filled_.resize(shares.size());
    for (std::size_t u = 0; u < units_.size(); ++u)
      for (const auto& [k, count] : units_[u].classes) {
        total_[k] += count;
        of_class_[k].push_back(u);
      }
  }

  std::vector<int> deal(std::size_t samples) {
    for (Unit& unit : units_)
      if (is_only(unit)) put(unit, last_);
    for (Unit& unit : units_)
      if (unit.part < 0) put(unit, best_for(unit));
    for (const auto& [k, units] : of_class_)
      if (units.size() > 1) spread(k, true);
    if (shares_.size() == 2)  // of val and train, train needs every class
      for (const auto& [k, units] : of_class_)
        if (units_[units[0]].part != last_) spread(k, false);
    std::vector<int> parts(samples);
    for (const Unit& unit : units_)
      for (const std::size_t i : unit.samples) parts[i] = unit.part;
    return parts;
  }

 private:
  /// Whether some class is in this unit alone.
  bool is_only(const Unit& unit) const {
    return std::ranges::any_of(unit.classes, [&](const auto& entry) { return of_class_.at(entry.first).size() == 1; });
  }

  void put(Unit& unit, int to) {
    for (const int part : {unit.part, to}) {
      if (part < 0) continue;
      const double sign = part == to ? 1 : -1;
      const auto p = static_cast<std::size_t>(part);
      for (const auto& [k, count] : unit.classes) filled_[p][k] += sign * count;
      all_filled_[p] += sign * static_cast<double>(unit.samples.size());
    }
    unit.part = to;
  }

  /// Where the sum over parts and classes of filled^2 / (share * total^2), least when every part has its share, grows least.
  int best_for(const Unit& unit) const {
    int best = 0;
    double least = 0;
    for (std::size_t p = 0; p < shares_.size(); ++p) {
      double growth = 0;
      for (const auto& [k, count] : unit.classes) {
        const auto there = filled_[p].find(k);
        const double total = total_.at(k);
        growth += count * (2 * (there == filled_[p].end() ? 0 : there->second) + count) / (shares_[p] * total * total);
      }
      if (unit.classes.empty()) growth = (2 * all_filled_[p] + 1) / shares_[p];
      if (p == 0 || growth < least) std::tie(best, least) = std::tuple(static_cast<int>(p), growth);
    }
    return best;
  }

  /// The one part that all units of a class are in; -1 when there are several.
  int only_part(int k, const Unit* without = nullptr) const {
    int part = -1;
    for (const std::size_t u : of_class_.at(k)) {
      if (&units_[u] == without) continue;
      if (part >= 0 && units_[u].part != part) return -1;
      part = units_[u].part;
    }
    return part;
  }

  /// Takes the smallest unit of a class that is in one part alone elsewhere; `careful`: unless another class would then be in one part alone.
  void spread(int k, bool careful) {
    const int from = only_part(k);
    if (from < 0) return;
    Unit* chosen = nullptr;
    for (const std::size_t u : of_class_.at(k)) {
      Unit& unit = units_[u];
      const int to = elsewhere(unit, from);
      const bool harms = std::ranges::any_of(unit.classes, [&](const auto& entry) {
        return of_class_.at(entry.first).size() == 1 || (entry.first != k && only_part(entry.first, &unit) == to);
      });
      if ((!careful || !harms) && (chosen == nullptr || unit.samples.size() < chosen->samples.size())) chosen = &unit;
    }
    if (chosen != nullptr) put(*chosen, elsewhere(*chosen, from));
  }

  int elsewhere(const Unit& unit, int from) const {
    if (shares_.size() == 2) return 1 - from;
    int best = -1;
    for (std::size_t p = 0; p < shares_.size(); ++p)
      if (static_cast<int>(p) != from && (best < 0 || all_filled_[p] < all_filled_[static_cast<std::size_t>(best)])) best = static_cast<int>(p);
    return best < 0 ? unit.part : best;
  }

  std::vector<Unit> units_;
  std::span<const double> shares_;
  int last_;
  std::map<int, double> total_;
  std::map<int, std::vector<std::size_t>> of_class_;
  std::vector<std::map<int, double>> filled_;  // by part: class -> samples
  std::vector<double> all_filled_;
};

/// The patients that DICOM files name, if one has several photos. Only a hash of each patient is kept. Unreadable files are reported when they are decoded.
void find_patients(Source& source) {
  std::set<std::string> seen;
  bool several = false;
  std::vector<std::string> patients(source.found.size());
  for (std::size_t i = 0; i < source.found.size(); ++i) {
    const fs::path& path = source.found[i].path;
    const image::FormatRow* row = image::format_by_name(path.filename().string());
    if (row != nullptr && row->format != image::Format::dicom) continue;
    try {
      const MappedFile file(path);
      const std::optional<Hash128> patient = image::patient_of(file.bytes(), path.string());
      if (!patient) continue;
      patients[i] = patient->hex();
      several = !seen.insert(patients[i]).second || several;
    } catch (const Error&) {
      continue;
    }
  }
  if (!several) return;
  for (std::size_t i = 0; i < patients.size(); ++i) source.found[i].group = std::move(patients[i]);
  source.groups = "the patients that DICOM files name";
  source.groups_found = true;
}

}  // namespace

void find_groups(Source& source, const SourceOptions& options) {
  if (!options.group_from_name) {
    if (!options.group_column && source.groups.empty()) find_patients(source);
    return;
  }
  if (options.group_column && *options.group_column != "none")
    throw usage_error("--group-from-name", "cannot be combined with --group-column", "groups are defined by one of them");
  const NamePattern pattern(*options.group_from_name, "--group-from-name");
  std::vector<std::string> others;
  for (Found& found : source.found) {
    if (auto group = pattern(source.root, found.path)) found.group = std::move(*group);
    else others.push_back(printable(name_under(source.root, found.path)));
  }
  if (!others.empty())
    throw data_error(source.name,
                     fmt::format("{} of {} photos have names in which --group-from-name finds no group: {}", others.size(), source.found.size(),
                                 first_few(others, 3)),
                     "correct the expression, so that it fits every photo");
  source.groups = "--group-from-name";
}

std::vector<int> deal_units(std::span<const std::string> units, std::span<const std::vector<int>> classes, std::span<const double> shares,
                            uint64_t seed) {
  return Dealing(units_in_turn(units, classes, seed), shares).deal(units.size());
}

std::vector<std::string> units_of(std::span<const std::string> names, std::span<const Sample> samples) {
  std::vector<std::string> units;
  for (std::size_t i = 0; i < samples.size(); ++i) units.push_back(samples[i].group.empty() ? "photo " + names[i] : "group " + samples[i].group);
  return units;
}

std::vector<std::size_t> units_per_class(std::span<const std::string> units, std::span<const std::vector<int>> classes, std::size_t count) {
  std::vector<std::set<std::string_view>> of_class(count);
  for (std::size_t i = 0; i < units.size(); ++i)
    for (const int k : classes[i]) of_class[static_cast<std::size_t>(k)].insert(units[i]);
  std::vector<std::size_t> counts;
  for (const auto& some : of_class) counts.push_back(some.size());
  return counts;
}

bool has_groups(std::span<const Sample> samples) {
  return std::ranges::any_of(samples, [](const Sample& sample) { return !sample.group.empty(); });
}

std::string divided_groups(const Splits& splits, const std::string& what) {
  std::set<std::string_view> train, both;
  for (const Sample& sample : splits.train) train.insert(sample.group);
  for (const Sample& sample : splits.val)
    if (!sample.group.empty() && train.contains(sample.group)) both.insert(sample.group);
  if (both.empty()) return {};
  return fmt::format("groups of {} with photos both in training and in validation: {}; the accuracy on others may be lower", what, both.size());
}

}  // namespace graft::data
