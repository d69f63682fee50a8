// Policies against torchvision's tables and operations, and what is drawn from them.
#include "graft/data/policy.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "image/augment_goldens.h"

namespace graft::data {
namespace {

using image::Border;

nlohmann::json policy_goldens(const char* section) { return image::augment_goldens("data/policy_goldens.json", section); }

Operation operation_of(const nlohmann::json& number) { return static_cast<Operation>(number.get<int>()); }

Policy policy_named(const std::string& name) {
  const std::map<std::string, Policy> names = {{"randaugment", Policy::randaugment},
                                               {"trivial", Policy::trivial},
                                               {"autoaugment", Policy::autoaugment},
                                               {"augmix", Policy::augmix}};
  return names.at(name);
}

TEST(Policy, OperationsAndMagnitudesAreTorchvisions) {
  std::map<std::string, std::vector<Operation>> seen;
  for (const auto& row : policy_goldens("magnitudes")) {
    const Policy policy = policy_named(row.at("policy"));
    const Operation operation = operation_of(row.at("operation"));
    seen[row.at("policy")].push_back(operation);
    EXPECT_EQ(is_signed(operation), row.at("signed").get<bool>()) << row;
    const auto wanted = row.at("levels").get<std::vector<double>>();
    for (int level = 0; level < levels(policy); ++level) {
      const double value = magnitude_of(policy, operation, level, 224, 160);
      const double expected = wanted.empty() ? 0 : wanted.at(static_cast<size_t>(level));
      EXPECT_FLOAT_EQ(static_cast<float>(value), static_cast<float>(expected)) << row;
      EXPECT_EQ(std::trunc(value), std::trunc(expected)) << row << " as whole pixels";
    }
    EXPECT_TRUE(wanted.empty() || wanted.size() == static_cast<size_t>(levels(policy)));
  }
  EXPECT_EQ(seen.size(), 4U);
  for (const auto& [name, list] : seen) EXPECT_EQ(operations(policy_named(name)), list) << name;
}

TEST(Policy, StepsEqualTorchvisionWithinOneLevel) {
  const nlohmann::json rows = policy_goldens("steps");
  EXPECT_EQ(rows.size(), 5U * 200 + 10 * 30);
  for (const auto& row : rows) {
    image::Image picture = image::golden_input(row);
    apply(Step{operation_of(row.at("operation")), row.at("magnitude")}, picture.pixels, picture.width, Border::constant,
          row.at("fill").get<image::Rgb>());
    if (row.contains("rgb")) image::expect_near(picture.pixels, row);
    else image::expect_same(picture.pixels, row);
  }
}

TEST(Policy, MixturesEqualTorchvisionWithinOneLevel) {
  const nlohmann::json rows = policy_goldens("mixtures");
  EXPECT_EQ(rows.size(), 200U);
  for (const auto& row : rows) {
    Mixture mixture{{}, row.at("shares").get<std::vector<float>>()};
    for (const auto& steps : row.at("chains")) {
      Chain& chain = mixture.chains.emplace_back();
      for (const auto& step : steps) chain.push_back({operation_of(step.at(0)), step.at(1)});
    }
    image::Image picture = image::golden_input(row);
    apply(mixture, picture.pixels, picture.width, Border::constant, {});
    image::expect_near(picture.pixels, row);
  }
}

constexpr int kDraws = 20000;

template <class Look>
void each_draw(const PolicySettings& settings, const Look& look) {
  for (uint64_t stream = 0; stream < kDraws; ++stream) {
    Rng rng(11, stream);
    look(draw_policy(settings, 224, 224, rng));
  }
}

TEST(Policy, RandAugmentDrawsItsOperationsAtOneStrength) {
  std::map<Operation, int> count;
  int negative = 0;
  each_draw({.policy = Policy::randaugment, .ops = 3, .magnitude = 15}, [&](const Mixture& mixture) {
    ASSERT_EQ(mixture.chains.size(), 1U);
    ASSERT_EQ(mixture.chains[0].size(), 3U);
    EXPECT_TRUE(mixture.shares.empty());
    for (const Step& step : mixture.chains[0]) {
      ++count[step.operation];
      EXPECT_EQ(std::abs(step.magnitude), magnitude_of(Policy::randaugment, step.operation, 15, 224, 224));
      negative += step.magnitude < 0;
    }
  });
  EXPECT_EQ(count.size(), 14U);
  for (const auto& [operation, times] : count) EXPECT_NEAR(times, 3 * kDraws / 14.0, 0.05 * kDraws / 14 * 3) << static_cast<int>(operation);
  EXPECT_NEAR(negative, 3 * kDraws * 9 / 28.0, 0.02 * kDraws) << "half of the nine with a sign";
}

TEST(Policy, TrivialAugmentDrawsOneOperationOfAnyStrength) {
  std::map<Operation, std::set<double>> strengths;
  each_draw({.policy = Policy::trivial}, [&](const Mixture& mixture) {
    ASSERT_EQ(mixture.chains.at(0).size(), 1U);
    strengths[mixture.chains[0][0].operation].insert(mixture.chains[0][0].magnitude);
  });
  EXPECT_EQ(strengths.size(), 14U);
  EXPECT_EQ(strengths[Operation::rotate].size(), 61U) << "31 levels on both sides, 0 once";
  EXPECT_EQ(strengths[Operation::posterise], (std::set<double>{2, 3, 4, 5, 6, 7, 8}));
  EXPECT_EQ(strengths[Operation::equalise], std::set<double>{0});
}

TEST(Policy, AutoAugmentDrawsThePairsOfImageNetAsOftenAsSaid) {
  using Steps = std::vector<std::pair<Operation, double>>;
  std::map<Steps, double> wanted, seen;
  for (const auto& pair : policy_goldens("imagenet"))
    for (const bool first : {false, true})
      for (const bool second : {false, true}) {
        Steps steps;
        double share = 1.0 / 25;
        for (const auto& [done, likely] : {std::pair{first, pair.at(0)}, {second, pair.at(1)}}) {
          const Operation operation = operation_of(likely.at(0));
          const double chance = likely.at(1);
          if (done) steps.emplace_back(operation, magnitude_of(Policy::autoaugment, operation, likely.at(2), 224, 224));
          share *= done ? chance : 1 - chance;
        }
        wanted[steps] += share;
      }
  each_draw({.policy = Policy::autoaugment}, [&](const Mixture& mixture) {
    Steps steps;
    for (const Step& step : mixture.chains.at(0)) steps.emplace_back(step.operation, std::abs(step.magnitude));
    seen[steps] += 1.0 / kDraws;
  });
  for (const auto& [steps, share] : wanted) EXPECT_NEAR(seen[steps], share, 0.008) << steps.size() << " steps";
  for (const auto& [steps, share] : seen) EXPECT_TRUE(share == 0 || wanted.contains(steps)) << steps.size() << " steps";
}

TEST(Policy, AugMixDrawsChainsAndShares) {
  std::map<size_t, int> lengths;
  double first = 0, second = 0;
  each_draw({.policy = Policy::augmix, .severity = 2}, [&](const Mixture& mixture) {
    ASSERT_EQ(mixture.chains.size(), 3U);
    ASSERT_EQ(mixture.shares.size(), 4U);
    float sum = 0;
    for (const float share : mixture.shares) sum += share;
    EXPECT_NEAR(sum, 1, 1e-5F);
    first += mixture.shares[0] / kDraws;
    second += mixture.shares[0] * mixture.shares[0] / kDraws;
    for (const Chain& chain : mixture.chains) {
      ++lengths[chain.size()];
      for (const Step& step : chain)
        EXPECT_LE(std::abs(step.magnitude),
                  magnitude_of(Policy::augmix, step.operation,
                               step.operation == Operation::solarise || step.operation == Operation::posterise ? 0 : 1, 224, 224));
    }
  });
  EXPECT_NEAR(first, 0.5, 0.01);
  EXPECT_NEAR(second - first * first, 1 / 12.0, 0.005) << "Beta(1, 1) is uniform";
  EXPECT_EQ(lengths.size(), 3U);
  for (const auto& [length, times] : lengths) EXPECT_NEAR(times, kDraws, 0.03 * kDraws) << length;
  for (const double alpha : {0.3, 4.0}) {  // variance of Beta(a, a): 1 / (4 (2 a + 1))
    first = second = 0;
    each_draw({.policy = Policy::augmix, .width = 2, .depth = 5, .alpha = alpha}, [&](const Mixture& mixture) {
      first += mixture.shares[0] / kDraws;
      second += mixture.shares[0] * mixture.shares[0] / kDraws;
      EXPECT_EQ(mixture.chains.at(1).size(), 5U);
    });
    EXPECT_NEAR(second - first * first, 1 / (4 * (2 * alpha + 1)), 0.005) << alpha;
  }
}

}  // namespace
}  // namespace graft::data
