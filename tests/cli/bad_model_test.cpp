// Weights and models that are not what they should be.
#include <gtest/gtest.h>

#include <map>

#include "cli/program.h"

namespace graft {
namespace {

namespace fs = std::filesystem;

class BadModel : public testing::Test {
 protected:
  BadModel() { make_photos(folder_ / "photos", {"cat", "dog"}, 3); }

  void expect(const std::vector<std::string>& words, const std::string& line) {
    const Finished done = run(folder_, words);
    EXPECT_EQ(done.exit_code, 1);
    EXPECT_EQ(last_line(done), "graft: " + line + "\n");
  }

  /// graft fit with weights of these bytes fails with this line, which begins with the file's name.
  void expect_weights(std::string_view bytes, const std::string& line, const std::string& file = "w.safetensors") {
    write_file(folder_ / file, bytes);
    expect({"fit", "photos", "--out", "run", "--weights", file}, line);
    EXPECT_FALSE(fs::exists(folder_ / "run"));
  }

  static std::string safetensors(const std::string& header, std::size_t data) {
    std::string bytes;
    for (int i = 0; i < 8; ++i) bytes += static_cast<char>(header.size() >> (8 * i) & 255);
    return bytes + header + std::string(data, '\0');
  }

  TestFolder folder_;
};

TEST_F(BadModel, TruncatedWeights) {
  const auto whole = read_file(fs::path(GRAFT_DEPS) / "weights" / "efficientnet-lite0-57934424.pth");
  const Finished done = [&] {
    write_file(folder_ / "w.pth", Bytes(whole).first(whole.size() / 2));
    return run(folder_, {"fit", "photos", "--out", "run", "--weights", "w.pth"});
  }();
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_NE(done.err.find("bytes follow; the file is damaged; download or save it again"), std::string::npos) << done.err;
}

TEST_F(BadModel, WeightsOfAnotherArchitecture) {
  const fs::path lite = fs::path(GRAFT_DEPS) / "weights" / "efficientnet-lite0-57934424.pth";
  const Finished done = run(folder_, {"fit", "photos", "--out", "run", "--backbone", "resnet18", "--weights", lite.string()});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_NE(done.err.find("looks like efficientnet_lite0"), std::string::npos) << done.err;
}

TEST_F(BadModel, HostileSafetensors) {
  expect_weights(std::string("\0\0\0\0\0\0\0\x80{}", 10),
                 "w.safetensors: header length is 9223372036854775808, at most 100000000 expected; the file is damaged; download or save it again");
  expect_weights(
      safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[2],"data_offsets":[4,12]}})", 12),
      "w.safetensors: 'b' begins at byte 4 of the data, inside another tensor (which ends at 8); the file is damaged; download or save it again");
  expect_weights(safetensors(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})", 4),
                 "w.safetensors: 'a' ends at byte 8 of the data, the file has 4; the file is damaged; download or save it again");
  expect_weights(safetensors(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})", 8),
                 "w.safetensors: header has 'a' twice; the file is damaged; download or save it again");
}

TEST_F(BadModel, APickleWithCode) {
  // cos\nsystem\n(S'...'\ntR. of protocol 0 is how such files are written; the legacy magic makes it one of PyTorch's.
  const std::string legacy_magic("\x80\x02\x8a\nl\xfc\x9c\x46\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}q\x00.", 27);
  write_file(folder_ / "w.pth", legacy_magic + std::string("\x80\x02"
                                                           "cposix\nsystem\nX\x0a\0\0\0touch gone\x85R.",
                                                           34));
  const Finished done = run(folder_, {"fit", "photos", "--out", "run", "--weights", "w.pth"});
  EXPECT_EQ(done.exit_code, 1);
  EXPECT_NE(done.err.find("posix.system"), std::string::npos) << done.err;
  EXPECT_FALSE(fs::exists(folder_ / "gone"));
}

TEST_F(BadModel, ModelsThatAreNotWhole) {
  ASSERT_EQ(run(folder_, {"fit", "photos", "--out", "run", "-q"}).exit_code, 0);
  const auto whole = read_file(folder_ / "run" / "model.onnx");
  write_file(folder_ / "cut.onnx", Bytes(whole).first(whole.size() / 3));
  expect({"predict", "cut.onnx", "photos"}, "cut.onnx: truncated, or not an ONNX file; copy the file again");
  write_file(folder_ / "text.onnx", std::string_view("hello world, this is not a model"));
  expect({"predict", "text.onnx", "photos"}, "text.onnx: truncated, or not an ONNX file; copy the file again");

  // Another tool's file: the same network, its metadata under other names.
  std::string other(as_text(whole));
  for (std::size_t at = 0; (at = other.find("graft.", at)) != std::string::npos;) other[at] = 'd';
  write_file(folder_ / "other.onnx", std::string_view(other));
  expect({"eval", "other.onnx", "photos"},
         "other.onnx: no 'graft.labels' in its metadata, which graft writes into every model; use a model.onnx made by `graft fit`");
  fs::remove(folder_ / "run" / "model.onnx");
  expect({"eval", "run", "photos"}, "run: not a run folder: it holds no model.onnx; train one with `graft fit PHOTOS`");
}

}  // namespace
}  // namespace graft
