// Files of Hugging Face's transformers: every tensor lands where it belongs. The names are made here, from ours.
#include <gtest/gtest.h>

#include <cstring>
#include <deque>
#include <regex>

#include "graft/models/registry.h"
#include "graft/weights/joined_attention.h"
#include "graft/weights/load.h"
#include "graft/weights/naming.h"
#include "graft/weights/rename.h"

namespace graft::weights {
namespace {

using Replacements = std::vector<std::pair<const char*, const char*>>;

std::string renamed_by(const Replacements& list, std::string name) {
  for (const auto& [from, to] : list) {
    const std::regex pattern(from);
    if (std::regex_search(name, pattern)) return std::regex_replace(name, pattern, to);
  }
  return name;
}

/// Counting up by layers and stages: transformers counts from 0 where torchvision counts from 1, or counts what lies between stages, too.
std::string counted(std::string name) {
  const std::regex number("#(\\d+)([-/])(\\d+)#");
  for (std::smatch m; std::regex_search(name, m, number);) {
    const int value = std::stoi(m[1]), by = std::stoi(m[3]);
    name = m.prefix().str() + std::to_string(m[2] == "-" ? value - by : value / by) + m.suffix().str();
  }
  return name;
}

const Replacements kResNet{{"^conv1\\.", "resnet.embedder.embedder.convolution."},
                           {"^bn1\\.", "resnet.embedder.embedder.normalization."},
                           {"^layer(\\d)\\.(\\d+)\\.conv(\\d)\\.", "resnet.encoder.stages.#$1-1#.layers.$2.layer.#$3-1#.convolution."},
                           {"^layer(\\d)\\.(\\d+)\\.bn(\\d)\\.", "resnet.encoder.stages.#$1-1#.layers.$2.layer.#$3-1#.normalization."},
                           {"^layer(\\d)\\.(\\d+)\\.downsample\\.0", "resnet.encoder.stages.#$1-1#.layers.$2.shortcut.convolution"},
                           {"^layer(\\d)\\.(\\d+)\\.downsample\\.1", "resnet.encoder.stages.#$1-1#.layers.$2.shortcut.normalization"},
                           {"^fc\\.", "classifier.1."}};
const Replacements kConvNeXt{{"^features\\.0\\.0", "convnext.embeddings.patch_embeddings"},
                             {"^features\\.0\\.1", "convnext.embeddings.layernorm"},
                             {"^features\\.([246])\\.(\\d)", "convnext.encoder.stages.#$1/2#.downsampling_layer.$2"},
                             {"^features\\.(\\d)\\.(\\d+)\\.block\\.0", "convnext.encoder.stages.#$1/2#.layers.$2.dwconv"},
                             {"^features\\.(\\d)\\.(\\d+)\\.block\\.2", "convnext.encoder.stages.#$1/2#.layers.$2.layernorm"},
                             {"^features\\.(\\d)\\.(\\d+)\\.block\\.3", "convnext.encoder.stages.#$1/2#.layers.$2.pwconv1"},
                             {"^features\\.(\\d)\\.(\\d+)\\.block\\.5", "convnext.encoder.stages.#$1/2#.layers.$2.pwconv2"},
                             {"^features\\.(\\d)\\.(\\d+)\\.layer_scale", "convnext.encoder.stages.#$1/2#.layers.$2.layer_scale_parameter"},
                             {"^classifier\\.0\\.", "convnext.layernorm."},
                             {"^classifier\\.2\\.", "classifier."}};
const Replacements kDeiT{{"^cls_token", "vit.embeddings.cls_token"},
                         {"^pos_embed", "vit.embeddings.position_embeddings"},
                         {"^patch_embed\\.proj", "vit.embeddings.patch_embeddings.projection"},
                         {"^blocks\\.(\\d+)\\.norm1", "vit.encoder.layer.$1.layernorm_before"},
                         {"^blocks\\.(\\d+)\\.attn\\.qkv", "vit.encoder.layer.$1.attention.attention.qkv"},
                         {"^blocks\\.(\\d+)\\.attn\\.proj", "vit.encoder.layer.$1.attention.output.dense"},
                         {"^blocks\\.(\\d+)\\.norm2", "vit.encoder.layer.$1.layernorm_after"},
                         {"^blocks\\.(\\d+)\\.mlp\\.fc1", "vit.encoder.layer.$1.intermediate.dense"},
                         {"^blocks\\.(\\d+)\\.mlp\\.fc2", "vit.encoder.layer.$1.output.dense"},
                         {"^norm\\.", "vit.layernorm."},
                         {"^head\\.", "classifier."}};
const Replacements kDinoV2{{"^cls_token", "embeddings.cls_token"},
                           {"^pos_embed", "embeddings.position_embeddings"},
                           {"^patch_embed\\.proj", "embeddings.patch_embeddings.projection"},
                           {"^blocks\\.(\\d+)\\.attn\\.qkv", "encoder.layer.$1.attention.attention.qkv"},
                           {"^blocks\\.(\\d+)\\.attn\\.proj", "encoder.layer.$1.attention.output.dense"},
                           {"^blocks\\.(\\d+)\\.ls(\\d)\\.gamma", "encoder.layer.$1.layer_scale$2.lambda1"},
                           {"^blocks\\.(\\d+)", "encoder.layer.$1"},
                           {"^norm\\.", "layernorm."}};

/// Values of their own for every parameter of a network, and the same under transformers' names, query, key and value apart.
struct Made {
  explicit Made(const std::string& network, const Replacements& names) : graph(models::find(network).build(7, 224)) {
    float value = 0;
    dict.source = "made";
    for (graph::Parameter& p : graph.parameters) {
      std::vector<float>& values = memory.emplace_back(static_cast<std::size_t>(graph::element_count(p.shape)));
      for (float& v : values) v = value += 1;
      const std::string theirs = counted(renamed_by(names, p.name));
      graph::Dims shape = p.shape;
      if (theirs.ends_with("layer_scale_parameter")) shape = {shape[0]};
      const std::size_t qkv = theirs.find(".qkv.");
      if (qkv == std::string::npos) {
        add(theirs, shape, values);
        continue;
      }
      shape[0] /= 3;
      for (std::size_t i = 0; i < 3; ++i)
        add(theirs.substr(0, qkv + 1) + std::array{"query", "key", "value"}[i] + theirs.substr(qkv + 4), shape,
            std::span(values).subspan(i * values.size() / 3, values.size() / 3));
    }
  }
  void add(const std::string& name, const graph::Dims& shape, std::span<const float> values) {
    dict.tensors[name] = {Dtype::f32, shape, row_major_strides(shape), std::as_bytes(values)};
  }
  graph::Graph graph;
  std::deque<std::vector<float>> memory;
  StateDict dict;
};

void expect_values(const Made& made, const graph::Graph& loaded, std::size_t without_head) {
  ASSERT_EQ(loaded.parameters.size(), made.graph.parameters.size());
  for (std::size_t i = 0; i + without_head < loaded.parameters.size(); ++i) {
    const graph::Parameter& p = loaded.parameters[i];
    ASSERT_EQ(p.tensor.values.size(), made.memory[i].size()) << p.name;
    EXPECT_TRUE(std::ranges::equal(p.tensor.values, made.memory[i])) << p.name;
  }
}

class Transformers : public testing::TestWithParam<std::pair<const char*, const Replacements*>> {};

TEST_P(Transformers, TensorsLandWhereTheyBelong) {
  const auto& [name, names] = GetParam();
  const models::Network network = models::find_network(name);
  Made made(name, *names);
  const bool has_head = std::string_view(name) != "dinov2_s_14";
  if (!has_head) {
    for (const char* head : {"head.weight", "head.bias"}) made.dict.tensors.erase(head);
    made.add("embeddings.mask_token", {1, 384}, std::span(made.memory.front()).first(384));
  }
  for (const std::string prefix : {"", "model."}) {
    StateDict file = made.dict;
    if (!prefix.empty()) {
      file.tensors.clear();
      for (const auto& [theirs, tensor] : made.dict.tensors) file.tensors.emplace(prefix + theirs, tensor);
    }
    const StateDict joined = joined_attention(file);
    graph::Graph loaded = models::find(name).build(7, 224);
    const Naming naming = naming_of(joined, loaded, network);
    EXPECT_TRUE(naming.fits);
    EXPECT_EQ(naming.names_of, "transformers");
    load(without_prefix(joined, naming.prefix), loaded, {.rename = naming.rename, .allow_other_head = true});
    expect_values(made, loaded, has_head ? 0 : 2);
  }
  // `weights convert --as` gives a file of our own names
  StateDict converted = made.dict;
  EXPECT_EQ(rename_tensors(converted, network).names_of, "transformers");
  graph::Graph loaded = models::find(name).build(7, 224);
  load(converted, loaded, {.allow_other_head = true});
  expect_values(made, loaded, has_head ? 0 : 2);
}

INSTANTIATE_TEST_SUITE_P(Names, Transformers,
                         testing::Values(std::pair{"resnet18", &kResNet}, std::pair{"resnet50", &kResNet}, std::pair{"convnext_tiny", &kConvNeXt},
                                         std::pair{"deit_s_16", &kDeiT}, std::pair{"dinov2_s_14", &kDinoV2}),
                         [](const auto& test) { return std::string(test.param.first); });

TEST(JoinedAttention, LeavesOtherTensorsAlone) {
  const std::vector<float> values(12);
  StateDict dict{.source = "made", .owner = nullptr, .tensors = {}, .metadata = {}};
  const auto add = [&](const std::string& name, const graph::Dims& shape) {
    dict.tensors[name] = {Dtype::f32, shape, row_major_strides(shape), std::as_bytes(std::span(values).first(graph::element_count(shape)))};
  };
  add("a.query.weight", {2, 2});
  add("a.key.weight", {2, 2});
  add("a.value.weight", {3, 2});  // another shape
  add("query.weight", {2, 2});    // alone
  add("b.q_proj.weight", {2, 2});
  add("b.k_proj.weight", {2, 2});
  add("b.v_proj.weight", {2, 2});
  add("b.q_proj.bias", {2});
  std::vector<std::string> names;
  for (const auto& [name, tensor] : joined_attention(dict).tensors) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"a.key.weight", "a.query.weight", "a.value.weight", "b.q_proj.bias", "b.qkv.weight", "query.weight"}));
}

}  // namespace
}  // namespace graft::weights
