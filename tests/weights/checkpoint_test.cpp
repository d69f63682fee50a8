// Checkpoints as trainers write them: what lies around the weights is kept out, and the weights are found under whatever names and keys.
#include <string>
#include <vector>

#include "graft/graph/builder.h"
#include "graft/weights/load.h"
#include "graft/weights/naming.h"
#include "graft/weights/rename.h"
#include "graft/weights/torch/pth.h"
#include "weights/weight_files.h"

namespace graft::weights {
namespace {

using Names = std::vector<std::string>;

// A pickle of protocol 2, piece by piece.
std::string text(const std::string& s) {
  std::string out = "X";
  append(out, static_cast<uint32_t>(s.size()));
  return out + s;
}
std::string global(const std::string& module, const std::string& name) { return "c" + module + "\n" + name + "\n"; }
std::string call(const std::string& callee, const std::string& arguments) { return callee + "(" + arguments + "tR"; }
std::string built(const std::string& object, const std::string& state) { return object + state + "b"; }
std::string dict(const std::vector<std::pair<std::string, std::string>>& items) {
  std::string out = "}(";
  for (const auto& [key, value] : items) out += text(key) + value;
  return out + "u";
}
/// Three floats, 0, 1, 2, whose storage is data/KEY.
std::string tensor(const std::string& key = "0") {
  const std::string storage = "(" + text("storage") + global("torch", "FloatStorage") + text(key) + text("cpu") + "K\x03tQ";
  return call(global("torch._utils", "_rebuild_tensor_v2"),
              storage + std::string("K\0", 2) + "K\x03\x85K\x01\x85\x89" + call(global("collections", "OrderedDict"), ""));
}

class Checkpoints : public ::testing::Test {
 protected:
  std::filesystem::path file(const std::string& value, const std::vector<TestEntry>& more = {}) const {
    std::string storage;
    for (const float v : {0.F, 1.F, 2.F}) append(storage, v);
    std::vector<TestEntry> entries{{"a/data.pkl", "\x80\x02" + value + "."}, {"a/data/0", storage}};
    entries.insert(entries.end(), more.begin(), more.end());
    return folder.write("w.pth", zip_of(entries));
  }
  Names names(const std::string& value, std::string_view key = {}) {
    notes.clear();
    Names found;
    for (const auto& [name, held] : read(file(value), key, &notes).tensors) {
      EXPECT_EQ(to_floats(held), (std::vector<float>{0, 1, 2})) << name;
      found.push_back(name);
    }
    return found;
  }
  std::string error(const std::string& value, std::string_view key = {}) {
    const auto path = file(value);
    return error_of(path, [&] { read(path, key); });
  }
  TemporaryFolder folder;
  Names notes;
};

/// argparse.Namespace, a numpy scalar, a random state, a defaultdict, a path, an enum: values that nothing is done with.
TEST_F(Checkpoints, ClassesOfOthersAreValuesThatDoNothing) {
  const std::string dtype =
      built(call(global("numpy", "dtype"), text("f8") + "\x89\x88"), "(K\x03" + text("<") + "NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x01t");
  const std::string bytes = call(global("_codecs", "encode"), text("abc") + text("latin1"));
  const std::string array = built(call(global("numpy.core.multiarray", "_reconstruct"), global("numpy", "ndarray") + "K\x01\x85" + bytes),
                                  "(K\x01K\x03\x85" + dtype + "\x89" + bytes + "t");
  const std::vector<std::pair<std::string, std::string>> others{
      {"args", built(global("argparse", "Namespace") + ")\x81", dict({{"lr", "K\x01"}}))},
      {"best", call(global("numpy._core.multiarray", "scalar"), dtype + bytes)},
      {"rng", array},
      {"log", call(global("collections", "defaultdict"), global("builtins", "list")) + "(" + text("loss") + "]u"},
      {"path", call(global("pathlib", "PosixPath"), text("/a"))},
      {"mode", call(global("my.package", "Mode"), "K\x02")},
      {"list", call(global("my.package", "Items"), "") + "(K\x01K\x02"
                                                         "e"},
  };
  for (const auto& other : others) EXPECT_EQ(names(dict({{"state_dict", dict({{"fc.bias", tensor()}})}, other})), Names{"fc.bias"}) << other.first;
}

TEST_F(Checkpoints, WhatOnlyAnAttackHasIsStillRefused) {
  EXPECT_EQ(error(dict({{"state_dict", dict({{"fc.bias", tensor()}})}, {"x", call(global("os", "system"), text("true"))}})),
            "needs os.system, which is not part of a tensor; not loaded; no code of a checkpoint is run: save the state_dict alone "
            "(torch.save(model.state_dict(), ...)) or convert it to safetensors");
  EXPECT_TRUE(error(dict({{"x", global("builtins", "eval")}})).starts_with("needs builtins.eval, "));
}

TEST_F(Checkpoints, KeysOfTrainersAndTheirAverages) {
  const std::string weights = dict({{"fc.bias", tensor()}}), average = dict({{"fc.weight", tensor()}});
  for (const std::string key : {"state_dict", "model_state_dict", "model", "net", "model_state", "weights", "params"})
    EXPECT_EQ(names(dict({{key, weights}})), Names{"fc.bias"}) << key;
  EXPECT_EQ(notes, Names{});
  for (const std::string key : {"state_dict_ema", "ema", "params_ema"}) {
    EXPECT_EQ(names(dict({{"model", weights}, {key, average}})), Names{"fc.bias"});
    EXPECT_EQ(notes, Names{"its weights are those under 'model'; it has others under '" + key + "': choose with --weights-key"});
    EXPECT_EQ(names(dict({{"model", weights}, {key, average}}), key), Names{"fc.weight"});
  }
  EXPECT_EQ(names(dict({{"ema", weights}, {"epoch", "K\x01"}})), Names{"fc.bias"});
  EXPECT_EQ(notes, Names{"its weights are those under the key 'ema'"});
  EXPECT_EQ(error(dict({{"student", weights}, {"teacher", average}})),
            "holds several sets of weights: 'student', 'teacher'; choose one with --weights-key");
  EXPECT_EQ(names(dict({{"student", weights}, {"teacher", average}}), "teacher"), Names{"fc.weight"});
  EXPECT_EQ(error(dict({{"student", weights}, {"teacher", average}}), "teachr"),
            "has no weights under the key 'teachr', its keys are 'student', 'teacher'; did you mean teacher?");
}

/// torch.nn.utils.prune keeps a layer's weights and which of them count.
TEST_F(Checkpoints, PrunedLayersAreMultipliedOut) {
  notes.clear();
  std::string mask, values;
  for (const float v : {1.F, 0.F, 1.F}) append(mask, v);
  for (const float v : {5.F, 6.F, 7.F}) append(values, v);
  const auto both = dict({{"fc.weight_orig", tensor("1")}, {"fc.weight_mask", tensor("2")}, {"fc.bias", tensor()}});
  const StateDict found = read(file(both, {{"a/data/1", values}, {"a/data/2", mask}}), {}, &notes);
  ASSERT_EQ(found.tensors.size(), 2U);
  EXPECT_EQ(to_floats(found.tensors.at("fc.weight")), (std::vector<float>{5, 0, 7}));
  EXPECT_EQ(to_floats(found.tensors.at("fc.bias")), (std::vector<float>{0, 1, 2}));
  EXPECT_EQ(notes, Names{"1 of its tensors is pruned: X_orig times X_mask was read as X"});
  // without a mask, or beside the weights themselves, they are tensors like others
  EXPECT_EQ(names(dict({{"weight_orig", tensor()}})), Names{"weight_orig"});
  EXPECT_EQ(names(dict({{"w_orig", tensor()}, {"w_mask", tensor()}, {"w", tensor()}})), (Names{"w", "w_mask", "w_orig"}));
}

TEST_F(Checkpoints, ArraysOfNumPyAreNamed) {
  const std::string save = "; save them by name: safetensors.numpy.save_file(arrays, 'weights.safetensors')";
  const std::string array = call(global("numpy._core.multiarray", "_reconstruct"), global("numpy", "ndarray") + "K\x01\x85" + text("b"));
  EXPECT_EQ(error(dict({{"fc.weight", array}, {"fc.bias", array}})), "holds NumPy arrays and no tensors, under 'fc.weight', 'fc.bias'" + save);
  const auto plain = folder.write("w.pkl", "\x80\x04\x95}(" + text("fc.weight") + array + "u.");
  EXPECT_EQ(error_of(plain, [&] { read(plain); }), "is a pickle of NumPy arrays, expected safetensors or a file of torch.save" + save);
  const auto archive = folder.write("w.npz", zip_of({{"fc.weight.npy", "\x93NUMPY"}, {"fc.bias.npy", "\x93NUMPY"}}));
  EXPECT_EQ(error_of(archive, [&] { read(archive); }), "is an archive of 2 NumPy arrays (.npz), expected safetensors or a file of torch.save" + save);
  const auto keras = folder.write("m.keras", zip_of({{"metadata.json", "{}"}, {"model.weights.h5", "x"}}));
  EXPECT_EQ(error_of(keras, [&] { read(keras); }), "is a Keras model, expected safetensors or a file of torch.save; convert it to safetensors");
}

/// torch.save(model), and TorchScript: a module's tensors by the names of its state dict.
TEST_F(Checkpoints, WholeModulesGiveTheirTensors) {
  const auto module = [](const std::string& name, const std::string& state) { return built(global("torch.nn.modules", name) + ")\x81", state); };
  const std::string leaf = module(
      "Linear", dict({{"training", "\x88"}, {"_parameters", dict({{"weight", tensor()}, {"bias", "N"}})}, {"_buffers", dict({{"mean", tensor()}})}}));
  EXPECT_EQ(names(module("Net", dict({{"_parameters", "}"}, {"_modules", dict({{"fc", leaf}})}}))), (Names{"fc.mean", "fc.weight"}));
  EXPECT_EQ(notes, Names{"it is a whole module: only its tensors were read, none of its code"});
  EXPECT_EQ(names(dict({{"model", module("Net", dict({{"_modules", dict({{"fc", leaf}})}}))}})), (Names{"fc.mean", "fc.weight"}));
  const std::string scripted = module("Linear", dict({{"training", "\x88"}, {"weight", tensor()}}));
  EXPECT_EQ(names(module("Net", dict({{"fc", scripted}, {"size", "K\x01"}}))), Names{"fc.weight"});
}

/// The code of a TorchScript file is deflated; it is not read.
TEST_F(Checkpoints, DeflatedCodeBesideTheTensors) {
  const auto path = file(dict({{"fc.bias", tensor()}}), {{.name = "a/code/x.py", .content = "??", .stored_size = 2, .size = 7, .method = 8}});
  EXPECT_EQ(read(path).tensors.size(), 1U);
}

TEST_F(Checkpoints, ModulesInModulesEndSomewhere) {
  std::string nested = dict({{"weight", tensor()}});
  for (int i = 0; i < 3000; ++i) nested = built(global("m", "M") + ")\x81", dict({{"m", nested}}));
  EXPECT_TRUE(error(nested).starts_with("needs m.M, "));
  // each of 30 modules holds the next twice: 2^30 names
  std::string twice = built(global("m", "M") + ")\x81", dict({{"w", tensor()}}));
  for (int i = 0; i < 30; ++i)
    twice = built(global("m", "M") + ")\x81", dict({{"a", twice + "q" + static_cast<char>(i)}, {"b", std::string("h") + static_cast<char>(i)}}));
  read(file(twice));  // or an Error: within its bounds
}

/// A network "conv1", "bn1" with the head "fc".
graph::Graph tiny() {
  graph::Graph graph;
  graph::Builder b(graph);
  b.stage("stem");
  const graph::Value x = b.batch_norm("bn1", b.conv("conv1", b.input({3, 8, 8}), {.out = 4, .kernel = 3}));
  b.stage("head");
  b.linear("fc", b.apply(graph::GlobalAveragePool{}, {x}), {.out = 5});
  return graph;
}

/// The fixtures' tensors behind a prefix, with others beside.
StateDict behind(const std::string& prefix, const Names& beside = {}) {
  const StateDict plain = read(fixture("plain.safetensors"));
  StateDict dict{.source = plain.source, .owner = plain.owner, .tensors = {}, .metadata = {}};
  for (const auto& [name, held] : plain.tensors) dict.tensors.emplace(prefix + name, held);
  for (const std::string& name : beside) dict.tensors.emplace(name, plain.tensors.at("fc.bias"));
  return dict;
}

Naming found(const StateDict& dict) {
  static const models::Backbone backbone{.name = "tiny", .family = "", .paper = "", .build = {}, .sources = {models::Source{}}};
  return naming_of(dict, tiny(), {&backbone, &backbone.sources.front()});
}

TEST(Prefixes, AreFoundByMatchingNames) {
  for (const std::string prefix :
       {"", "model.", "backbone.", "encoder.", "net.", "module._orig_mod.", "model._orig_mod.backbone.", "my_own_name.x."}) {
    const Naming naming = found(behind(prefix, prefix.empty() ? Names{} : Names{"criterion.weight"}));
    EXPECT_TRUE(naming.fits) << prefix;
    EXPECT_EQ(naming.prefix, prefix);
  }
  const StateDict moco = [] {
    StateDict dict = behind("module.encoder_q.");
    dict.tensors.merge(behind("module.encoder_k.", {"module.queue"}).tensors);
    return dict;
  }();
  EXPECT_EQ(found(moco).prefix, "module.encoder_q.");
  EXPECT_EQ(notes_on(moco, found(moco)),
            Names{"its weights are those whose names begin with 'module.encoder_q.'; left out: 'module.encoder_k', 'module.queue'"});
  StateDict both = behind("student.");
  both.tensors.merge(behind("teacher.").tensors);
  EXPECT_TRUE(error_of(both.source, [&] {
                found(both);
              }).ends_with("holds the network twice, under 'student.' and 'teacher.'; choose one with --weights-key"));
}

/// `graft weights convert` leaves the same weights as `graft fit` takes.
TEST(Prefixes, AreTakenOffWhereTheNetworkIsKnown) {
  const graph::Graph network = models::find("squeezenet1_1").build(7, 224);
  const std::vector<float> zeros(1 << 20);
  StateDict dict{.source = "made", .owner = nullptr, .tensors = {}, .metadata = {}};
  const auto add = [&](const std::string& name, const graph::Dims& shape) {
    const auto count = static_cast<std::size_t>(graph::element_count(shape));
    dict.tensors[name] = {Dtype::f32, shape, row_major_strides(shape), std::as_bytes(std::span(zeros).first(count))};
  };
  for (const graph::Parameter& p : network.parameters) add("model.backbone." + p.name, p.shape);
  add("criterion.weight", {3});
  EXPECT_EQ(take_off_prefix(dict), Names{"its weights are those whose names begin with 'model.backbone.'; left out: 'criterion'"});
  EXPECT_EQ(dict.tensors.size(), network.parameters.size());
  EXPECT_TRUE(dict.tensors.contains(network.parameters.front().name));
  EXPECT_EQ(take_off_prefix(dict), Names{});  // nothing more
  add("stranger.weight", {3});
  const std::size_t before = dict.tensors.size();
  EXPECT_EQ(take_off_prefix(dict), Names{});
  EXPECT_EQ(dict.tensors.size(), before);
}

/// A publisher's names under another's normalisation are worth a word.
TEST(Names, OfAPublisherWhoNormalisesOtherwise) {
  const models::Network vit = models::find_network("vit_b_16"), resnet = models::find_network("resnet18");
  const models::Source& timm = vit.backbone->sources[1];
  const Naming of_timm{.names_of = timm.file}, of_transformers{.names_of = "transformers"};
  EXPECT_EQ(
      note_on_pictures(vit, of_timm),
      "its names are as in vit_base_patch16_224.augreg2_in21k_ft_in1k.safetensors, and photos are normalized as for vit_b_16: if it was trained as "
      "vit_b_16.augreg2_in21k_ft_in1k was, choose that with --backbone");
  EXPECT_NE(note_on_pictures(vit, of_transformers), "");
  EXPECT_EQ(note_on_pictures({vit.backbone, &timm}, of_timm), "");
  EXPECT_EQ(note_on_pictures(vit, {}), "");
  EXPECT_EQ(note_on_pictures(resnet, of_transformers), "");  // all alike
}

TEST(Heads, OfSeveralLayersAreLeftOut) {
  StateDict dict = behind("");
  const HostTensor bias = dict.tensors.at("fc.bias");
  dict.tensors.erase("fc.weight");
  dict.tensors.erase("fc.bias");
  for (const char* name : {"fc.1.weight", "fc.1.bias", "fc.4.weight"}) dict.tensors.emplace(name, bias);
  graph::Graph graph = tiny();
  const LoadReport report = load(dict, graph, {.allow_other_head = true});
  EXPECT_EQ(report.head_in_file, (Names{"fc.1.bias", "fc.1.weight", "fc.4.weight"}));
  EXPECT_TRUE(graph.find("fc.weight")->tensor.empty());
  dict.tensors.emplace("extra.weight", bias);
  EXPECT_THROW(load(dict, graph, {.allow_other_head = true}), Error);
}

}  // namespace
}  // namespace graft::weights
