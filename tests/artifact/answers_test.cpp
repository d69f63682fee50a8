#include "graft/artifact/answers.h"

#include <gtest/gtest.h>

#include "graft/eval/evaluation.h"

namespace graft::artifact {
namespace {

const std::vector<std::string> kNames{"ant", "a \"bee\""};

/// As the model of this card says it.
std::string csv_of(const std::vector<data::Sample>& samples, const std::vector<float>& p, const ModelCard& card, const char* folder) {
  return answers_csv(samples, p, trust::decide_all(card.trust, card.task, card.labels.size(), p, p), card, folder);
}

TEST(AnswersCsv, TheWorstComesFirstWithEveryProbabilityAndItsLoss) {
  const std::vector<data::Sample> samples{{"photos/z.jpg", 0}, {"photos/b,c.jpg", 1}, {"photos/a.jpg", 0}, {"/data/x.jpg", 1}};
  const std::vector<float> p{0.75F, 0.25F, 0.75F, 0.25F, 0.75F, 0.25F, 0, 1};
  EXPECT_EQ(csv_of(samples, p, {.labels = kNames}, "runs/a"),
            "path,label,predicted,probability,loss,probability of ant,\"probability of a \"\"bee\"\"\"\n"
            "\"../../photos/b,c.jpg\",\"a \"\"bee\"\"\",ant,0.750000,1.386294,0.750000,0.250000\n"
            "../../photos/a.jpg,ant,ant,0.750000,0.287682,0.750000,0.250000\n"
            "../../photos/z.jpg,ant,ant,0.750000,0.287682,0.750000,0.250000\n"
            "/data/x.jpg,\"a \"\"bee\"\"\",\"a \"\"bee\"\"\",1.000000,0.000000,0.000000,1.000000\n");
  EXPECT_NEAR(eval::evaluate(p, std::vector<int>{0, 1, 0, 1}, kNames).log_loss, (1.386294 + 2 * 0.287682) / 4, 1e-6) << "the mean of the column";
}

TEST(AnswersCsv, OfSeveralClassesAPhoto) {
  const std::vector<data::Sample> samples{{"1.jpg", -1, 1, {0, 1}}, {"2.jpg", -1, 1, {}}};
  const std::vector<float> p{0.5F, 0.5F, 0.25F, 0.5F};
  EXPECT_EQ(csv_of(samples, p, {.labels = {"a", "b"}, .task = data::MultiLabel{}}, ""),
            "path,label,predicted,loss,probability of a,probability of b\n"
            "1.jpg,a;b,a;b,0.693147,0.500000,0.500000\n"
            "2.jpg,,b,0.490415,0.250000,0.500000\n");
}

TEST(MovedAnswers, NamesPhotosFromTheOtherFolder) {
  EXPECT_EQ(moved_answers("path,label\n\"../../a,b.jpg\",x\n/data/1.jpg,y\n", "runs/a", "runs", "t.csv"),
            "path,label\n\"../a,b.jpg\",x\n/data/1.jpg,y\n");
}

}  // namespace
}  // namespace graft::artifact
