#include "graft/search/index.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "folder.h"
#include "graft/base/error.h"
#include "graft/base/json.h"

namespace graft::search {
namespace {

namespace fs = std::filesystem;

class Indexes : public testing::Test {
 protected:
  static IndexInfo info() {
    return {.backbone = "squeezenet1_1:fire2",
            .weights_file = "w.pth",
            .weights_sha256 = std::string(64, 'a'),
            .preprocess = {.resize = 80, .crop = 64},
            .precision = engine::Precision::bf16,
            .mirror = true,
            .normalized = true,
            .paths = {"photos/a.jpg", "photos/b, \"c\".jpg"}};
  }
  static std::vector<float> values() { return {0.1F, -2, 3e-7F, 1.0F / 3, 5, 6e20F}; }

  template <class Act>
  std::string error_of(const Act& act) {
    try {
      act();
    } catch (const Error& e) {
      std::string text = e.what();
      for (std::size_t at; (at = text.find(folder_.path().string() + "/")) != std::string::npos;) text.erase(at, folder_.path().string().size() + 1);
      return text;
    }
    return "no error";
  }

  std::vector<std::string> names() const {
    std::vector<std::string> all;
    for (const auto& entry : fs::directory_iterator(folder_.path())) all.push_back(entry.path().filename());
    std::ranges::sort(all);
    return all;
  }

  TestFolder folder_;
};

TEST_F(Indexes, EveryFormatGivesBackWhatWasWritten) {
  for (const char* name : {"x.npy", "x.safetensors", "x.csv"}) {
    write_index(folder_ / name, info(), values(), 3);
    const Index index = read_index(folder_ / name);
    EXPECT_EQ(index.info.backbone, "squeezenet1_1:fire2");
    EXPECT_EQ(index.info.weights_file, "w.pth");
    EXPECT_EQ(index.info.weights_sha256, std::string(64, 'a'));
    EXPECT_EQ(index.info.preprocess, (data::Preprocess{.resize = 80, .crop = 64}));
    EXPECT_EQ(index.info.precision, engine::Precision::bf16);
    EXPECT_TRUE(index.info.mirror);
    EXPECT_TRUE(index.info.normalized);
    EXPECT_EQ(index.info.paths, info().paths);
    ASSERT_EQ(index.table.rows, 2U);
    EXPECT_TRUE(std::ranges::equal(index.table.values, values())) << name;
  }
  EXPECT_EQ(names(), (std::vector<std::string>{"x.csv", "x.csv.json", "x.npy", "x.npy.json", "x.safetensors"}));
  const auto text = read_file(folder_ / "x.csv");
  EXPECT_TRUE(as_text(text).starts_with("path,f0,f1,f2\nphotos/a.jpg,0.1,-2,")) << as_text(text);
}

TEST_F(Indexes, NothingIsReplacedUnasked) {
  EXPECT_EQ(error_of([&] { refuse_existing(folder_ / "x.txt", false); }), "x.txt: not an index by its name, expected .npy, .safetensors or .csv");
  refuse_existing(folder_ / "x.npy", false);
  write_file(folder_ / "x.npy.json", std::string_view("{}"));
  EXPECT_EQ(error_of([&] { refuse_existing(folder_ / "x.npy", false); }), "x.npy.json: already exists; choose another --out or pass --force");
  refuse_existing(folder_ / "x.npy", true);
  fs::create_directory(folder_ / "x.npy");
  EXPECT_EQ(error_of([&] { refuse_existing(folder_ / "x.npy", true); }), "x.npy: is a folder, expected a file or nothing; choose another --out");
}

TEST_F(Indexes, BothFilesOrNone) {
  fs::create_directories(folder_ / "x.npy" / "in the way");
  EXPECT_EQ(error_of([&] { write_index(folder_ / "x.npy", info(), values(), 3); }), "x.npy: cannot write: Is a directory");
  EXPECT_EQ(names(), std::vector<std::string>{"x.npy"});
}

TEST_F(Indexes, WhatIsNoIndex) {
  const std::string again = "; make the index again with `graft embed`";
  const auto read = [&](const char* name) { return error_of([&] { read_index(folder_ / name); }); };
  EXPECT_EQ(read("x.npy"), "x.npy: no such index; make one with `graft embed PHOTOS --out x.npy`");
  write_index(folder_ / "x.npy", info(), values(), 3);
  nlohmann::ordered_json json = read_json(folder_ / "x.npy.json");
  json["paths"].push_back("third.jpg");
  write_json(folder_ / "x.npy.json", json);
  EXPECT_EQ(read("x.npy"), "x.npy: 2 rows, but 3 paths" + again);
  json["normalized"] = "yes";
  write_json(folder_ / "x.npy.json", json);
  EXPECT_EQ(read("x.npy"), "x.npy.json: lacks the 'normalized' that `graft embed` writes" + again);
  write_file(folder_ / "x.npy.json", std::string_view("[]"));
  EXPECT_EQ(read("x.npy"), "x.npy.json: lacks the 'weights' that `graft embed` writes" + again);
  fs::remove(folder_ / "x.npy.json");
  EXPECT_EQ(read("x.npy"), "x.npy: no x.npy.json next to it, which names the network and the photos; keep both files that `graft embed` writes");

  write_index(folder_ / "x.csv", info(), values(), 3);
  write_file(folder_ / "x.csv", std::string_view("path,f0\na.jpg,1\nb.jpg,one\n"));
  EXPECT_EQ(read("x.csv"), "x.csv:3: 'one' in column f0, expected a number" + again);
  write_file(folder_ / "x.csv", std::string_view("path,f0\na.jpg,1,2\n"));
  EXPECT_EQ(read("x.csv"), "x.csv:2: column count 3, expected 2" + again);
  write_file(folder_ / "x.csv", std::string_view("path\n"));
  EXPECT_EQ(read("x.csv"), "x.csv: no rows of path,f0,f1 and so on" + again);

  write_file(folder_ / "x.safetensors", std::string("\x02\0\0\0\0\0\0\0{}", 10));
  EXPECT_EQ(read("x.safetensors"), "x.safetensors: no 'graft.index' in its metadata" + again);
}

}  // namespace
}  // namespace graft::search
