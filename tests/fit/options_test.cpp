// What is known of an option stands with it: for each option, as it must be.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "graft/fit/job/config.h"

namespace graft::fit {
namespace {

bool is_choice(const Field& field, const std::string& value) { return std::ranges::find(field.choices, value) != field.choices.end(); }

TEST(FitOptions, RulesForValuesNameValuesThatThereAre) {
  FitConfig config;
  for (const Field& field : list_fields(config))
    for (const ForValues* rule : {&field.by_steps, &field.one_class_only})
      for (const std::string& value : rule->only) EXPECT_TRUE(is_choice(field, value)) << field.name << " " << value;
}

/// A new option of training that forgets its rule would be taken beside a head that is solved for, without a word.
TEST(FitOptions, ThoseOfTrainingAreOfTrainingBySteps) {
  const std::set<std::string> others = {"imbalance", "effective-beta", "checkpoint-minutes"};
  train::TrainConfig training;
  data::AugmentOptions augment;
  std::vector<Field> fields = list_fields(training);
  std::ranges::move(list_fields(augment), std::back_inserter(fields));
  ASSERT_GT(fields.size(), 80U);
  for (const Field& field : fields) EXPECT_EQ(field.by_steps.any, !others.contains(field.name)) << field.name;
}

TEST(FitOptions, OfTheRunMeansNoNumberOfTheResult) {
  FitConfig config;
  for (const Field& field : list_fields(config)) {
    EXPECT_FALSE(field.no_effect_on_result && (field.by_steps.any || !field.usual.empty())) << field.name;
    EXPECT_FALSE(field.by_content && field.no_effect_on_result) << field.name;
  }
}

}  // namespace
}  // namespace graft::fit
