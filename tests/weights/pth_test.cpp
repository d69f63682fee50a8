#include "graft/weights/torch/pth.h"

#include <string>
#include <vector>

#include "graft/weights/load.h"
#include "weights/weight_files.h"

namespace graft::weights {
namespace {

const std::vector<std::pair<std::string, graph::Dims>> kShapes{{"bn1.bias", {4}},    {"bn1.running_mean", {4}},      {"bn1.running_var", {4}},
                                                               {"bn1.weight", {4}},  {"conv1.weight", {4, 3, 3, 3}}, {"fc.bias", {5}},
                                                               {"fc.weight", {5, 4}}};

/// The tensors of state_dict() in tools/make_weight_fixtures.py; their values were saved under `prefix` + name.
void expect_state_dict(const StateDict& dict, const std::string& prefix = "") {
  ASSERT_EQ(dict.tensors.size(), kShapes.size() + 1);
  for (const auto& [name, shape] : kShapes) {
    ASSERT_TRUE(dict.tensors.contains(name)) << name;
    const HostTensor& tensor = dict.tensors.at(name);
    EXPECT_EQ(tensor.shape, shape);
    EXPECT_EQ(tensor.dtype, Dtype::f32);
    EXPECT_TRUE(is_contiguous(tensor));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % 4, 0U) << name;
    const std::vector<float> values = to_floats(tensor);
    for (std::size_t i = 0; i < values.size(); ++i) ASSERT_EQ(values[i], rule_float(name, i)) << prefix << name << " " << i;
  }
  EXPECT_EQ(to_floats(dict.tensors.at("bn1.num_batches_tracked")), std::vector<float>{17});
}

class BothFormats : public ::testing::TestWithParam<const char*> {
 protected:
  StateDict read_fixture(const std::string& name) const { return read_pth(fixture(name + "_" + GetParam() + ".pth")); }
};
INSTANTIATE_TEST_SUITE_P(Pth, BothFormats, ::testing::Values("zip", "legacy"), [](const auto& format) { return std::string(format.param); });

TEST_P(BothFormats, plain_state_dict) { expect_state_dict(read_fixture("plain")); }
TEST_P(BothFormats, parameters) { expect_state_dict(read_fixture("parameters")); }
TEST_P(BothFormats, data_parallel_prefix) { expect_state_dict(read_fixture("module")); }
TEST_P(BothFormats, compiled_data_parallel_prefix) { expect_state_dict(read_fixture("compiled")); }
TEST_P(BothFormats, checkpoint_with_state_dict_beside_other_values) { expect_state_dict(read_fixture("nested_state_dict")); }
TEST_P(BothFormats, checkpoint_with_model_and_optimizer) { expect_state_dict(read_fixture("nested_model")); }
TEST_P(BothFormats, checkpoint_within_a_checkpoint) { expect_state_dict(read_fixture("nested_twice")); }

TEST_P(BothFormats, every_type) {
  const StateDict dict = read_fixture("dtypes");
  ASSERT_EQ(dict.tensors.size(), 10U);
  for (const auto& [name, tensor] : dict.tensors) {
    EXPECT_EQ(name_of(tensor.dtype), name);
    EXPECT_EQ(tensor.shape, (graph::Dims{3, 5}));
    const std::vector<float> values = to_floats(tensor);
    for (std::size_t i = 0; i < values.size(); ++i) {
      const int raw = rule(name, i);
      const float expected = name == "uint8"                           ? static_cast<float>(raw)
                             : name == "bool"                          ? static_cast<float>(raw % 2)
                             : name.find("float") != std::string::npos ? rule_float(name, i)
                                                                       : static_cast<float>(raw - 125);
      EXPECT_EQ(values[i], expected) << name << " " << i;
    }
  }
}

TEST_P(BothFormats, views_keep_strides_and_share_storage) {
  const StateDict dict = read_fixture("views");
  ASSERT_EQ(dict.tensors.size(), 9U);
  const auto at = [&](const std::string& name) -> const HostTensor& { return dict.tensors.at(name); };
  const std::byte* base = at("base").bytes.data();
  EXPECT_EQ(at("transposed").strides, (std::vector<int64_t>{1, 8}));
  EXPECT_EQ(at("transposed").bytes.data(), base);
  EXPECT_EQ(at("slice").bytes.data(), base + 4 * (1 * 8 + 2));
  EXPECT_EQ(at("slice").bytes.size(), 4U * (2 * 8 + 4 + 1));
  EXPECT_EQ(at("stepped").strides, (std::vector<int64_t>{16, 3}));
  EXPECT_EQ(at("expanded").strides, (std::vector<int64_t>{1, 0}));
  EXPECT_FALSE(is_contiguous(at("transposed")));
  EXPECT_TRUE(is_contiguous(at("row")));

  const auto expect = [&](const std::string& name, std::size_t count, auto&& element) {
    const std::vector<float> values = to_floats(at(name));
    ASSERT_EQ(values.size(), count) << name;
    for (std::size_t i = 0; i < count; ++i) EXPECT_EQ(values[i], element(i)) << name << " " << i;
  };
  expect("base", 48, [](std::size_t i) { return rule_float("base", i); });
  expect("transposed", 48, [](std::size_t i) { return rule_float("base", i % 6 * 8 + i / 6); });
  expect("slice", 15, [](std::size_t i) { return rule_float("base", (1 + i / 5) * 8 + 2 + i % 5); });
  expect("stepped", 9, [](std::size_t i) { return rule_float("base", i / 3 * 16 + i % 3 * 3); });
  expect("permuted", 24, [](std::size_t i) { return rule_float("cube", i / 3 % 2 * 12 + i % 3 * 4 + i / 6); });  // (4, 2, 3) of (2, 3, 4)
  expect("row", 8, [](std::size_t i) { return rule_float("base", 24 + i); });
  expect("expanded", 12, [](std::size_t i) { return rule_float("expanded", i / 4); });
  expect("scalar", 1, [](std::size_t i) { return rule_float("scalar", i); });
  expect("empty", 0, [](std::size_t) { return 0.0F; });
}

TEST(Pth, untyped_storage_and_python_2_files) {
  EXPECT_EQ(to_floats(read_pth(fixture("untyped_v3.pth")).tensors.at("fc.weight")), (std::vector<float>{2, 3, 4}));
  const StateDict old = read_pth(fixture("python2_2017.pth"));
  EXPECT_EQ(old.tensors.at("fc.weight").shape, (graph::Dims{2, 2}));
  EXPECT_EQ(to_floats(old.tensors.at("fc.weight")), (std::vector<float>{1, 2, 3, 4}));
}

TEST(Pth, tensors_outlive_the_dict_by_its_owner) {
  std::shared_ptr<const void> owner;
  HostTensor tensor;
  {
    StateDict dict = read_pth(fixture("plain_legacy.pth"));
    owner = dict.owner;
    tensor = dict.tensors.at("fc.bias");
  }
  EXPECT_EQ(to_floats(tensor)[1], rule_float("fc.bias", 1));
}

TEST(Pth, reads_the_tensors_of_a_whole_module) {
  const StateDict dict = read_pth(fixture("whole_module.pth"));
  EXPECT_EQ(dict.tensors.size(), 2U);
  EXPECT_TRUE(dict.tensors.contains("weight"));
}

TEST(Pth, refuses_what_is_not_a_state_dict) {
  const auto error = [](const std::string& name) { return error_of(fixture(name), [&] { read_pth(fixture(name)); }); };
  EXPECT_EQ(error("list.pth"), "holds no dict of named tensors; save the state_dict: torch.save(model.state_dict(), ...)");
  EXPECT_EQ(error("no_tensors.pth"),
            "holds no named tensors, its keys are 'epoch', 'optimizer'; save the state_dict: torch.save(model.state_dict(), ...)");
  EXPECT_EQ(error("protocol4.pth"),
            "pickle has opcode 0x95 (byte 2), which torch.save does not write with protocol 2; save the state_dict alone by torch.save "
            "without pickle_protocol, or convert it to safetensors");
  EXPECT_EQ(error("expanded_too_far.pth"), "wide is 2000x2000, far too large for a file of 1.6 KiB; save a contiguous tensor");
}

TEST(Pth, refuses_a_zip_without_a_pickle_or_of_another_byte_order) {
  const TemporaryFolder folder;
  const auto error = [&](const std::vector<TestEntry>& entries) {
    const auto file = folder.write("w.pth", zip_of(entries));
    return error_of(file, [&] { read_pth(file); });
  };
  EXPECT_EQ(error({{"word/document.xml", "<a/>"}}), "is a zip archive without data.pkl, expected a file of torch.save");
  EXPECT_EQ(error({}), "is a zip archive without data.pkl, expected a file of torch.save");
  EXPECT_EQ(error({{"a/data.pkl", "\x80\x02}."}, {"a/byteorder", "big"}}),
            "was saved on a big-endian machine, only little-endian files are read; load and save it again with torch");
  EXPECT_EQ(error({{.name = "a/data.pkl", .content = "\x80\x02}.", .crc = 1}}),
            "zip archive: 'a/data.pkl' has CRC 89deb73d, expected 00000001; the file is damaged; download or save it again");
}

TEST(Pth, a_changed_storage_is_found_by_its_crc) {
  const TemporaryFolder folder;
  std::string content = content_of(fixture("plain_zip.pth"));
  float first = rule_float("conv1.weight", 0), second = rule_float("conv1.weight", 1);
  std::string pattern;
  append(pattern, first);
  append(pattern, second);
  const std::size_t at = content.find(pattern);
  ASSERT_NE(at, std::string::npos);
  content[at] = static_cast<char>(content[at] ^ 1);
  const auto file = folder.write("w.pth", content);
  const std::string error = error_of(file, [&] { read_pth(file); });
  EXPECT_TRUE(error.starts_with("zip archive: 'plain_zip/data/0' has CRC ")) << error;
}

TEST(Pth, legacy_files_that_do_not_end_where_they_should) {
  const TemporaryFolder folder;
  const std::string content = content_of(fixture("plain_legacy.pth"));
  const auto error = [&](std::string_view bytes) {
    const auto file = folder.write("w.pth", bytes);
    return error_of(file, [&] { read_pth(file); });
  };
  EXPECT_EQ(error(content + "x"), "legacy file: has 1 bytes after the last storage; the file is damaged; download or save it again");
  const std::string cut = error(std::string_view(content).substr(0, content.size() - 1));
  EXPECT_TRUE(cut.starts_with("legacy file: storage '") && cut.ends_with("bytes follow; the file is damaged; download or save it again")) << cut;
}

}  // namespace
}  // namespace graft::weights
