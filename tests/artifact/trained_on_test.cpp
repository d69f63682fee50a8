#include "graft/artifact/trained_on.h"

#include <gtest/gtest.h>

#include "error_text.h"
#include "folder.h"
#include "graft/base/files.h"

namespace graft::artifact {
namespace {

class TrainedOn : public ::testing::Test {
 protected:
  TrainedOn() { write_file(folder_ / "model.onnx", std::string_view("no matter what")); }
  std::optional<std::vector<Hash128>> read(std::string_view content) {
    write_file(folder_ / kTrainedOn, content);
    return read_trained_on(folder_.path());
  }
  const TestFolder folder_;
};

TEST_F(TrainedOn, ReadsWhatItWritesSortedAndOnce) {
  const Hash128 a{1, ~uint64_t{0}}, b{0x0102030405060708, 9};
  EXPECT_EQ(read(trained_on_npy({b, a, b})), (std::vector<Hash128>{a, b}));
  EXPECT_EQ(read_trained_on(folder_ / "model.onnx"), (std::vector<Hash128>{a, b}));
  EXPECT_EQ(read(trained_on_npy({})), std::vector<Hash128>());
}

TEST_F(TrainedOn, IsNumPysAndHasTheBytesOfADigest) {
  const std::string file = trained_on_npy({{0x0102030405060708, 0x090a0b0c0d0e0f10}});
  EXPECT_NE(file.find("{'descr': '|u1', 'fortran_order': False, 'shape': (1, 16), }"), std::string::npos);
  EXPECT_EQ(file.substr(file.size() - 16), "\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10");
}

TEST_F(TrainedOn, NotThereOrDamaged) {
  EXPECT_EQ(read_trained_on(folder_.path()), std::nullopt);
  const std::string whole = trained_on_npy({{1, 2}, {3, 4}});
  std::string floats = whole;
  floats.replace(floats.find("|u1"), 3, "<f4");
  for (const std::string& bad : {whole.substr(0, whole.size() - 1), whole + "x", floats, whole.substr(0, 20), std::string()})
    EXPECT_TRUE(test::error_of([&] { read(bad); }).starts_with("data: " + (folder_ / kTrainedOn).string() + ": ")) << bad.size();
  EXPECT_EQ(test::error_of([&] { read(floats); }), "data: " + (folder_ / kTrainedOn).string() +
                                                       ": is damaged, expected one uint8 row of 16 for each training photo; remove it: graft eval "
                                                       "then cannot say which photos were trained on");
}

}  // namespace
}  // namespace graft::artifact
