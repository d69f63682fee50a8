// graft weights info, convert and verify, by the real program.
#include <gtest/gtest.h>

#include <bit>
#include <limits>
#include <nlohmann/json.hpp>

#include "cli/program.h"
#include "graft/base/hash.h"
#include "graft/engine/engine.h"
#include "graft/models/registry.h"
#include "graft/onnx/write.h"
#include "graft/weights/file/safetensors.h"
#include "graft/weights/load.h"
#include "graft/weights/torch/pth_write.h"
#include "models/rule.h"

namespace graft {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

const fs::path kLite0 = fs::path(GRAFT_DEPS) / "weights" / "efficientnet-lite0-57934424.pth";

class WeightsFiles : public testing::Test {
 protected:
  void expect_error(const std::vector<std::string>& words, int exit_code, const std::string& line) {
    expect_refused(run(folder_, words), exit_code, line);
  }

  /// Two small tensors, of which the bias may be no number.
  void write_small(const std::string& name, float bias = 1, const std::map<std::string, std::string>& metadata = {{"note", "tiny"}}) {
    const std::vector<float> weight{1, 2, 3, 4, 5, 6}, other{bias, 2};
    const std::vector<weights::NamedTensor> tensors{{"fc.weight", {2, 3}, weight}, {"fc.bias", {2}, other}};
    weights::write_safetensors(folder_ / name, tensors, metadata);
  }

  void write_squeezenet(const std::string& name, int64_t classes) {
    graph::Graph graph = models::find("squeezenet1_1").build(classes, 224);
    rule::fill(graph);
    std::vector<weights::NamedTensor> tensors;
    for (const graph::Parameter& p : graph.parameters) tensors.push_back({p.name, p.shape, p.tensor.values});
    weights::write_safetensors(folder_ / name, tensors, {});
  }

  /// "pixels" by rule, and "logits".
  void write_reference(const std::string& name, Size size, const std::vector<float>& logits) {
    const std::vector<uint8_t> pixels = rule::picture(size);
    const std::string head =
        json{{"logits", {{"dtype", "F32"}, {"shape", {logits.size()}}, {"data_offsets", {0, 4 * logits.size()}}}},
             {"pixels",
              {{"dtype", "U8"}, {"shape", {size.height, size.width, 3}}, {"data_offsets", {4 * logits.size(), 4 * logits.size() + pixels.size()}}}}}
            .dump();
    std::string file(8, '\0');
    for (int i = 0; i < 8; ++i) file[static_cast<std::size_t>(i)] = static_cast<char>(head.size() >> (8 * i));
    file += head;
    file.append(reinterpret_cast<const char*>(logits.data()), 4 * logits.size());
    file.append(pixels.begin(), pixels.end());
    write_file(folder_ / name, std::string_view(file));
  }

  std::string fits(const fs::path& file) {
    const Finished done = run(folder_, {"weights", "info", file.string(), "--brief"});
    EXPECT_EQ(done.exit_code, 0) << done.err;
    const std::size_t at = done.out.find("fits        ") + 12;
    return done.out.substr(at, done.out.find('\n', at) - at);
  }

