// RUN/support.safetensors.
#include <gtest/gtest.h>

#include "error_text.h"
#include "folder.h"
#include "graft/weights/file/safetensors.h"
#include "shots/made_support.h"

namespace graft::shots {
namespace {

Kept made_kept() {
  Kept kept{.support = made_support({"wasps", "ants"}, {2, 3}), .hashes = {}, .rule = RuleChoice::ridge, .centre = Centre::support, .seed = 7};
  for (std::size_t i = 0; i < 5; ++i) kept.hashes.push_back({9 - i, i});
  return kept;
}

/// As a run folder has it.
TestFolder& with_model(TestFolder& folder) {
  write_file(folder / "model.onnx", std::string_view("not looked at"));
  return folder;
}

TEST(Kept, ComesBackAsItWas) {
  TestFolder folder;
  write_kept(with_model(folder).path(), made_kept());
  const Kept back = read_kept(folder.path()), kept = made_kept();
  EXPECT_EQ(back.support.classes, kept.support.classes);
  EXPECT_EQ(back.support.labels, kept.support.labels);
  EXPECT_EQ(back.support.values, kept.support.values);
  EXPECT_EQ(back.support.width, kept.support.width);
  EXPECT_EQ(back.hashes, kept.hashes);
  EXPECT_EQ(back.rule, RuleChoice::ridge);
  EXPECT_EQ(back.centre, Centre::support);
  EXPECT_EQ(back.seed, 7U);
}

TEST(Kept, IsSortedByClassNameThenHash) {
  Kept kept = made_kept();
  const std::vector<float> values = kept.support.values;
  sort(kept);
  EXPECT_EQ(kept.support.classes, (std::vector<std::string>{"ants", "wasps"}));
  EXPECT_EQ(kept.support.labels, (std::vector<int>{0, 0, 0, 1, 1}));
  EXPECT_EQ(kept.hashes, (std::vector<Hash128>{{5, 4}, {6, 3}, {7, 2}, {8, 1}, {9, 0}}));
  EXPECT_EQ(kept.support.values[0], values[4 * 12]);
  EXPECT_EQ(kept.support.values[4 * 12], values[0]);
}

TEST(Kept, ARunOfFitHasNone) {
  TestFolder folder;
  const std::string name = with_model(folder).path().string();
  EXPECT_EQ(test::error_of([&] { read_kept(folder.path()); }),
            "data: " + name +
                ": contains no support.safetensors, in which `graft shots` keeps what is needed to add classes; it was trained by `graft fit`: train "
                "it again with all photos, including those of the new class");
}

TEST(Kept, DamageIsTold) {
  TestFolder folder;
  with_model(folder);
  const std::string file = (folder / kSupportFile).string();
  const std::vector<float> values(24);
  const std::string good = R"({"classes":["a","b"],"labels":[0,1],"hashes":["00000000000000000000000000000001","00000000000000000000000000000002"],)"
                           R"("rule":"auto","centre":"none","seed":0})";
  const auto said = [&](const std::string& json) {
    const weights::NamedTensor features{"features", {2, 12}, values};
    weights::write_safetensors(file, std::span(&features, 1), {{"graft.shots", json}});
    return test::error_of([&] { read_kept(folder.path()); });
  };
  EXPECT_EQ(said(good), "no error");
  for (const auto& [from, to] : {std::pair{"[0,1]", "[0,2]"},
                                 {"[0,1]", "[0,0]"},
                                 {"[0,1]", "[0,1,1]"},
                                 {"auto", "best"},
                                 {"none", "middle"},
                                 {"002\"", "02\""},
                                 {"002\"", "00g\""},
                                 {"\"seed\"", "\"weed\""},
                                 {"[\"a\",\"b\"]", "\"a\""},
                                 {"}", ""}}) {
    std::string bad = good;
    bad.replace(bad.find(from), std::string(from).size(), to);
    EXPECT_EQ(said(bad), "data: " + file + ": is damaged, or from another graft; make the run again with `graft shots`") << to;
  }
}

}  // namespace
}  // namespace graft::shots
