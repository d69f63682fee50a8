#include "graft/weights/file/safetensors.h"

#include <rapidcheck.h>

#include <string>
#include <vector>

#include "weights/weight_files.h"

namespace graft::weights {
namespace {

const std::string kHint = "; the file is damaged; download or save it again";

std::string safetensors(const std::string& header, const std::string& data, std::optional<uint64_t> length = {}) {
  std::string file;
  append(file, length.value_or(header.size()));
  return file + header + data;
}

std::string read_error(const std::string& content) {
  const TemporaryFolder folder;
  const auto file = folder.write("w.safetensors", content);
  return error_of(file, [&] { read_safetensors(file); });
}

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape, const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
}

TEST(Safetensors, reads_what_python_wrote) {
  const StateDict dict = read_safetensors(fixture("plain.safetensors"));
  EXPECT_EQ(dict.metadata.at("note"), "tiny");
  ASSERT_EQ(dict.tensors.size(), 8U);
  const HostTensor& conv = dict.tensors.at("conv1.weight");
  EXPECT_EQ(conv.dtype, Dtype::f32);
  EXPECT_EQ(conv.shape, (graph::Dims{4, 3, 3, 3}));
  EXPECT_EQ(conv.strides, (std::vector<int64_t>{27, 9, 3, 1}));
  const std::vector<float> values = to_floats(conv);
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(values[i], rule_float("conv1.weight", i));
  EXPECT_EQ(to_floats(dict.tensors.at("bn1.num_batches_tracked")), std::vector<float>{17});
}

TEST(Safetensors, reads_every_type_scalars_and_empty_tensors) {
  const StateDict dict = read_safetensors(fixture("dtypes.safetensors"));
  for (const char* name : {"float32", "float16", "bfloat16", "float64"}) {
    const std::vector<float> values = to_floats(dict.tensors.at(name));
    ASSERT_EQ(values.size(), 15U);
    EXPECT_EQ(name_of(dict.tensors.at(name).dtype), name);
    for (std::size_t i = 0; i < 15; ++i) EXPECT_EQ(values[i], rule_float(name, i)) << name;
  }
  EXPECT_EQ(to_floats(dict.tensors.at("scalar")), std::vector<float>{rule_float("scalar", 0)});
  EXPECT_EQ(dict.tensors.at("empty").shape, (graph::Dims{0, 3}));
  EXPECT_TRUE(to_floats(dict.tensors.at("empty")).empty());
}

TEST(Safetensors, refuses_bad_headers) {
  EXPECT_EQ(read_error(""), "is 0 bytes long, too short for safetensors" + kHint);
  EXPECT_EQ(read_error("1234567"), "is 7 bytes long, too short for safetensors" + kHint);
  EXPECT_EQ(read_error(safetensors("{}", "", uint64_t{1} << 63)), "header length is 9223372036854775808, at most 100000000 expected" + kHint);
  EXPECT_EQ(read_error(safetensors("{}", "", 100'000'001)), "header length is 100000001, at most 100000000 expected" + kHint);
  EXPECT_EQ(read_error(safetensors("{}", "", 100'000'000)), "header length is 100000000, but only 2 bytes follow" + kHint);
  EXPECT_EQ(read_error(safetensors("", "")), "header does not begin with '{'" + kHint);
  EXPECT_EQ(read_error(safetensors(" {}", "")), "header does not begin with '{'" + kHint);
  EXPECT_EQ(read_error(safetensors("{\"a\":", "")), "header is not JSON (at byte 6)" + kHint);
  EXPECT_EQ(read_error(safetensors("{}   ", "")), "no error");
  EXPECT_EQ(read_error(safetensors("{\"a\":1}", "")), "header has the number 1 in the wrong place (at 'a')" + kHint);
  EXPECT_EQ(read_error(safetensors("{\"a\":[]}", "")), "header has an array in the wrong place (at 'a')" + kHint);
  EXPECT_EQ(read_error(safetensors("{\"a\":null}", "")), "header has null in the wrong place (at 'a')" + kHint);
  EXPECT_EQ(read_error(safetensors("{\"a\":{\"b\":{}}}", "")), "header has an object in the wrong place (at 'a.b')" + kHint);
  EXPECT_EQ(read_error(safetensors("{\"__metadata__\":{\"x\":1}}", "")), "header has the number 1 in the wrong place (at 'x')" + kHint);
  EXPECT_EQ(read_error(safetensors("{\"a\":{\"dtype\":\"F32\",\"shape\":[1]}}", "")),
            "'a' lacks one of dtype, shape, data_offsets [begin, end]" + kHint);
  EXPECT_EQ(read_error(safetensors("{" + entry("a", "F32", "[-1]", "[0,4]") + "}", "1234")),
            "header has the number -1 in the wrong place (at 'a.shape')" + kHint);
  EXPECT_EQ(read_error(safetensors("{" + entry("a", "F32", "[1.0]", "[0,4]") + "}", "1234")),
            "header has the number 1.0 in the wrong place (at 'a.shape')" + kHint);
  EXPECT_EQ(read_error(safetensors("{" + entry("a", "F32", "[1]", "[0,4e0]") + "}", "1234")),
            "header has the number 4e0 in the wrong place (at 'a.data_offsets')" + kHint);
  EXPECT_EQ(read_error(safetensors("{" + entry("a", "F32", "[1]", "[-4,0]") + "}", "1234")),
            "header has the number -4 in the wrong place (at 'a.data_offsets')" + kHint);
  EXPECT_EQ(read_error(safetensors("{" + entry("a", "F32", "[1]", "[0,4,8]") + "}", "1234")),
            "'a' lacks one of dtype, shape, data_offsets [begin, end]" + kHint);
  EXPECT_EQ(read_error(safetensors("{" + entry("a", "F32", "[1]", "[0,4]") + "," + entry("a", "F32", "[1]", "[0,4]") + "}", "1234")),
            "header has 'a' twice" + kHint);
  EXPECT_EQ(read_error(safetensors("{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", "")), "header has 'dtype' twice" + kHint);
  EXPECT_EQ(read_error(safetensors("{\"a\":" + std::string(100000, '['), "")), "header has an array in the wrong place (at 'a')" + kHint);
  EXPECT_EQ(read_error(safetensors("{" + entry("a", "F8_E4M3", "[1]", "[0,1]") + "}", "1")),
            "'a' has type F8_E4M3, which is not supported; convert it to F32, F16 or BF16");
}

TEST(Safetensors, refuses_bad_places) {
  const auto two = [](const std::string& a, const std::string& b) {
    return "{" + entry("a", "F32", "[1]", a) + "," + entry("b", "F32", "[1]", b) + "}";
  };
  EXPECT_EQ(read_error(safetensors(two("[0,4]", "[4,8]"), "12345678")), "no error");
  EXPECT_EQ(read_error(safetensors(two("[4,8]", "[0,4]"), "12345678")), "no error");
  EXPECT_EQ(read_error(safetensors(two("[0,4]", "[2,6]"), "123456")),
            "'b' begins at byte 2 of the data, inside another tensor (which ends at 4)" + kHint);
  EXPECT_EQ(read_error(safetensors(two("[0,4]", "[8,12]"), "123456789abc")), "bytes 4 to 8 of the data belong to no tensor (before 'b')" + kHint);
  EXPECT_EQ(read_error(safetensors(two("[0,4]", "[4,8]"), "123456789")), "has 1 bytes after the last tensor" + kHint);
  EXPECT_EQ(read_error(safetensors(two("[0,4]", "[4,8]"), "1234567")), "'b' ends at byte 8 of the data, the file has 7" + kHint);
  EXPECT_EQ(read_error(safetensors(two("[0,4]", "[4,0]"), "1234")), "'b' ends at byte 0 of the data, before its begin 4" + kHint);
  EXPECT_EQ(read_error(safetensors("{" + entry("a", "F32", "[2]", "[0,4]") + "}", "1234")),
            "'a' is F32 2, 8 bytes, but its data_offsets span 4" + kHint);
  EXPECT_EQ(read_error(safetensors("{" + entry("a", "F32", "[4611686018427387904,4]", "[0,4]") + "}", "1234")),
            "'a' has more bytes than a number can hold" + kHint);
  EXPECT_EQ(read_error(safetensors("{" + entry("a", "F32", "[18446744073709551615]", "[0,4]") + "}", "1234")),
            "header has the number 18446744073709551615 in the wrong place (at 'a.shape')" + kHint);
}

TEST(Safetensors, written_files_are_read_back_bit_for_bit) {
  const TemporaryFolder folder;
  EXPECT_TRUE(rc::check([&](const std::map<std::string, std::vector<uint32_t>>& content) {
    std::vector<std::vector<float>> values;
    std::vector<NamedTensor> tensors;
    for (const auto& [name, bits] : content) {
      values.emplace_back();
      for (const uint32_t b : bits) values.back().push_back(std::bit_cast<float>(b));
    }
    std::size_t i = 0;
    for (const auto& [name, bits] : content) {
      tensors.push_back({"t" + std::to_string(name.size()) + "." + std::to_string(i), {static_cast<int64_t>(bits.size())}, values[i]});
      ++i;
    }
    write_safetensors(folder.path() / "w.safetensors", tensors, {{"note", "\"quoted\"\n"}});
    const StateDict dict = read_safetensors(folder.path() / "w.safetensors");
    RC_ASSERT(dict.tensors.size() == tensors.size());
    RC_ASSERT(dict.metadata == (std::map<std::string, std::string>{{"format", "pt"}, {"note", "\"quoted\"\n"}}));
    for (const NamedTensor& tensor : tensors) {
      const HostTensor& read = dict.tensors.at(tensor.name);
      RC_ASSERT(read.shape == tensor.shape);
      RC_ASSERT(as_text(read.bytes) == as_text(std::as_bytes(tensor.values)));
    }
  }));
}

TEST(Safetensors, bytes_are_as_the_reference_writes_them) {
  const TemporaryFolder folder;
  const std::vector<float> one{1}, two{2, 3};
  const std::vector<NamedTensor> tensors{{"b", {1, 2}, two}, {"a\"", {}, one}};
  write_safetensors(folder.path() / "w", tensors, {});
  const std::string header =
      "{\"__metadata__\":{\"format\":\"pt\"},\"a\\\"\":{\"dtype\":\"F32\",\"shape\":[],\"data_offsets\":[0,4]},"
      "\"b\":{\"dtype\":\"F32\",\"shape\":[1,2],\"data_offsets\":[4,12]}}";
  std::string expected = safetensors(header + std::string((8 - header.size() % 8) % 8, ' '), "");
  for (const float v : {1.0F, 2.0F, 3.0F}) append(expected, v);
  EXPECT_EQ(content_of(folder.path() / "w"), expected);
}

TEST(Safetensors, refuses_to_write_what_cannot_be_read) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "w";
  const std::vector<float> one{1};
  const auto error = [&](const std::vector<NamedTensor>& tensors) { return error_of(file, [&] { write_safetensors(file, tensors, {}); }); };
  EXPECT_EQ(error({{"a", {1}, one}, {"a", {1}, one}}), "cannot hold 'a' twice");
  EXPECT_EQ(error({{"a", {2}, one}}), "'a' is 2 but has 1 values");
  EXPECT_EQ(error({{"\xFF", {1}, one}}), "cannot hold '\\xff', which is not UTF-8");
  EXPECT_EQ(error({{"__metadata__", {1}, one}}), "cannot hold a tensor named '__metadata__'");
  EXPECT_FALSE(std::filesystem::exists(file));
}

}  // namespace
}  // namespace graft::weights
