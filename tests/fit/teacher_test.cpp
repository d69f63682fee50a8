#include "graft/fit/more/teacher.h"

#include <gtest/gtest.h>

#include "folder.h"
#include "graft/artifact/model.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/fit/more/activations.h"
#include "graft/graph/builder.h"

namespace graft::fit {
namespace {

/// A model that averages a picture and knows these classes.
void write_model(const std::filesystem::path& file, const std::vector<std::string>& labels) {
  graph::Graph graph{.name = "small"};
  graph::Builder b(graph);
  b.stage("head");
  b.linear("head", apply(graph::GlobalAveragePool{}, {b.input({3, 32, 32})}), {.out = static_cast<int64_t>(labels.size())});
  for (graph::Parameter& p : graph.parameters)
    p.tensor = graph::Tensor::copy_of(std::vector<float>(static_cast<std::size_t>(graph::element_count(p.shape)), 0.5F));
  write_file(file, artifact::to_onnx(graph, {.labels = labels, .preprocess = {}, .provenance = nlohmann::ordered_json::object()}));
}

class Teacher : public testing::Test {
 protected:
  std::string message(const std::vector<std::string>& labels) {
    write_model(folder_ / "model.onnx", labels);
    try {
      check_teacher(folder_ / "model.onnx", {"ant", "bee", "cat"});
    } catch (const Error& e) {
      return std::string(e.what()).substr((folder_ / "model.onnx").string().size());
    }
    return "no error";
  }
  TestFolder folder_;
};

TEST_F(Teacher, HasTheSameClassesInTheSameOrder) {
  const std::string hint = "; a teacher has the classes of the photos, in their order";
  EXPECT_EQ(message({"ant", "bee", "cat"}), "no error");
  EXPECT_EQ(message({"ant", "bee"}), ": does not know the class 'cat' of the photos" + hint);
  EXPECT_EQ(message({"ant", "bee", "cat", "dog"}), ": has a class 'dog', which the photos do not have" + hint);
  EXPECT_EQ(message({"ant", "cat", "bee"}), ": has its classes in another order: 'cat' where the photos have 'bee'" + hint);
}

TEST_F(Teacher, IsAskedOnce) {
  const std::vector<data::Sample> photos{{.path = "gone.jpg", .label = 0}, {.path = "gone-too.jpg", .label = 1}};
  const std::vector<float> kept{1, 2, 3, 4, 5, 6};
  const std::filesystem::path file = folder_ / "teacher";
  Activations::store(file, 2, 3, false, 2, [&](std::size_t, std::size_t, std::span<float> out) { std::copy(kept.begin(), kept.end(), out.begin()); });
  std::size_t done = 0;
  EXPECT_EQ(teacher_logits("nowhere", photos, 3, file, 1, [&](std::size_t n) { done += n; }), kept);
  EXPECT_EQ(done, 2U);
}

}  // namespace
}  // namespace graft::fit
