// graft weights list and get, and fit --download, by the real program against a server of the test's own.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "graft/base/hash.h"
#include "weights/https_server.h"

namespace graft {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSqueezeNet = "squeezenet1_1-b8a52dc0.pth";
const std::string kPublisher = std::string("https://download.pytorch.org/models/") + kSqueezeNet;

class WeightsGet : public testing::Test {
 protected:
  WeightsGet() {
    server_.write_authority(folder_ / "ca.pem");
    environment_.set("SSL_CERT_FILE", (folder_ / "ca.pem").string());
    environment_.set("GRAFT_WEIGHTS_MIRROR", server_.url("/w"));
  }
  void expect_error(const std::vector<std::string>& words, const std::string& line, int exit_code = 1) {
    const Finished done = run(folder_, words);
    EXPECT_EQ(done.exit_code, exit_code);
    EXPECT_EQ(last_line(done), "graft: " + line + "\n");
    EXPECT_EQ(done.out, "");
  }
  std::string cache() const { return (folder_ / ".cache" / "weights").string(); }

  TestFolder folder_;
  Environment environment_;
  HttpsServer server_;
};

TEST_F(WeightsGet, FetchesTellsThePathAndDoesItOnce) {
  const std::string file = "efficientnet-lite0-57934424.pth";
  const auto bytes = read_file(fs::path(GRAFT_DEPS) / "weights" / file);
  server_.on("/w/" + file, {{.body = std::string(as_text(bytes))}});
  const Finished first = run(folder_, {"weights", "get", "efficientnet_lite0", "--to", "w"});
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_EQ(first.out, "w/" + file + "\n");
  EXPECT_TRUE(first.err.starts_with(file + ": 19 MB\n" + file + ": 19 MB in ")) << first.err;
  EXPECT_EQ(listing(folder_ / "w"), std::vector<std::string>{file});
  EXPECT_EQ(sha256_hex(read_file(folder_ / ("w/" + file))), sha256_hex(bytes));
  const Finished again = run(folder_, {"weights", "get", "efficientnet_lite0.IMAGENET1K", "--to", "w", "--json"});
  EXPECT_EQ(again.err, file + ": is here already\n");
  EXPECT_EQ(nlohmann::json::parse(again.out),
            nlohmann::json::parse(R"([{"name": "efficientnet_lite0.IMAGENET1K", "path": "w/)" + file + R"(", "sha256": ")" + sha256_hex(bytes) +
                                  R"(", "bytes": 18826032, "was_here": true}])"));
  EXPECT_EQ(server_.requests().size(), 1U);
}

TEST_F(WeightsGet, AWrongFileAndNoFile) {
  server_.on(std::string("/w/") + kSqueezeNet, {{.body = "made"}});
  const std::string url = server_.url(std::string("/w/") + kSqueezeNet);
  expect_error({"weights", "get", "squeezenet1_1", "-q"}, url + ": expected SHA-256 b8a52dc0, got " + sha256_hex(as_bytes("made")).substr(0, 8) +
                                                              "; the download was discarded; try again, and do not use the file if it happens twice");
  EXPECT_TRUE(listing(cache()).empty());
  server_.on(std::string("/w/") + kSqueezeNet, {{.status = 404}});
  const std::string none =
      url + ": the server has no such file (404); look for it elsewhere and put the file " + kSqueezeNet + " from " + kPublisher + " into ";
  expect_error({"weights", "get", "squeezenet1_1"}, none + cache());
  expect_error({"weights", "get", "squeezenet1_1", "--to", "w"}, none + "w");
  make_photos(folder_ / "photos", {"cat", "dog"}, 3);
  expect_error({"fit", "photos", "--out", "run", "--backbone", "squeezenet1_1", "--download"}, none + cache());
  EXPECT_FALSE(fs::exists(folder_ / "run"));
}

TEST_F(WeightsGet, NobodyThere) {
  environment_.set("GRAFT_WEIGHTS_MIRROR", "https://127.0.0.1:" + std::to_string(closed_port()));
  expect_error({"weights", "get", "squeezenet1_1"}, std::string("cannot reach 127.0.0.1: Connection refused; without a network put the file ") +
                                                        kSqueezeNet + " from " + kPublisher + " into " + cache());
}

TEST_F(WeightsGet, FitWithoutDownloadAsksNobody) {
  make_photos(folder_ / "photos", {"cat", "dog"}, 3);
  expect_error({"fit", "photos", "--out", "run", "--backbone", "squeezenet1_1"},
               std::string("squeezenet1_1: its weights ") + kSqueezeNet + " are not in '" + GRAFT_DEPS + "/weights', '" + cache() +
                   "'; `graft weights get squeezenet1_1` fetches them; or put the file from " + kPublisher +
                   " into one of the folders, or pass --weights FILE");
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(WeightsGet, MistakesGetTheNextStep) {
  expect_error({"weights", "gte"}, "weights gte: no such command; did you mean `graft weights get`?", 2);
  expect_error({"weights", "frobnicate"}, "weights frobnicate: no such command; see `graft weights --help`", 2);
  expect_error({"weights", "get"}, "names: missing; usage: graft weights get NAMES... [options]", 2);
  // Nothing is fetched before every name is known.
  expect_error({"weights", "get", "squeezenet1_1", "resnet81"}, "backbone 'resnet81': no such network; did you mean resnet18?", 2);
  environment_.set("GRAFT_WEIGHTS_MIRROR", "http://files.example.org");
  expect_error({"weights", "get", "squeezenet1_1"}, "GRAFT_WEIGHTS_MIRROR=http://files.example.org: expected https://HOST/PATH", 2);
  EXPECT_TRUE(server_.requests().empty());
}

TEST_F(WeightsGet, ListsEverySourceAndWhereItLies) {
  write_file(fs::path(cache()) / kSqueezeNet, "1234");
  const auto all = nlohmann::json::parse(run(folder_, {"weights", "list", "--json"}).out),
             here = nlohmann::json::parse(run(folder_, {"weights", "list", "--here", "--json"}).out);
  EXPECT_GT(all.size(), here.size());
  const auto row = std::ranges::find_if(here, [](const auto& r) { return r["name"] == "squeezenet1_1.IMAGENET1K_V1"; });
  ASSERT_NE(row, here.end());
  EXPECT_EQ((*row)["path"], cache() + "/" + kSqueezeNet);
  EXPECT_EQ((*row)["bytes"], 4);
  EXPECT_EQ((*row)["url"], kPublisher);
  for (const auto& r : here) EXPECT_EQ(r["here"], true);
  const std::string table = run(folder_, {"weights", "list"}).out;
  EXPECT_EQ(static_cast<std::size_t>(std::ranges::count(table, '\n')), all.size() + 1);
  EXPECT_NE(table.find("not here"), std::string::npos);
  EXPECT_EQ(run(folder_, {"weights", "list", "--here"}).out.find("not here"), std::string::npos);
}

TEST_F(WeightsGet, HelpIsAsInTheGoldens) {
  for (const std::string command : {"", "list", "get"}) {
    std::vector<std::string> words{"weights"};
    if (!command.empty()) words.push_back(command);
    words.push_back("--help");
    const Finished done = run(folder_, words);
    EXPECT_EQ(done.exit_code, 0);
    const std::string name = command.empty() ? "weights" : "weights_" + command;
    const auto golden = read_file(GRAFT_TESTS "/cli/goldens/" + name + ".txt");
    EXPECT_EQ(done.out, as_text(golden)) << "if the change is meant: graft " << words[0] << " " << command << " --help > tests/cli/goldens/" << name
                                         << ".txt";
  }
}

}  // namespace
}  // namespace graft
