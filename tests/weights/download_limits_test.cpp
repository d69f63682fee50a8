// What a download trusts, refuses and waits for, against a server of the test's own.
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <atomic>
#include <thread>

#include "weights/downloads.h"

namespace graft::weights {
namespace {

class Limits : public Downloads {};

TEST_F(Limits, FollowsRedirectsToHttpsOnly) {
  server_.on("/a", {{.status = 302, .headers = {"Location: " + server_.url("/w.pth")}}});
  server_.on("/w.pth", {{.body = body_}});
  EXPECT_EQ(get("/a").bytes, body_.size());
  server_.on("/plain", {{.status = 302, .headers = {"Location: http://127.0.0.1:1/w.pth"}}});
  fs::remove(to_);
  EXPECT_EQ(error("/plain"),
            "data: " + url("/plain") + ": the server redirects to http://127.0.0.1:1/w.pth, expected https://; " + by_hand("/plain"));
  server_.on("/round", {{.status = 302, .headers = {"Location: /round"}}});
  EXPECT_EQ(error("/round"), "data: " + url("/round") + ": Maximum (10) redirects followed; " + by_hand("/round"));
  EXPECT_EQ(error_of([&] { download("http://127.0.0.1/w.pth", to_, options_); }),
            "data: http://127.0.0.1/w.pth: not fetched: expected an address that begins with https://");
  EXPECT_TRUE(files().empty());
}

TEST_F(Limits, NobodyThere) {
  const std::string port = std::to_string(closed_port()), nowhere = "https://127.0.0.1:" + port + "/w.pth";
  options_.publisher = "https://example.org/w.pth";
  EXPECT_EQ(error_of([&] { download(nowhere, to_, options_); }),
            "data: cannot reach 127.0.0.1: Connection refused; without a network put the file w.pth from https://example.org/w.pth into " +
                to_.parent_path().string());
  environment_.set("https_proxy", "http://127.0.0.1:" + port);
  EXPECT_EQ(error_of([&] { download("https://weights.example.org/w.pth", to_, options_); }),
            "data: cannot reach weights.example.org: Connection refused; without a network put the file w.pth from https://example.org/w.pth into " +
                to_.parent_path().string());
  environment_.set("no_proxy", "127.0.0.1");
  server_.on("/w.pth", {{.body = body_}});
  EXPECT_EQ(get().attempts, 1);
}

TEST_F(Limits, OnlyTrustedCertificates) {
  server_.on("/w.pth", {{.body = body_}});
  const std::string hint = "; if a proxy has its own certificate, name its CA file in SSL_CERT_FILE";
  const std::string local = server_.url("/w.pth", "localhost");  // the certificate is for 127.0.0.1
  EXPECT_EQ(error_of([&] { download(local, to_, options_); }),
            "data: " + local +
                ": the server's certificate is not trusted: SSL: no alternative certificate subject name matches target host name "
                "'localhost'" +
                hint);
  const HttpsServer stranger;
  EXPECT_EQ(error_of([&] { download(stranger.url("/w.pth"), to_, options_); }),
            "data: " + stranger.url("/w.pth") +
                ": the server's certificate is not trusted: SSL certificate problem: unable to get local issuer certificate" + hint);
  EXPECT_TRUE(server_.requests().empty() && stranger.requests().empty());
  EXPECT_TRUE(files().empty());
}

TEST_F(Limits, TheHubTellsTheHash) {
  options_.sha256 = {};
  const auto hub = [&](const std::string& tag) {
    server_.on("/hub", {{.status = 302, .headers = {"X-Linked-Etag: \"" + tag + "\"", "Location: /w.pth"}}});
  };
  server_.on("/w.pth", {{.body = body_, .headers = {"ETag: \"cdn\""}, .send = 1000}, {.body = body_, .headers = {"ETag: \"cdn\""}}});
  hub(sha256_);
  EXPECT_EQ(get("/hub").resumed, 1000U);
  expect_whole();
  fs::remove(to_);
  hub(std::string(64, 'a'));
  EXPECT_EQ(error("/hub"), "data: " + url("/hub") + ": expected SHA-256 " + std::string(64, 'a') + ", got " + sha256_ +
                               "; the download was discarded; try again, and do not use the file if it happens twice");
  hub(std::string(40, 'a'));  // git's hash of a small file
  EXPECT_EQ(error("/hub"), "data: " + url("/hub") + ": neither the server nor graft knows its SHA-256, so it cannot be checked");
  EXPECT_TRUE(files().empty());
  options_.unchecked = true;
  EXPECT_EQ(get("/hub").sha256, sha256_);
}

TEST_F(Limits, TooMuchIsRefusedBeforeItComes) {
  server_.on("/w.pth", {{.body = body_, .length = "1000000000000"}});
  EXPECT_EQ(error(), "data: " + url() + ": has " + human_bytes(1000000000000) + ", expected at most 16 GiB");
  options_.size_limit = UINT64_MAX;
  server_.on("/w.pth", {{.body = body_, .length = "1000000000000000000"}});
  const std::string full = error();
  EXPECT_TRUE(full.starts_with("data: " + to_.parent_path().string() + ": has ")) << full;
  EXPECT_TRUE(full.ends_with(" free, w.pth needs " + human_bytes(1000000000000000000) + " more; free space on that disk or choose another place"))
      << full;
  options_.size_limit = 1000;
  server_.on("/w.pth", {{.body = body_}});
  EXPECT_EQ(error(), "data: " + url() + ": has " + human_bytes(300000) + ", expected at most " + human_bytes(1000));
  EXPECT_TRUE(files().empty());
}

TEST_F(Limits, TwoAtOnceFetchItOnce) {
  server_.on("/w.pth", {{.body = body_}});
  std::atomic<int> fetched = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) threads.emplace_back([&] { fetched += get().attempts; });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(fetched, 1);
  EXPECT_EQ(server_.requests().size(), 1U);
  expect_whole();
}

TEST_F(Limits, WaitsForAnotherProcess) {
  server_.on("/w.pth", {{.body = body_}});
  write_file(to_.parent_path() / "w.pth.part", "x");
  const std::string part = to_.string() + ".part";
  const int fd = ::open(part.c_str(), O_RDWR);
  ASSERT_EQ(::flock(fd, LOCK_EX), 0);
  options_.sha256 = sha256_hex(as_bytes("brought by the other"));
  DownloadResult result{.attempts = 1};
  std::thread waiting([&] { result = get(); });
  write_file(to_, "brought by the other");
  fs::remove(part);
  ::close(fd);
  waiting.join();
  EXPECT_EQ(result.attempts, 0);
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(Limits, AFolderThatCannotBeMade) {
  write_file(folder_ / "weights", "a file");
  EXPECT_EQ(error(), "data: " + (folder_ / "weights").string() + ": cannot create: Not a directory");
}

}  // namespace
}  // namespace graft::weights
