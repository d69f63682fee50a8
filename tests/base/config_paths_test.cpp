#include "graft/base/config_paths.h"

#include <gtest/gtest.h>

#include <optional>

#include "folder.h"
#include "graft/base/files.h"

namespace graft {
namespace {

namespace fs = std::filesystem;

struct Sample {
  fs::path data;
  std::optional<fs::path> out, val;
  std::string backbone = "resnet18", note;

  void fields(FieldList& v) {
    v.positional("data", data, "photos");
    v("out", out, "folder");
    v("val", val, "photos");
    v("backbone", backbone, "a name or a file");
    v("note", note, "any text");
  }
};

/// In a folder of its own, with photos/ and conf/.
class ConfigPaths : public testing::Test {
 protected:
  ConfigPaths() : before_(fs::current_path()) {
    fs::create_directories(folder_ / "photos");
    fs::create_directories(folder_ / "conf");
    fs::current_path(folder_.path());
    here_ = fs::current_path();
  }
  ~ConfigPaths() override { fs::current_path(before_); }

  Sample read(const std::string& toml, const std::vector<std::string>& flags = {}, const std::string& file = "conf/a.toml") {
    write_file(here_ / "conf/a.toml", toml);
    std::vector<std::string> words{"--config", file};
    words.insert(words.end(), flags.begin(), flags.end());
    return configure<Sample>({"graft", "", {}}, words).values;
  }

  TestFolder folder_;
  fs::path before_, here_;
};

TEST_F(ConfigPaths, AreMeantFromTheFileThatNamesThem) {
  const std::string toml = "data = \"../photos\"\nout = \"../runs/a\"\nval = \"/data/val\"\nbackbone = \"../net.onnx\"\nnote = \"../photos\"\n";
  Sample c = read(toml);
  EXPECT_EQ(c.data, "photos");
  EXPECT_EQ(c.out, "runs/a");
  EXPECT_EQ(c.val, "/data/val");
  EXPECT_EQ(c.backbone, "net.onnx");
  EXPECT_EQ(c.note, "../photos");
  fs::create_directory("elsewhere");
  fs::current_path("elsewhere");
  c = read(toml, {"--out", "b"}, "../conf/a.toml");
  EXPECT_EQ(c.data, here_ / "photos");
  EXPECT_EQ(c.out, "b") << "a word of the command line";
}

TEST_F(ConfigPaths, WhatOnlyTheCurrentFolderHasIsMeantFromThere) {
  EXPECT_EQ(read("data = \"photos\"\n").data, "photos") << "an earlier graft wrote it";
  fs::create_directories("conf/photos");
  EXPECT_EQ(read("data = \"photos\"\n").data, "conf/photos");
}

TEST_F(ConfigPaths, AConfigIsWrittenForItsFolderAndReadFromAnother) {
  auto asked =
      configure<Sample>({"graft", "", {}}, std::vector<std::string>{"photos/", "--out", "runs/a", "--backbone", "net.onnx", "--note", "x # y"});
  const std::string toml = toml_text(written_in("runs/a", asked));
  EXPECT_EQ(toml,
            "data = \"../../photos\"  # flag\nout = \".\"  # flag\nval = \"auto\"  # default\nbackbone = \"../../net.onnx\"  # flag\n"
            "note = \"x # y\"  # flag\n");
  EXPECT_EQ(moved_toml(list_fields(asked.values), toml, "runs/a", "runs"),
            "data = \"../photos\"  # flag\nout = \"a\"  # flag\nval = \"auto\"  # default\nbackbone = \"../net.onnx\"  # flag\n"
            "note = \"x # y\"  # flag\n");
  write_file("runs/a/config.toml", toml);
  fs::current_path("conf");
  const Sample again = configure<Sample>({"graft", "", {}}, std::vector<std::string>{"--config", "../runs/a/config.toml"}).values;
  EXPECT_EQ(again.data, here_ / "photos");
  EXPECT_EQ(again.out, here_ / "runs/a");
  EXPECT_EQ(again.backbone, here_ / "net.onnx");
  EXPECT_FALSE(again.val);
}

TEST_F(ConfigPaths, ARecordTooUnlessTheCommandLineSaysSo) {
  Configured<Sample> c = configure<Sample>({"graft", "", {}}, std::vector<std::string>{"photos"});
  c.values.val = "../val-of-mine";
  c.origins.insert_or_assign("val", Origin{Source::file, "x"});
  take_paths(list_fields(c.values), c.origins, "runs/a");
  EXPECT_EQ(c.values.data, "photos");
  EXPECT_EQ(c.values.val, "runs/val-of-mine");
}

}  // namespace
}  // namespace graft
