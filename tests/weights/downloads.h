// What the tests of downloads share: a server, a file that it gives, a folder to put it into.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "error_text.h"
#include "folder.h"
#include "graft/base/files.h"
#include "graft/base/hash.h"
#include "graft/base/text.h"
#include "graft/weights/fetch/download.h"
#include "weights/https_server.h"

namespace graft::weights {

namespace fs = std::filesystem;
using test::error_of;

inline std::string made_body(std::size_t size, unsigned seed = 1) {
  std::string body(size, '\0');
  for (char& c : body) c = static_cast<char>((seed = seed * 1664525U + 1013904223U) >> 24U);
  return body;
}

class Downloads : public testing::Test {
 protected:
  Downloads() {
    server_.write_authority(folder_ / "ca.pem");
    environment_.set("SSL_CERT_FILE", (folder_ / "ca.pem").string());
  }

  DownloadResult get(const std::string& path = "/w.pth") { return download(server_.url(path), to_, options_); }
  std::string error(const std::string& path = "/w.pth") {
    return error_of([&] { get(path); });
  }
  std::string url(const std::string& path = "/w.pth") const { return server_.url(path); }
  std::string by_hand(const std::string& path = "/w.pth") const {
    return "put the file w.pth from " + url(path) + " into " + to_.parent_path().string();
  }

  static std::string content(const fs::path& path) {
    const auto bytes = read_file(path);
    return std::string(as_text(bytes));
  }
  std::vector<std::string> files() const {
    std::vector<std::string> names;
    if (fs::exists(to_.parent_path()))
      for (const auto& entry : fs::directory_iterator(to_.parent_path())) names.push_back(entry.path().filename());
    std::sort(names.begin(), names.end());
    return names;
  }
  void expect_whole() const {
    EXPECT_EQ(files(), std::vector<std::string>{"w.pth"});
    EXPECT_TRUE(content(to_) == body_);
  }

  TestFolder folder_;
  Environment environment_;
  HttpsServer server_;
  const std::string body_ = made_body(300000), sha256_ = sha256_hex(as_bytes(body_));
  const fs::path to_ = folder_ / "weights" / "w.pth";
  DownloadOptions options_{.sha256 = sha256_, .attempts = 3, .first_wait = std::chrono::milliseconds(0)};
};

}  // namespace graft::weights
