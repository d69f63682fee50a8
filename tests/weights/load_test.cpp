#include "graft/weights/load.h"

#include <bit>
#include <cmath>
#include <string>
#include <vector>

#include "graft/graph/builder.h"
#include "graft/weights/file/safetensors.h"
#include "weights/weight_files.h"

namespace graft::weights {
namespace {

/// The network of the fixtures' state_dict(): a convolution, a norm and a classifier.
graph::Graph tiny(int64_t classes = 5, int64_t width = 4, const std::string& classifier = "fc") {
  graph::Graph graph;
  graph::Builder b(graph);
  b.stage("stem");
  graph::Value x = b.input({3, 8, 8});
  x = graph::relu(b.batch_norm("bn1", b.conv("conv1", x, {.out = width, .kernel = 3})));
  b.stage("head");
  b.linear(classifier, b.apply(graph::GlobalAveragePool{}, {x}), {.out = classes});
  return graph;
}

TEST(Load, fills_every_parameter_and_ignores_the_counter) {
  for (const char* name : {"plain.safetensors", "plain_zip.pth", "plain_legacy.pth"}) {
    graph::Graph graph = tiny();
    const LoadReport report = load(read(fixture(name)), graph);
    EXPECT_EQ(report.loaded,
              (std::vector<std::string>{"conv1.weight", "bn1.weight", "bn1.bias", "bn1.running_mean", "bn1.running_var", "fc.weight", "fc.bias"}));
    EXPECT_TRUE(report.missing.empty() && report.unexpected.empty() && report.head_dropped.empty());
    for (const graph::Parameter& parameter : graph.parameters) {
      ASSERT_EQ(static_cast<int64_t>(parameter.tensor.values.size()), graph::element_count(parameter.shape));
      for (std::size_t i = 0; i < parameter.tensor.values.size(); ++i) EXPECT_EQ(parameter.tensor.values[i], rule_float(parameter.name, i));
    }
  }
}

TEST(Load, maps_aligned_floats_and_copies_the_rest) {
  StateDict dict = read(fixture("plain_zip.pth"));
  HostTensor& bias = dict.tensors.at("fc.bias");
  HostTensor& mean = dict.tensors.at("bn1.running_mean");
  const std::vector<double> doubles{1, 2, 3, 4};
  mean.dtype = Dtype::f64;
  mean.bytes = std::as_bytes(std::span(doubles));
  std::vector<std::byte> shifted(21);
  std::ranges::copy(bias.bytes, shifted.begin() + 1);
  bias.bytes = Bytes(shifted).subspan(1);
  graph::Graph graph = tiny();
  load(dict, graph);
  const graph::Tensor& mapped = graph.find("conv1.weight")->tensor;
  EXPECT_EQ(static_cast<const void*>(mapped.values.data()), static_cast<const void*>(dict.tensors.at("conv1.weight").bytes.data()));
  EXPECT_EQ(mapped.owner, dict.owner);
  EXPECT_NE(graph.find("fc.bias")->tensor.owner, dict.owner);
  EXPECT_EQ(graph.find("fc.bias")->tensor.values[4], rule_float("fc.bias", 4));
  EXPECT_EQ(graph.find("bn1.running_mean")->tensor.values[2], 3.0F);
}

TEST(Load, errors_name_the_first_count_the_rest_and_change_nothing) {
  const auto file = fixture("plain_zip.pth");
  const StateDict dict = read(file);
  const auto error = [&](graph::Graph graph, LoadOptions options = {}) {
    options.model = "tiny";
    const std::string text = error_of(file, [&] { load(dict, graph, options); });
    for (const graph::Parameter& parameter : graph.parameters) EXPECT_TRUE(parameter.tensor.empty());
    return text;
  };
  EXPECT_EQ(error(tiny(7)), "fc.weight is 5x4, tiny expects 7x4 (and 1 more differ)");
  EXPECT_EQ(error(tiny(5, 6)), "conv1.weight is 4x3x3x3, tiny expects 6x3x3x3 (and 5 more differ)");
  EXPECT_EQ(error(tiny(5, 4, "classifier")),
            "lacks 'classifier.weight', 'classifier.bias' of tiny, has 'fc.bias', 'fc.weight', which tiny does not have");
  const std::vector<Candidate> candidates{{"wide", [] { return tiny(5, 6); }}, {"small", [] { return tiny(1000); }}};
  EXPECT_EQ(error(tiny(5, 6), {.candidates = candidates}),
            "conv1.weight is 4x3x3x3, tiny expects 6x3x3x3 (and 5 more differ); the file looks like small");
  EXPECT_EQ(error(tiny(5, 6), {.allow_other_head = true}), "conv1.weight is 4x3x3x3, tiny expects 6x3x3x3 (and 5 more differ)");
  const Renames same = [](std::string_view name) { return std::string(name.starts_with("bn1") ? "bn1.bias" : name); };
  EXPECT_EQ(error(tiny(), {.rename = same}), "two tensors are 'bn1.bias' once renamed");
}

TEST(Load, another_number_of_classes_drops_the_head_when_allowed) {
  graph::Graph graph = tiny(7);
  const LoadReport report = load(read(fixture("plain_zip.pth")), graph, {.allow_other_head = true});
  EXPECT_EQ(report.head_dropped, (std::vector<std::string>{"fc.weight", "fc.bias"}));
  EXPECT_EQ(report.loaded.size(), 5U);
  EXPECT_TRUE(graph.find("fc.weight")->tensor.empty());
  EXPECT_TRUE(graph.find("fc.bias")->tensor.empty());
  EXPECT_FALSE(graph.find("bn1.bias")->tensor.empty());
}

TEST(Load, the_same_number_of_classes_keeps_the_head_even_when_another_is_allowed) {
  graph::Graph graph = tiny();
  EXPECT_TRUE(load(read(fixture("plain_zip.pth")), graph, {.allow_other_head = true}).head_dropped.empty());
}

TEST(Load, renames_and_leaves_out) {
  graph::Graph graph = tiny(5, 4, "classifier");
  const Renames rename = [](std::string_view name) -> std::string {
    return name.starts_with("fc.") ? "classifier." + std::string(name.substr(3)) : std::string(name);
  };
  EXPECT_EQ(load(read(fixture("plain_zip.pth")), graph, {.rename = rename}).loaded.size(), 7U);
  graph::Graph other = tiny(5, 4, "other");
  const Renames drop_head = [](std::string_view name) -> std::string { return name.starts_with("fc.") ? "" : std::string(name); };
  const LoadReport report = load(read(fixture("plain_zip.pth")), other, {.rename = drop_head, .allow_other_head = true});
  EXPECT_EQ(report.head_dropped, (std::vector<std::string>{"other.weight", "other.bias"}));
}

/// A convolution, whose picture of 2x3 a linear layer takes flat.
graph::Graph flat() {
  graph::Graph graph;
  graph::Builder b(graph);
  b.stage("stem");
  const graph::Value x = b.conv("conv", b.input({1, 2, 3}), {.out = 2, .kernel = 1});
  b.stage("head");
  b.linear("fc", b.apply(graph::Flatten{}, {x}), {.out = 2});
  return graph;
}

TEST(Load, a_linear_layer_takes_a_convolution_of_the_same_numbers) {
  std::vector<float> numbers(24);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(i);
  const Bytes all = std::as_bytes(std::span(numbers));
  StateDict dict{.source = "vgg.safetensors", .owner = {}, .tensors = {}};
  dict.tensors["conv.weight"] = {Dtype::f32, {2, 1, 1, 1}, {1, 1, 1, 1}, all.first(8)};
  dict.tensors["fc.weight"] = {Dtype::f32, {2, 2, 2, 3}, {12, 6, 3, 1}, all};
  dict.tensors["fc.bias"] = {Dtype::f32, {2}, {1}, all.first(8)};
  graph::Graph graph = flat();
  EXPECT_EQ(load(dict, graph, {.allow_other_head = true}).loaded, (std::vector<std::string>{"conv.weight", "fc.weight", "fc.bias"}));
  const std::span<const float> weight = graph.find("fc.weight")->tensor.values;
  EXPECT_EQ(static_cast<const void*>(weight.data()), static_cast<const void*>(numbers.data())) << "mapped, not copied";
  ASSERT_EQ(weight.size(), 24U);

  dict.tensors["fc.weight"].strides = {12, 6, 1, 2};  // the same picture stored column by column
  load(dict, graph);
  const std::span<const float> columns = graph.find("fc.weight")->tensor.values;
  EXPECT_EQ(std::vector<float>(columns.begin(), columns.begin() + 7), (std::vector<float>{0, 2, 4, 1, 3, 5, 6}));

  const auto error = [&](const char* name, const graph::Dims& shape, const std::vector<int64_t>& strides) {
    StateDict other = dict;
    HostTensor& tensor = other.tensors.at(name);
    tensor.shape = shape, tensor.strides = strides;
    return error_of("vgg.safetensors", [&] { load(other, graph, {.model = "flat"}); });
  };
  EXPECT_EQ(error("fc.weight", {3, 2, 2, 2}, {8, 4, 2, 1}), "fc.weight is 3x2x2x2, flat expects 2x12");
  EXPECT_EQ(error("fc.weight", {2, 2, 2, 2}, {8, 4, 2, 1}), "fc.weight is 2x2x2x2, flat expects 2x12");
  EXPECT_EQ(error("conv.weight", {2, 1}, {1, 1}), "conv.weight is 2x1, flat expects 2x1x1x1");
}

TEST(LooksLike, tells_names_and_head_and_passes_over_names_that_collide) {
  const Renames to_fc = [](std::string_view name) { return std::string(name.starts_with("fc.") ? "bn1.bias" : name); };
  const std::vector<Candidate> candidates{{"collides", [] { return tiny(); }, to_fc}, {"wide", [] { return tiny(5, 6); }}, {"small", [] {
                                                                                                                              return tiny(9);
                                                                                                                            }}};
  const StateDict dict = read(fixture("plain_zip.pth"));
  const std::optional<Likeness> found = looks_like(dict, candidates);
  ASSERT_TRUE(found);
  EXPECT_EQ(found->candidate, &candidates[2]);
  EXPECT_EQ(found->report.head_dropped, (std::vector<std::string>{"fc.weight", "fc.bias"}));
  EXPECT_EQ(found->classes, 9);
  EXPECT_EQ(found->in_file, 5);
  EXPECT_FALSE(looks_like(dict, std::span(candidates).first(2)));
}

TEST(Compare, tells_without_an_error) {
  const LoadReport report = compare(read(fixture("plain_zip.pth")), tiny(7, 4, "classifier"));
  EXPECT_EQ(report.loaded.size(), 5U);
  EXPECT_EQ(report.missing, (std::vector<std::string>{"classifier.weight", "classifier.bias"}));
  EXPECT_EQ(report.unexpected, (std::vector<std::string>{"fc.bias", "fc.weight"}));
}

TEST(Read, names_other_kinds_of_file) {
  const TemporaryFolder folder;
  const auto error = [&](std::string_view content) {
    const auto file = folder.write("w.pth", content);
    return error_of(file, [&] { read(file); });
  };
  const std::string expected = ", expected safetensors or a file of torch.save", again = "; a download went wrong; download it again";
  EXPECT_EQ(error(""), "is empty" + expected + again);
  EXPECT_EQ(error("\n<!DOCTYPE html><html>"), "is a web page" + expected + again);
  EXPECT_EQ(error("Not found\n"), "is text" + expected + again);
  EXPECT_EQ(error("version https://git-lfs.github.com/spec/v1\noid"), "is a Git LFS pointer, not the file itself" + expected + "; run git lfs pull");
  EXPECT_EQ(error(std::string_view("\x08\x08\x12\x07pytorch\0", 12)),
            "is an ONNX model" + expected + "; give the same weights as safetensors or .pth");
  EXPECT_EQ(error("\x80\x04\x95\x01"), "is a pickle but not of torch.save" + expected + "; save the state_dict with torch.save or as safetensors");
  EXPECT_EQ(
      error(std::string(257, '\0') + "ustar" + std::string(250, '\0')),
      "is a tar archive, torch.save's format of 2017" + expected + "; use a current file of the same network, or load and save it with torch >= 1.6");
  EXPECT_EQ(error("\x89HDF\r\n\x1a\n"), "is an HDF5 file (Keras)" + expected + "; convert it to safetensors");
  EXPECT_EQ(error("\xFF\x01\x02\x03"), "is not a weights file (starts with ff 01 02 03)" + expected);
  EXPECT_EQ(error_of(folder.path() / "none", [&] { read(folder.path() / "none"); }), "cannot read: No such file or directory");
}

TEST(StateDicts, prefixes_come_off_only_when_all_have_them) {
  StateDict dict;
  dict.tensors["module.a"] = {};
  dict.tensors["module.b"] = {};
  strip_wrapper_prefixes(dict);
  EXPECT_TRUE(dict.tensors.contains("a") && dict.tensors.contains("b"));
  dict.tensors["module.c"] = {};
  strip_wrapper_prefixes(dict);
  EXPECT_TRUE(dict.tensors.contains("a") && dict.tensors.contains("module.c"));
}

TEST(StateDicts, every_half_and_bfloat_is_converted_exactly) {
  std::vector<uint16_t> bits(65536);
  for (std::size_t i = 0; i < bits.size(); ++i) bits[i] = static_cast<uint16_t>(i);
  HostTensor tensor{Dtype::f16, {65536}, {1}, std::as_bytes(std::span(bits))};
  const std::vector<float> halves = to_floats(tensor);
  for (std::size_t i = 0; i < bits.size(); ++i) {
    const int exponent = static_cast<int>(i >> 10 & 31), fraction = static_cast<int>(i & 1023);
    const double size = exponent == 0   ? std::ldexp(fraction, -24)
                        : exponent < 31 ? std::ldexp(1024 + fraction, exponent - 25)
                        : fraction == 0 ? INFINITY
                                        : NAN;
    if (std::isnan(size)) EXPECT_TRUE(std::isnan(halves[i]));
    else EXPECT_EQ(halves[i], static_cast<float>(i < 32768 ? size : -size)) << i;
    EXPECT_EQ(std::signbit(halves[i]), i >= 32768);
  }
  tensor.dtype = Dtype::bf16;
  const std::vector<float> bfloats = to_floats(tensor);
  for (std::size_t i = 0; i < bits.size(); ++i) EXPECT_EQ(std::bit_cast<uint32_t>(bfloats[i]), i << 16);
}

}  // namespace
}  // namespace graft::weights