  TestFolder folder_;
};

TEST_F(WeightsFiles, HelpIsAsInTheGoldens) {
  for (const std::string command : {"info", "convert", "verify"}) {
    const auto golden = read_file(GRAFT_TESTS "/cli/goldens/weights_" + command + ".txt");
    EXPECT_EQ(run(folder_, {"weights", command, "--help"}).out, as_text(golden));
  }
}

TEST_F(WeightsFiles, InfoShowsAllTensors) {
  write_small("w.safetensors");
  const Finished done = run(folder_, {"weights", "info", "w.safetensors"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(done.out,
            "format      safetensors, 216 B\ntensors     2, 8 parameters\ntypes       float32 (2)\nfits        no network graft knows\n"
            "metadata    format = pt\nmetadata    note = tiny\n\nname       shape  type\nfc.bias    2      float32\nfc.weight  2x3    float32\n");
  const json info = json::parse(run(folder_, {"weights", "info", "w.safetensors", "--json"}).out);
  EXPECT_EQ(info, json::parse(R"({"file": "w.safetensors", "format": "safetensors", "bytes": 216, "tensor_count": 2, "parameters": 8, "statistics": 0,
    "types": {"float32": 2}, "metadata": {"format": "pt", "note": "tiny"}, "fits": null,
    "tensors": [{"name": "fc.bias", "shape": [2], "type": "float32"}, {"name": "fc.weight", "shape": [2, 3], "type": "float32"}]})"));
}

TEST_F(WeightsFiles, InfoNamesTheNetwork) {
  write_squeezenet("whole.safetensors", 1000);
  write_squeezenet("five.safetensors", 5);
  EXPECT_EQ(fits("whole.safetensors"), "squeezenet1_1");
  EXPECT_EQ(fits("five.safetensors"), "squeezenet1_1 but for the head: 5 classes instead of 1000");
  EXPECT_EQ(fits(kLite0), "efficientnet_lite0 (names as in efficientnet-lite0-57934424.pth)");
  weights::StateDict headless = weights::read(folder_ / "whole.safetensors");
  headless.tensors.erase("classifier.1.weight");
  headless.tensors.erase("classifier.1.bias");
  weights::write_pth(folder_ / "headless.pth", headless);
  EXPECT_EQ(fits("headless.pth"), "squeezenet1_1 but for the head: the file has none");
  const json five = json::parse(run(folder_, {"weights", "info", "five.safetensors", "--brief", "--json"}).out);
  EXPECT_EQ(five["fits"], json::parse(R"({"network": "squeezenet1_1", "names_of": null, "head_fits": false, "classes": 5})"));
}

TEST_F(WeightsFiles, ConvertGoesThereAndBackBitForBit) {
  write_small("a.safetensors");
  const Finished first = run(folder_, {"weights", "convert", "a.safetensors", "b.pth"});
  EXPECT_EQ(first.exit_code, 0) << first.err;
  EXPECT_TRUE(first.out.starts_with("b.pth: 2 tensors, ")) << first.out;
  EXPECT_EQ(first.err, "metadata is left out: a file of torch.save cannot hold it\n");
  EXPECT_EQ(run(folder_, {"weights", "convert", "b.pth", "c.safetensors", "--json"}).err, "");
  EXPECT_EQ(run(folder_, {"weights", "convert", "c.safetensors", "d.PT"}).err, "");
  EXPECT_EQ(read_file(folder_ / "d.PT"), read_file(folder_ / "b.pth"));
  write_small("plain.safetensors", 1, {});
  EXPECT_EQ(read_file(folder_ / "c.safetensors"), read_file(folder_ / "plain.safetensors"));
}

TEST_F(WeightsFiles, ConvertRenames) {
  const Finished done = run(folder_, {"weights", "convert", kLite0.string(), "lite0.safetensors", "--as", "efficientnet_lite0"});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(fits("lite0.safetensors"), "efficientnet_lite0");
  write_small("a.safetensors");
  const std::vector<std::string> words{"weights", "convert", "a.safetensors", "b.pth", "--as"};
  const auto with = [&](const std::string& name) {
    std::vector<std::string> all = words;
    all.push_back(name);
    return all;
  };
  expect_error(
      with("squeezenet1_1"), 1,
      "a.safetensors: lacks 'features.0.weight', 'features.0.bias', 'features.3.squeeze.weight' and 47 more of squeezenet1_1, has 'fc.bias', "
      "'fc.weight', which squeezenet1_1 does not have");
  expect_error(with("squeezenet1_2"), 2, "backbone 'squeezenet1_2': no such network; did you mean squeezenet1_0?");
  EXPECT_EQ(listing(folder_.path()), (std::vector<std::string>{"a.safetensors", "lite0.safetensors"}));
}

TEST_F(WeightsFiles, ConvertRefusesToDoHarm) {
  write_small("a.safetensors");
  write_small("b.pth");
  fs::create_directory(folder_ / "c.pth");
  fs::create_symlink(folder_ / "a.safetensors", folder_ / "link.pt");
  const auto before = read_file(folder_ / "a.safetensors");
  expect_error({"weights", "convert", "a.safetensors", "b.pth"}, 1, "b.pth: already exists; choose another OUT or pass --force");
  expect_error({"weights", "convert", "a.safetensors", "./a.safetensors", "--force"}, 2, "./a.safetensors: is the file to read; choose another OUT");
  expect_error({"weights", "convert", "a.safetensors", "link.pt", "--force"}, 2, "link.pt: is the file to read; choose another OUT");
  expect_error({"weights", "convert", "a.safetensors", "c.pth", "--force"}, 2, "c.pth: is a folder, expected a file name");
  expect_error({"weights", "convert", "a.safetensors", "a.onnx"}, 2, "a.onnx: ends in '.onnx', expected .safetensors, .pth or .pt");
  expect_error({"weights", "convert", "a.safetensors", "a"}, 2, "a: ends in '', expected .safetensors, .pth or .pt");
  expect_error({"weights", "convert", "none.pth", "a.pth"}, 1, "none.pth: cannot read: No such file or directory");
  EXPECT_EQ(read_file(folder_ / "a.safetensors"), before);
  EXPECT_EQ(run(folder_, {"weights", "convert", "a.safetensors", "b.pth", "--force", "-q"}).exit_code, 0);
  EXPECT_EQ(weights::read(folder_ / "b.pth").tensors.size(), 2U);
}

TEST_F(WeightsFiles, VerifyKnowsThePublishedFile) {
  const Finished done = run(folder_, {"weights", "verify", kLite0.string()});
  EXPECT_EQ(done.exit_code, 0) << done.err;
  EXPECT_EQ(
      done.out,
      "format   torch legacy, 18 MiB, 296 tensors, every byte read\nSHA-256  " + sha256_hex(MappedFile(kLite0).bytes()) +
          "\norigin   the published efficientnet-lite0-57934424.pth (efficientnet_lite0)\nname     agrees with the SHA-256\nvalues   all finite\n");
}

/// Two networks of the same names and shapes: only what they answer tells them apart.
TEST_F(WeightsFiles, VerifyComparesWithAReference) {
  graph::Graph graph = models::find("tf_efficientnet_b0").build(10, {64, 32});
  rule::fill(graph);
  std::vector<weights::NamedTensor> tensors;
  for (const graph::Parameter& p : graph.parameters) tensors.push_back({p.name, p.shape, p.tensor.values});
  weights::write_safetensors(folder_ / "w.safetensors", tensors, {});
  const data::Preprocess preprocess = data::sized(models::find("tf_efficientnet_b0").preprocess(), Size(64, 32), {});
  engine::Engine engine(onnx::write(graph), "tf", preprocess, {.batch = 1});
  std::vector<float> logits(10);
  engine.run(rule::picture({64, 32}), 1, logits);
  write_reference("w.reference.safetensors", {64, 32}, logits);

  const std::vector<std::string> verify{"weights", "verify", "w.safetensors", "--backbone"};
  const auto with = [&](std::vector<std::string> more) { return more.insert(more.begin(), verify.begin(), verify.end()), more; };
  const Finished good = run(folder_, with({"tf_efficientnet_b0"}));
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_NE(good.out.find("\npixels   tf_efficientnet_b0 answers the same as w.reference.safetensors: "), std::string::npos) << good.out;
  const Finished other = run(folder_, with({"efficientnet_b0", "--json"}));
  EXPECT_EQ(other.exit_code, 1);
  const json found = json::parse(other.out).at("reference");
  EXPECT_EQ(found.at("same"), false);
  EXPECT_GT(found.at("difference").get<double>(), 0.01);
  const std::string message = json::parse(other.err)["error"]["message"];
  EXPECT_TRUE(message.starts_with("w.safetensors: as efficientnet_b0 it does not answer as w.reference.safetensors says: ")) << message;
  EXPECT_TRUE(message.ends_with("; it is of tf_efficientnet_b0, which answers the same: take --backbone tf_efficientnet_b0")) << message;

  write_small("small.safetensors");
  expect_error({"weights", "verify", "w.safetensors", "--reference", "small.safetensors"}, 1,
               "small.safetensors: is not a reference: expected 'pixels', uint8 (height, width, 3); docs/networks.md tells how to make one");
  fs::remove(folder_ / "w.reference.safetensors");
  expect_error({"weights", "verify", "w.safetensors", "--backbone", "resnet18"}, 2,
               "--backbone: is for a reference; for instance --reference answer.safetensors");
}

TEST_F(WeightsFiles, VerifyFindsWhatIsWrong) {
  write_small("w.safetensors");
  const std::string hash = sha256_hex(read_file(folder_ / "w.safetensors"));
  const Finished good = run(folder_, {"weights", "verify", "w.safetensors"});
  EXPECT_EQ(good.exit_code, 0) << good.err;
  EXPECT_EQ(good.out,
            "format   safetensors, 216 B, 2 tensors, every byte read\nSHA-256  " + hash + "\norigin   not a file graft knows\nvalues   all finite\n");

  fs::rename(folder_ / "w.safetensors", folder_ / "w-0676ba61.safetensors");
  const Finished named = run(folder_, {"weights", "verify", "w-0676ba61.safetensors", "--json"});
  EXPECT_EQ(named.exit_code, 1);
  EXPECT_EQ(json::parse(named.err)["error"]["message"], "w-0676ba61.safetensors: its name says 0676ba61, its SHA-256 starts with " +
                                                            hash.substr(0, 8) + "; download it again, or rename it when it was changed on purpose");
  EXPECT_EQ(json::parse(named.out), json::parse(R"({"file": "w-0676ba61.safetensors", "format": "safetensors", "bytes": 216, "tensor_count": 2,
    "sha256": ")" + hash + R"(", "published_as": null, "network": null, "name_agrees": false, "not_finite": []})"));

  write_small("nan.safetensors", std::numeric_limits<float>::quiet_NaN());
  const Finished nan = run(folder_, {"weights", "verify", "nan.safetensors"});
  EXPECT_EQ(nan.exit_code, 1);
  EXPECT_TRUE(nan.out.ends_with("values   fc.bias: 1 NaN, 0 infinite\n")) << nan.out;
  EXPECT_EQ(nan.err,
            "graft: nan.safetensors: has values that are NaN or infinite in 'fc.bias'; take a checkpoint from before the training diverged\n");

  EXPECT_EQ(run(folder_, {"weights", "convert", "w-0676ba61.safetensors", "w.pth", "-q"}).exit_code, 0);
  auto bytes = read_file(folder_ / "w.pth");
  const std::size_t place = as_text(bytes).find(std::string_view("\0\0\x80\x3F\0\0\0\x40", 8));
  ASSERT_NE(place, std::string_view::npos);
  bytes[place] ^= std::byte{1};
  write_file(folder_ / "w.pth", bytes);
  const Finished cut = run(folder_, {"weights", "verify", "w.pth"});
  EXPECT_EQ(cut.exit_code, 1);
  EXPECT_TRUE(cut.err.starts_with("graft: w.pth: zip archive: 'archive/data/0' has CRC ")) << cut.err;
  EXPECT_TRUE(cut.err.ends_with("; the file is damaged; download or save it again\n")) << cut.err;
  EXPECT_EQ(cut.out, "");
}

}  // namespace
}  // namespace graft
