#include "graft/eval/by_group.h"

#include <algorithm>
#include <stdexcept>

#include "graft/eval/group_counts.h"
#include "graft/eval/paired.h"

namespace graft::eval {
namespace {

Proportion proportion(long part, long whole) { return {static_cast<double>(part), static_cast<double>(whole)}; }

GroupScore score_of(const std::string& name, const GroupCounts& counts, long fewest) {
  GroupScore score{.name = name, .photos = counts.photos, .compared = counts.photos >= fewest};
  score.accuracy = proportion(counts.right, counts.photos);
  score.balanced_accuracy = balanced_accuracy(counts);
  score.ece = calibration_error(counts);
  double answers = 0;
  for (const GroupCounts::Bin& bin : counts.bins) {
    score.confidence += bin.confidence;
    score.hits += static_cast<double>(bin.hits);
    answers += static_cast<double>(bin.count);
  }
  if (answers > 0) score.confidence /= answers, score.hits /= answers;
  for (std::size_t k = 0; k < counts.has.size(); ++k)
    score.classes.push_back({.recall = proportion(counts.both[k], counts.has[k]),
                             .false_alarms = proportion(counts.said[k] - counts.both[k], counts.photos - counts.has[k]),
                             .answers = proportion(counts.said[k], counts.photos)});
  return score;
}

void find_worst(ByAttribute& found) {
  for (std::size_t g = 0; g < found.groups.size(); ++g) {
    const GroupScore& group = found.groups[g];
    if (group.compared && (!found.worst || group.accuracy.value() < found.groups[*found.worst].accuracy.value())) found.worst = g;
    for (std::size_t k = 0; k < group.classes.size(); ++k) {
      const Proportion& recall = group.classes[k].recall;
      if (recall.whole < double{kFewestOfClass}) continue;
      const auto& worst = found.worst_class;
      if (!worst || recall.value() < found.groups[worst->group].classes[worst->which].recall.value()) found.worst_class = {g, k};
    }
  }
}

ByAttribute of_attribute(const PhotoFacts& facts, const data::Attribute& attribute, bool crossed, std::span<const std::string> class_names,
                         long fewest) {
  std::vector<GroupCounts> counts(attribute.values.size(), GroupCounts(class_names.size()));
  for (std::size_t i = 0; i < facts.rows; ++i) counts[static_cast<std::size_t>(attribute.of[i])].add(facts, i);
  ByAttribute found{.name = attribute.name, .crossed = crossed, .groups = {}, .gaps = {}};
  std::vector<bool> compared;
  for (std::size_t g = 0; g < counts.size(); ++g) {
    found.groups.push_back(score_of(attribute.values[g], counts[g], fewest));
    compared.push_back(found.groups.back().compared);
  }
  found.gaps = gaps_of(counts, compared, class_names);
  if (!found.gaps.empty() || !crossed) add_chance(facts, attribute.of, found.groups, found.gaps, class_names);
  find_worst(found);
  return found;
}

/// All gaps are one family of tests.
void adjust(std::vector<ByAttribute>& attributes) {
  std::vector<Gap*> all;
  std::vector<double> p;
  for (ByAttribute& attribute : attributes)
    for (Gap& gap : attribute.gaps) all.push_back(&gap), p.push_back(gap.p);
  const std::vector<double> adjusted = holm(p);
  for (std::size_t i = 0; i < all.size(); ++i) all[i]->adjusted = adjusted[i];
}

}  // namespace

ByGroup by_group(const Truth& truth, std::span<const float> probabilities, std::span<const std::string> class_names,
                 std::span<const data::Attribute> attributes, long fewest) {
  if (truth.rows == 0 || probabilities.size() != truth.rows * class_names.size())
    throw std::logic_error("by_group: sizes of probabilities, truth and class names do not agree");
  const PhotoFacts facts = facts_of(truth, probabilities, class_names.size());
  ByGroup found{.fewest = fewest, .classes = {class_names.begin(), class_names.end()}, .attributes = {}};
  for (const data::Attribute& attribute : attributes) {
    if (attribute.of.size() != truth.rows) throw std::logic_error("by_group: groups of other photos");
    found.attributes.push_back(of_attribute(facts, attribute, false, class_names, fewest));
  }
  for (std::size_t a = 0; a < attributes.size(); ++a)
    for (std::size_t b = a + 1; b < attributes.size(); ++b) {
      ByAttribute both = of_attribute(facts, data::crossed(attributes[a], attributes[b]), true, class_names, fewest);
      if (!both.gaps.empty()) found.attributes.push_back(std::move(both));
    }
  adjust(found.attributes);
  return found;
}

}  // namespace graft::eval
