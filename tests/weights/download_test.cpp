// Downloads that are cut, slow, busy or of a file that changes, against a server of the test's own.
#include "weights/downloads.h"

namespace graft::weights {
namespace {

TEST_F(Downloads, FetchesChecksAndTellsProgress) {
  server_.on("/w.pth", {{.body = body_}});
  uint64_t last = 0;
  options_.progress = [&](uint64_t done, uint64_t total) {
    EXPECT_GE(done, last);
    EXPECT_EQ(total, body_.size());
    last = done;
  };
  options_.sha256 = sha256_.substr(0, 8);
  const DownloadResult result = get();
  EXPECT_EQ(result.sha256, sha256_);
  EXPECT_EQ(result.bytes, body_.size());
  EXPECT_EQ(result.attempts, 1);
  EXPECT_EQ(last, body_.size());
  expect_whole();
}

TEST_F(Downloads, WhatIsThereAndRightIsLeft) {
  write_file(to_, body_);
  EXPECT_EQ(get().attempts, 0);
  EXPECT_TRUE(server_.requests().empty());
  write_file(to_, "something else");
  server_.on("/w.pth", {{.body = body_}});
  EXPECT_EQ(get().attempts, 1);
  expect_whole();
}

TEST_F(Downloads, AWrongHashLeavesNothing) {
  server_.on("/w.pth", {{.body = "not the weights"}});
  EXPECT_EQ(error(), "data: " + url() + ": expected SHA-256 " + sha256_ + ", got " + sha256_hex(as_bytes("not the weights")) +
                         "; the download was discarded; try again, and do not use the file if it happens twice");
  EXPECT_TRUE(files().empty());
  EXPECT_EQ(server_.requests().size(), 1U);
}

TEST_F(Downloads, ACutConnectionGoesOnWhereItEnded) {
  server_.on("/w.pth", {{.body = body_, .send = 100000}, {.body = body_, .send = 50000}, {.body = body_}});
  const DownloadResult result = get();
  EXPECT_EQ(result.attempts, 3);
  EXPECT_EQ(result.resumed, 150000U);
  expect_whole();
  EXPECT_EQ(server_.requests()[0].find("Range"), std::string::npos);
  EXPECT_NE(server_.requests()[1].find("\r\nRange: bytes=100000-\r\n"), std::string::npos);
  EXPECT_NE(server_.requests()[2].find("\r\nRange: bytes=150000-\r\n"), std::string::npos);
}

TEST_F(Downloads, ThePartStaysForTheNextCall) {
  server_.on("/w.pth", {{.body = body_, .headers = {"ETag: \"one\""}, .send = 100000}});
  options_.attempts = 1;
  EXPECT_EQ(error(), "data: " + url() + ": the connection was lost after " + human_bytes(100000) + " of " + human_bytes(300000) +
                         "; run it again: it continues where it stopped");
  EXPECT_EQ(files(), (std::vector<std::string>{"w.pth.part", "w.pth.part.from"}));
  server_.on("/w.pth", {{.body = body_, .headers = {"ETag: \"one\""}}});
  EXPECT_EQ(get().resumed, 100000U);
  EXPECT_NE(server_.requests()[1].find("\r\nIf-Range: \"one\"\r\n"), std::string::npos);
  expect_whole();
}

TEST_F(Downloads, AFileThatChangedIsFetchedFromTheStart) {
  const std::string other = made_body(300000, 2);
  // The tag tells it, or the size, or only the hash at the end.
  for (const bool tagged : {true, false})
    for (const std::size_t size : {300000, 299999}) {
      server_.on("/w.pth", {{.body = other.substr(0, size), .headers = {tagged ? "ETag: \"old\"" : "X: y"}, .send = 100000},
                            {.body = body_, .headers = {tagged ? "ETag: \"new\"" : "X: y"}}});
      EXPECT_EQ(get().resumed, 0U);
      expect_whole();
      fs::remove(to_);
    }
}

TEST_F(Downloads, ARestOfAnotherFileIsNotPutBehindThePart) {
  // A server that does not look at If-Range; there is no sum that would tell it in the end.
  options_.sha256 = {};
  options_.unchecked = true;
  for (const auto& [etag, size] : {std::pair("\"two\"", "300000"), std::pair("\"one\"", "300001")}) {
    const std::string range = std::string("Content-Range: bytes 100000-299999/") + size;
    server_.on("/w.pth", {{.body = made_body(300000, 2), .headers = {"ETag: \"one\""}, .send = 100000},
                          {.status = 206, .body = body_.substr(100000), .headers = {std::string("ETag: ") + etag, range}},
                          {.body = body_}});
    EXPECT_EQ(get().attempts, 3);
    expect_whole();
    fs::remove(to_);
  }
}

TEST_F(Downloads, AServerWithoutRangesStartsAgain) {
  server_.on("/w.pth", {{.body = body_, .send = 100000}, {.body = body_, .ranges = false}});
  const DownloadResult result = get();
  EXPECT_EQ(result.attempts, 2);
  EXPECT_EQ(result.resumed, 0U);
  expect_whole();
}

TEST_F(Downloads, AWholePartIsOnlyChecked) {
  write_file(to_.parent_path() / "w.pth.part", body_);
  server_.on("/w.pth", {{.body = body_}});
  EXPECT_EQ(get().attempts, 1);  // answered by 416
  expect_whole();
  fs::remove(to_);
  write_file(to_.parent_path() / "w.pth.part", body_ + "more");
  EXPECT_EQ(get().attempts, 2);
  expect_whole();
}

TEST_F(Downloads, NothingUncheckedIsGoneOnWith) {
  write_file(to_.parent_path() / "w.pth.part", "of an unknown file");
  server_.on("/w.pth", {{.body = body_}});
  options_.sha256 = {};
  options_.unchecked = true;
  EXPECT_EQ(get().sha256, sha256_);
  expect_whole();
}

TEST_F(Downloads, ServersInTroubleAreAskedAgain) {
  server_.on("/w.pth", {{.status = 500}, {.status = 429, .headers = {"Retry-After: 0"}}, {.body = body_}});
  EXPECT_EQ(get().attempts, 3);
  expect_whole();
  fs::remove(to_);
  server_.on("/w.pth", {{.status = 503}});
  EXPECT_EQ(error(), "data: " + url() + ": the server answers 503; try again later");
  EXPECT_EQ(server_.requests().size(), 6U);
  server_.on("/w.pth", {{.status = 429, .headers = {"Retry-After: 3600"}}});
  EXPECT_EQ(error(), "data: " + url() + ": the server answers 429 and asks to wait 3600 s; try again then");
  EXPECT_EQ(server_.requests().size(), 7U);
  EXPECT_TRUE(files().empty());
}

TEST_F(Downloads, AnAnswerThatStaysIsNotAskedForAgain) {
  EXPECT_EQ(error(), "data: " + url() + ": the server has no such file (404); look for it elsewhere and " + by_hand());
  server_.on("/w.pth", {{.status = 403}});
  EXPECT_EQ(error(), "data: " + url() + ": the server answers 403; " + by_hand());
  EXPECT_EQ(server_.requests().size(), 2U);
  EXPECT_TRUE(files().empty());
}

TEST_F(Downloads, AServerThatStallsIsLeft) {
  server_.on("/w.pth", {{.body = body_, .send = 1, .stall = true}});
  options_.attempts = 1;
  options_.stall = std::chrono::seconds(1);
  EXPECT_EQ(error(), "data: " + url() + ": too slow: almost nothing arrived for 1 s, after 1 B of " + human_bytes(300000) +
                         "; run it again: it continues where it stopped");
  EXPECT_EQ(content(to_.string() + ".part"), body_.substr(0, 1));
}

TEST_F(Downloads, StoppedInTheMiddleThePartStays) {
  server_.on("/w.pth", {{.body = body_}});
  options_.progress = [](uint64_t done, uint64_t) {
    if (done > 100000) throw Interrupted();  // as Ctrl-C does
  };
  EXPECT_THROW(get(), Interrupted);
  const uint64_t kept = fs::file_size(to_.string() + ".part");
  EXPECT_GT(kept, 100000U);
  options_.progress = {};
  EXPECT_EQ(get().resumed, kept);
  expect_whole();
}

}  // namespace
}  // namespace graft::weights
