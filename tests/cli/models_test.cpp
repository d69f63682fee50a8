// `graft models`: the list with its order and limits, and the table of parameters.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <functional>
#include <sstream>

#include "cli/program.h"
#include "graft/base/text.h"

namespace graft {
namespace {

using Json = nlohmann::json;
using Words = std::vector<std::string>;

class Models : public testing::Test {
 protected:
  Finished models(Words words) {
    words.insert(words.begin(), "models");
    return run(folder_, words);
  }
  std::string out(const Words& words) {
    const Finished done = models(words);
    EXPECT_EQ(done.exit_code, 0) << done.err;
    EXPECT_EQ(done.err, "");
    return done.out;
  }
  Json json(Words words) {
    words.emplace_back("--json");
    return Json::parse(out(words));
  }
  Words names(const Words& words) {
    Words names;
    for (const Json& row : json(words)) names.push_back(row["name"]);
    return names;
  }
  void expect_error(const Words& words, const std::string& line) { expect_refused(models(words), 2, line); }
  /// Nothing on standard output, and a remark that ends like this.
  void expect_nothing(const Words& words, const std::string& end) {
    const Finished done = models(words);
    EXPECT_EQ(done.exit_code, 0);
    EXPECT_EQ(done.out, "");
    EXPECT_TRUE(done.err.starts_with("none of ") && done.err.ends_with(" networks is left; " + end + "\n")) << done.err;
  }
  /// "without --family vgg there are 25": what `others` list.
  std::string without(const std::string& option, const Words& others) {
    const std::size_t count = names(others).size();
    return "without " + option + " there " + (count == 1 ? "is 1" : "are " + std::to_string(count));
  }
  TestFolder folder_;
};

/// The lines with every run of spaces as one, none at the ends.
Words lines_of(const std::string& text) {
  Words lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    std::istringstream words(line);
    std::string joined;
    for (std::string word; words >> word;) joined += (joined.empty() ? "" : " ") + word;
    lines.push_back(joined);
  }
  return lines;
}

bool has(const Words& lines, const std::string& line) { return std::find(lines.begin(), lines.end(), line) != lines.end(); }

TEST_F(Models, TheListHasALineForEachNetwork) {
  const Words lines = lines_of(out({})), all = names({});
  ASSERT_EQ(lines.size(), all.size() + 1);
  EXPECT_EQ(lines[0], "name parameters GMACs MB features input top-1 license weights");
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_TRUE(lines[i + 1].starts_with(all[i] + " ")) << lines[i + 1];
  const auto resnet18 = std::find_if(lines.begin(), lines.end(), [](const std::string& line) { return line.starts_with("resnet18 "); });
  ASSERT_NE(resnet18, lines.end());
  EXPECT_TRUE(resnet18->starts_with("resnet18 11,689,512 1.81 46.8 512 224 69.8 BSD-3-Clause ")) << *resnet18;
}

TEST_F(Models, SortsByAnyColumn) {
  const std::vector<std::pair<std::string, std::function<double(const Json&)>>> columns{
      {"parameters", [](const Json& row) { return row["parameters"].get<double>(); }},
      {"macs", [](const Json& row) { return row["multiply_adds"].get<double>(); }},
      {"size", [](const Json& row) { return row["bytes"].get<double>(); }},
      {"features", [](const Json& row) { return row["features"].get<double>(); }},
      {"top1", [](const Json& row) { return row["weights"][0]["top1"].get<double>(); }}};
  const Words all = names({});
  for (const auto& [column, value] : columns) {
    const Json rows = json({"--sort", column});
    EXPECT_EQ(rows.size(), all.size());
    EXPECT_TRUE(std::is_sorted(rows.begin(), rows.end(), [&value = value](const Json& a, const Json& b) { return value(a) < value(b); })) << column;
  }
  Words sorted = names({"--sort", "name"}), reversed = names({"--sort", "name", "--reverse"});
  EXPECT_TRUE(std::is_sorted(sorted.begin(), sorted.end()));
  std::reverse(reversed.begin(), reversed.end());
  EXPECT_EQ(sorted, reversed);
}

TEST_F(Models, LimitsLeaveWhatPassesAll) {
  EXPECT_EQ(names({"--family", "squeezenet"}), (Words{"squeezenet1_0", "squeezenet1_1"}));
  EXPECT_EQ(names({"--family", "squeezenet", "--min-top1", "58.1"}), Words{"squeezenet1_1"});
  EXPECT_EQ(names({"--family", "squeezenet", "--max-gmacs", "0.5"}), Words{"squeezenet1_1"});
  EXPECT_EQ(names({"--family", "squeezenet", "--max-parameters", "1.24M"}), Words{"squeezenet1_1"});
  EXPECT_EQ(names({"--family", "squeezenet", "--max-parameters", "1240k"}), Words{"squeezenet1_1"});
  EXPECT_EQ(names({"--family", "squeezenet", "--max-parameters", "1235496"}), Words{"squeezenet1_1"});
  EXPECT_EQ(lines_of(out({"--family", "squeezenet"})).size(), 3U);
}

TEST_F(Models, HereAreThoseWithWeightsInTheCache) {
  expect_nothing({"--here", "--family", "alexnet"}, without("--family alexnet", {"--here"}) + ", without --here there is 1");
  write_file(folder_ / ".cache/weights/alexnet-owt-7be5be79.pth", "x");
  EXPECT_EQ(names({"--here", "--family", "alexnet"}), Words{"alexnet"});
  EXPECT_TRUE(lines_of(out({"--family", "alexnet"}))[1].ends_with("BSD-3-Clause here"));
  write_file(folder_ / ".cache/weights/resnet50-11ad3fa6.pth", "x");
  EXPECT_EQ(names({"--here", "--family", "resnet"}), Words{"resnet50"});
  EXPECT_TRUE(lines_of(out({"--here", "--family", "resnet"}))[1].ends_with("BSD-3-Clause IMAGENET1K_V2 here"));
}

TEST_F(Models, NothingLeftSaysWhatWouldBe) {
  expect_nothing({"--family", "resnet", "--max-parameters", "1M"}, "--max-parameters 11689512 would leave resnet18");
  expect_nothing({"--family", "squeezenet", "--max-gmacs", "0.1"},
                 without("--family squeezenet", {"--max-gmacs", "0.1"}) + ", --max-gmacs 0.35 would leave squeezenet1_1");
  expect_nothing({"--family", "vgg", "--min-top1", "75", "--max-parameters", "200M"},
                 without("--family vgg", {"--min-top1", "75", "--max-parameters", "200M"}) + ", --min-top1 74.218 would leave vgg19_bn");
  expect_nothing({"--family", "vgg", "--min-top1", "99", "--max-parameters", "1k"}, "leave out two or more limits");
  const Finished as_json = models({"--min-top1", "99", "--max-parameters", "1k", "--json", "--quiet"});
  EXPECT_EQ(as_json.exit_code, 0);
  EXPECT_EQ(as_json.out, "[]\n");
  EXPECT_EQ(as_json.err, "");
}

TEST_F(Models, OneNetworkOtherWeightsOrAPart) {
  EXPECT_GE(json({"resnet50"})["weights"].size(), 2U);
  const Json part = json({"resnet50.IMAGENET1K_V2:layer3"});
  EXPECT_EQ(part["name"], "resnet50.IMAGENET1K_V2:layer3");
  EXPECT_EQ(part["features"], 1024);
  EXPECT_EQ(part["preprocess"]["resize"], 232);
  ASSERT_EQ(part["weights"].size(), 1U);
  EXPECT_EQ(part["weights"][0]["tag"], "IMAGENET1K_V2");
  EXPECT_EQ(part["stages"].back()["name"], "head");
  EXPECT_TRUE(has(lines_of(out({"vgg16:block3"})), "block3 1,475,328 256x28x28"));
}

TEST_F(Models, ParamsIsTheJourneyOfEachParameter) {
  const Words lines = lines_of(out({"resnet18", "--params", "--strategy", "partial", "--unfreeze", "layer4", "--weight-decay", "0.01"}));
  ASSERT_EQ(lines.size(), 1 + 102 + 2U) << "header, 62 parameters and 40 running statistics, an empty line, the sum";
  EXPECT_EQ(lines[0], "name shape stage state lr scale decay");
  for (const char* line : {"conv1.weight 64x3x7x7 stem frozen - -", "layer3.1.bn2.weight 256 layer3 frozen - -",
                           "layer4.0.conv1.weight 512x256x3x3 layer4 trains 1 0.01", "layer4.0.bn1.weight 512 layer4 trains 1 0",
                           "layer4.0.bn1.running_mean 512 layer4 fixed - -", "layer4.0.downsample.0.weight 512x256x1x1 layer4 trains 1 0.01",
                           "fc.weight 1000x512 head trains 1 0.01", "fc.bias 1000 head trains 1 0"})
    EXPECT_TRUE(has(lines, line)) << line;
  EXPECT_EQ(lines.back(), "partial: trains 8,906,728 of 11,689,512 parameters in layer4, head");
}

TEST_F(Models, ParamsOfOtherStrategies) {
  const Words gradual = lines_of(out({"resnet18", "--params", "--strategy", "gradual", "--unfreeze", "2", "--every", "3", "--lr-decay", "0.5",
                                      "--head-lr", "10", "--batch-norm", "live", "--classes", "4"}));
  for (const char* line : {"layer2.0.conv1.weight 128x64x3x3 layer2 frozen - -", "layer3.0.conv1.weight 256x128x3x3 layer3 from epoch 6 0.25 0.0005",
                           "layer4.0.bn1.bias 512 layer4 from epoch 3 0.5 0", "layer4.0.bn1.running_var 512 layer4 live from 3 - -",
                           "fc.weight 4x512 head trains 10 0.0005"})
    EXPECT_TRUE(has(gradual, line)) << line;
  EXPECT_EQ(gradual.back(), "gradual: trains 10,495,492 of 11,178,564 parameters in layer3, layer4, head");
  EXPECT_EQ(lines_of(out({"squeezenet1_1", "--params", "--strategy", "head"})).back(), "head: trains 513,000 of 1,235,496 parameters in head");
  EXPECT_TRUE(has(lines_of(out({"resnet18", "--params", "--strategy", "full", "--decay-norms"})), "bn1.running_mean 64 stem live - -"));
}

TEST_F(Models, ParamsAsJson) {
  const Json j = json({"resnet18", "--params"});
  EXPECT_EQ(j["strategy"], "partial");
  EXPECT_EQ(j["first_trainable"], "layer4");
  EXPECT_EQ(j["trained_count"], 8906728);
  EXPECT_EQ(j["parameters"].size(), 102U);
  EXPECT_EQ(j["parameters"][0], Json::parse(R"({"name": "conv1.weight", "shape": [64, 3, 7, 7], "stage": "stem", "state": "frozen", "trains": false,
                                                "lr_scale": 0.0, "weight_decay": 0.0, "why": "stem is frozen"})"));
  EXPECT_EQ(j["groups"][1], Json::parse(R"({"name": "layer4 without decay", "lr_scale": 1.0, "weight_decay": 0.0, "parameters": 10})"));
}

TEST_F(Models, MistakesGetTheNextStep) {
  expect_error(
      {"--family", "resent"}, "--family resent: no such family, expected one of " + [&] {
        Words families;
        for (const Json& row : json({})) families.push_back(row["family"]);
        std::sort(families.begin(), families.end());
        families.erase(std::unique(families.begin(), families.end()), families.end());
        return first_few(families, families.size());
      }() + "; did you mean resnet?");
  expect_error({"--max-parameters", "10X"}, "--max-parameters 10X: expected a number above 0, optionally followed by k, M or G; for instance 10M");
  expect_error({"--max-parameters", "M"}, "--max-parameters M: expected a number above 0, optionally followed by k, M or G; for instance 10M");
  expect_error({"--sort", "sise"}, "--sort sise: expected family, name, parameters, macs, size, features or top1; did you mean size?");
  expect_error({"--max-gmacs", "0"}, "--max-gmacs 0: expected above 0");
  expect_error({"resnet18", "--here"}, "--here: is for the list of all networks; leave out resnet18");
  expect_error({"--params"}, "--params: needs a network's name; for instance graft models resnet18 --params");
  expect_error({"resnet18", "--unfreeze", "layer4"}, "--unfreeze: is for --params; for instance graft models resnet18 --params");
  expect_error({"--classes", "3"}, "--classes: is for --params; for instance graft models resnet18 --params");
  expect_error({"resnet18", "--params", "--unfreeze", "layr4"},
               "resnet18: no stage 'layr4', expected one of 'stem', 'layer1', 'layer2', 'layer3', 'layer4', 'head'; did you mean layer4?");
  expect_error({"resnet18", "--params", "--strategy", "parital"},
               "--strategy parital: expected head, partial, full, gradual or scratch; did you mean partial?");
  expect_error({"resnet50.IMAGENET1K_V3"},
               "backbone 'resnet50.IMAGENET1K_V3': resnet50 has no weights with that tag; did you mean resnet50.IMAGENET1K_V1?");
}

}  // namespace
}  // namespace graft
