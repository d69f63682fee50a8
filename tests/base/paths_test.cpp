#include "graft/base/paths.h"

#include <gtest/gtest.h>

#include "folder.h"

namespace graft {
namespace {

namespace fs = std::filesystem;

class Paths : public testing::Test {
 protected:
  Paths() : before_(fs::current_path()) {
    fs::create_directories(folder_ / "photos/cat");
    fs::create_directories(folder_ / "elsewhere/deep");
    fs::create_directory_symlink(folder_ / "elsewhere/deep", folder_ / "link");
    fs::current_path(folder_.path());
    here_ = fs::current_path();
  }
  ~Paths() override { fs::current_path(before_); }

  TestFolder folder_;
  fs::path before_, here_;
};

TEST_F(Paths, AFileNamesOthersFromItsFolder) {
  const PathsIn run("runs/a");  // which is not there
  EXPECT_EQ(run.name_of("photos/cat/1.jpg"), "../../photos/cat/1.jpg");
  EXPECT_EQ(run.name_of("./photos/"), "../../photos");
  EXPECT_EQ(run.name_of("runs/a/model.onnx"), "model.onnx");
  EXPECT_EQ(run.name_of("."), "../..");
  EXPECT_EQ(run.name_of("/data/photos"), "/data/photos");
  EXPECT_EQ(run.name_of(""), "");
  EXPECT_EQ(PathsIn("").name_of("photos"), "photos");
}

TEST_F(Paths, NamesComeBackFromAnyFolder) {
  EXPECT_EQ(PathsIn("runs/a").path_of("../../photos/cat/1.jpg"), "photos/cat/1.jpg");
  EXPECT_EQ(PathsIn("runs/a").path_of("/data/photos"), "/data/photos");
  EXPECT_EQ(PathsIn("runs/a").path_of(""), "");
  fs::current_path("photos/cat");
  EXPECT_EQ(PathsIn("../../runs/a").path_of("../../photos/cat/1.jpg"), "1.jpg");
  EXPECT_EQ(PathsIn(here_ / "runs/a").path_of("../../other/1.jpg"), here_ / "other/1.jpg");
}

TEST_F(Paths, LinksLeadWhereTheyDo) {
  EXPECT_EQ(PathsIn("link/run").name_of("photos"), "../../../photos");
  EXPECT_EQ(PathsIn("link/run").path_of("../../../photos"), "photos");
  EXPECT_EQ(PathsIn("runs").name_of("link/1.jpg"), "../link/1.jpg") << "as it was called";
  EXPECT_EQ(PathsIn("runs").name_of("link/../1.jpg"), "../elsewhere/1.jpg");
}

}  // namespace
}  // namespace graft
