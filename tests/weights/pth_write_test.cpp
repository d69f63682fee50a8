#include "graft/weights/torch/pth_write.h"

#include <rapidcheck.h>
#include <sys/mman.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "graft/archive/zip_write.h"
#include "graft/base/text.h"
#include "graft/graph/builder.h"
#include "graft/weights/file/safetensors.h"
#include "graft/weights/load.h"
#include "graft/weights/rename.h"
#include "graft/weights/torch/pth.h"
#include "graft/weights/verify_file.h"
#include "weights/weight_files.h"

namespace graft::weights {
namespace {

/// A tensor of any type, up to four dimensions of 0 to 4, a view with gaps, turned axes or strides of 0 into random bytes.
HostTensor any_tensor(const std::vector<std::byte>& storage) {
  HostTensor tensor{static_cast<Dtype>(*rc::gen::inRange(0, 10)), {}, {}, {}};
  const int rank = *rc::gen::inRange(0, 5);
  for (int d = 0; d < rank; ++d) tensor.shape.push_back(*rc::gen::inRange<int64_t>(0, 5));
  tensor.strides = row_major_strides(tensor.shape);
  if (*rc::gen::arbitrary<bool>())
    for (int64_t& stride : tensor.strides) stride = *rc::gen::inRange<int64_t>(0, 9);
  const std::size_t width = size_of(tensor.dtype);
  if (graph::element_count(tensor.shape) == 0) return tensor;
  std::size_t last = 0;
  for (std::size_t d = 0; d < tensor.shape.size(); ++d) last += static_cast<std::size_t>((tensor.shape[d] - 1) * tensor.strides[d]);
  tensor.bytes = Bytes(storage).subspan(*rc::gen::inRange<std::size_t>(0, 64), (last + 1) * width);
  return tensor;
}

/// Row-major bytes, element by element: slow and plain.
std::string elements_of(const HostTensor& tensor) {
  std::string out;
  const std::size_t width = size_of(tensor.dtype);
  for (int64_t i = 0; i < graph::element_count(tensor.shape); ++i) {
    int64_t rest = i, place = 0;
    for (std::size_t d = tensor.shape.size(); d-- > 0;) {
      place += rest % tensor.shape[d] * tensor.strides[d];
      rest /= tensor.shape[d];
    }
    out += as_text(tensor.bytes.subspan(static_cast<std::size_t>(place) * width, width));
  }
  return out;
}

void expect_equal(const StateDict& read, const StateDict& written) {
  RC_ASSERT(read.tensors.size() == written.tensors.size());
  for (const auto& [name, tensor] : written.tensors) {
    const HostTensor& found = read.tensors.at(name);
    RC_ASSERT(found.dtype == tensor.dtype);
    RC_ASSERT(found.shape == tensor.shape);
    RC_ASSERT(is_contiguous(found));
    RC_ASSERT(std::string(as_text(found.bytes)) == elements_of(tensor));
  }
}

StateDict any_dict(const std::vector<std::byte>& storage) {
  StateDict dict;
  const int count = *rc::gen::inRange(1, 12);
  for (int i = 0; i < count; ++i) dict.tensors["layer\"\xC3\xBC." + std::to_string(i)] = any_tensor(storage);
  return dict;
}

TEST(WrittenWeights, both_formats_read_back_bit_for_bit_and_turn_into_each_other) {
  const TemporaryFolder folder;
  const auto pth = folder.path() / "w.pth", safetensors = folder.path() / "w.safetensors", again = folder.path() / "again.pth";
  EXPECT_TRUE(rc::check([&](uint8_t seed) {
    std::vector<std::byte> storage(2000);
    for (std::size_t i = 0; i < storage.size(); ++i) storage[i] = static_cast<std::byte>(i * i * 37 + seed);
    const StateDict dict = any_dict(storage);
    write_pth(pth, dict, Sync::later);
    const StateDict from_pth = read_pth(pth);
    expect_equal(from_pth, dict);
    for (const auto& [name, tensor] : from_pth.tensors)
      RC_ASSERT(tensor.bytes.empty() || reinterpret_cast<std::uintptr_t>(tensor.bytes.data()) % 64 == 0);
    write_safetensors(safetensors, from_pth, Sync::later);
    const StateDict from_safetensors = read_safetensors(safetensors);
    expect_equal(from_safetensors, dict);
    write_pth(again, from_safetensors, Sync::later);
    RC_ASSERT(content_of(again) == content_of(pth));
  }));
}

TEST(WrittenWeights, torch_files_of_every_type_keep_their_values) {
  const TemporaryFolder folder;
  for (const char* name : {"dtypes_zip.pth", "views_zip.pth", "dtypes_legacy.pth", "dtypes.safetensors"}) {
    const StateDict dict = read(fixture(name));
    write_pth(folder.path() / "w.pth", dict);
    write_safetensors(folder.path() / "w.safetensors", dict);
    for (const char* written : {"w.pth", "w.safetensors"}) {
      const StateDict read_back = read(folder.path() / written);
      ASSERT_EQ(read_back.tensors.size(), dict.tensors.size());
      for (const auto& [tensor_name, tensor] : dict.tensors) {
        EXPECT_EQ(read_back.tensors.at(tensor_name).dtype, tensor.dtype);
        EXPECT_EQ(as_text(read_back.tensors.at(tensor_name).bytes), elements_of(tensor)) << name << " " << tensor_name;
      }
    }
  }
}

TEST(WrittenWeights, safetensors_are_the_bytes_of_the_reference) {
  const TemporaryFolder folder;
  StateDict dict = read(fixture("dtypes.safetensors"));
  write_safetensors(folder.path() / "w", dict);
  const std::string theirs = content_of(fixture("dtypes.safetensors")), ours = content_of(folder.path() / "w");
  const auto header = [](const std::string& file) {
    uint64_t length = 0;
    std::memcpy(&length, file.data(), 8);
    return file.substr(8, length);
  };
  EXPECT_EQ(ours.substr(8 + header(ours).size()), theirs.substr(8 + header(theirs).size()));
  const auto tensors = [&](const std::string& file) {
    const std::string text = header(file);
    const std::size_t metadata = text.find("\"__metadata__\""), end = metadata == std::string::npos ? 1 : text.find("},", metadata) + 2;
    return std::string(trim(text.substr(end)));
  };
  EXPECT_EQ(tensors(ours), tensors(theirs));
}

TEST(WrittenWeights, metadata_stay_and_a_format_is_added_only_where_there_is_none) {
  const TemporaryFolder folder;
  StateDict dict = read(fixture("plain.safetensors"));
  write_safetensors(folder.path() / "w", dict);
  EXPECT_EQ(read_safetensors(folder.path() / "w").metadata, (std::map<std::string, std::string>{{"format", "pt"}, {"note", "tiny"}}));
  dict.metadata = {{"format", "np"}};
  write_safetensors(folder.path() / "w", dict);
  EXPECT_EQ(read_safetensors(folder.path() / "w").metadata, (std::map<std::string, std::string>{{"format", "np"}}));
}

TEST(WrittenWeights, names_that_no_reader_takes_are_refused_and_nothing_is_written) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "w";
  StateDict dict;
  dict.tensors["a\xFF"] = {Dtype::f32, {0}, {1}, {}};
  EXPECT_EQ(error_of(file, [&] { write_pth(file, dict); }), "cannot hold 'a\\xff', which is not UTF-8");
  EXPECT_EQ(error_of(file, [&] { write_safetensors(file, dict); }), "cannot hold 'a\\xff', which is not UTF-8");
  dict.tensors.clear();
  dict.tensors["__metadata__"] = {Dtype::u8, {0}, {1}, {}};
  EXPECT_EQ(error_of(file, [&] { write_safetensors(file, dict); }), "cannot hold a tensor named '__metadata__'");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

std::string joined(const archive::ZipParts& file) {
  std::string text;
  for (const Bytes part : file.parts) text += as_text(part);
  return text;
}

TEST(ZipParts, more_entries_than_16_bits_hold) {
  std::vector<archive::ZipEntry> entries(70000);
  for (std::size_t i = 0; i < entries.size(); ++i) entries[i].name = "archive/data/" + std::to_string(i);
  const std::string file = joined(archive::zip_parts(entries));
  const std::vector<archive::ZipEntry> read = archive::read_zip(as_bytes(file), "f");
  ASSERT_EQ(read.size(), entries.size());
  EXPECT_EQ(read.back().name, "archive/data/69999");
}

/// More than 4 GiB of address space, of which only the headers are ever touched.
TEST(ZipParts, contents_and_places_beyond_32_bits) {
  constexpr std::size_t kLarge = (std::size_t{4} << 30) + 12345, kSpace = kLarge + (1 << 20);
  const auto reserve = [](std::size_t size) {
    return static_cast<std::byte*>(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
  };
  std::byte* const content = reserve(kLarge);
  std::byte* const image = reserve(kSpace);
  ASSERT_NE(content, MAP_FAILED);
  ASSERT_NE(image, MAP_FAILED);
  const archive::ZipParts file = archive::zip_parts({{"large", 1, 0, {content, kLarge}}, {"small", 0, 0, {}}, {"last", 2, 0, as_bytes("end")}});
  std::size_t at = 0;
  for (const Bytes part : file.parts) {
    if (part.size() < kLarge) std::ranges::copy(part, image + at);
    at += part.size();
  }
  const std::vector<archive::ZipEntry> read = archive::read_zip({image, at}, "f");
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read[0].bytes.size(), kLarge);
  EXPECT_EQ((read[0].bytes.data() - image) % 64, 0);
  EXPECT_GT(read[1].header, std::size_t{1} << 32);
  EXPECT_EQ(as_text(read[2].bytes), "end");
  EXPECT_EQ((read[2].bytes.data() - image) % 64, 0);
  munmap(content, kLarge);
  munmap(image, kSpace);
}

TEST(Verify, the_hash_in_a_name) {
  EXPECT_EQ(hash_in_name("resnet50-0676ba61.pth"), "0676ba61");
  EXPECT_EQ(hash_in_name("x-y-57934424.safetensors"), "57934424");
  for (const char* name : {"resnet50.pth", "resnet-50.pth", "a-0676BA61.pth", "a-0676ba6.pth", "a-0676ba6z.pth", "run-20250131.pth"})
    EXPECT_EQ(hash_in_name(name), "") << name;
}

TEST(Verify, counts_what_is_no_number_in_every_float_type) {
  const std::vector<uint16_t> halves{0x7C00, 0xFC00, 0x7C01, 0x7BFF, 0x0001}, bfloats{0x7F80, 0xFFC0, 0x7F7F, 0, 1};
  const std::vector<float> floats{HUGE_VALF, NAN, 1, -HUGE_VALF, 0};
  const std::vector<double> doubles{1e300, NAN, -NAN, HUGE_VAL, 0};
  StateDict dict;
  const auto add = [&](const std::string& name, Dtype dtype, const auto& values) {
    dict.tensors[name] = {dtype, {5}, {1}, std::as_bytes(std::span(values))};
  };
  add("f16", Dtype::f16, halves);
  add("bf16", Dtype::bf16, bfloats);
  add("f32", Dtype::f32, floats);
  add("f64", Dtype::f64, doubles);
  add("i16", Dtype::i16, halves);
  std::string text;
  for (const NonFinite& found : non_finite(dict))
    text += found.tensor + " " + std::to_string(found.nans) + " " + std::to_string(found.infinities) + "\n";
  EXPECT_EQ(text, "bf16 1 1\nf16 1 2\nf32 1 2\nf64 2 1\n");
}

TEST(Verify, reads_entries_that_no_tensor_uses) {
  const TemporaryFolder folder;
  std::string file = content_of(fixture("plain_zip.pth"));
  ASSERT_EQ(verify_file(folder.write("w.pth", file)).tensors, 8U);
  const std::vector<archive::ZipEntry> entries = archive::read_zip(as_bytes(file), "f");
  const auto version = std::ranges::find_if(entries, [](const archive::ZipEntry& entry) { return entry.name.ends_with("/version"); });
  file[static_cast<std::size_t>(version->bytes.data() - as_bytes(file).data())] ^= 1;
  const auto path = folder.write("w.pth", file);
  EXPECT_EQ(error_of(path, [&] { read(path); }), "no error");
  EXPECT_TRUE(error_of(path, [&] { verify_file(path); }).starts_with("zip archive: '" + version->name + "' has CRC ")) << version->name;
}

/// A network of one convolution and a classifier whose publisher calls them "stem" and "top" and keeps the classifier as a convolution.
models::Backbone tiny() {
  models::Backbone row{"tiny",
                       "tiny",
                       "",
                       [](int64_t classes, Size) {
                         graph::Graph graph{.name = "tiny"};
                         graph::Builder b(graph);
                         b.stage("stem");
                         const graph::Value x = b.conv("conv1", b.input({3, 4, 4}), {.out = 2, .kernel = 3});
                         b.stage("head");
                         b.linear("fc", b.apply(graph::Flatten{}, {x}), {.out = classes});
                         return graph;
                       },
                       {}};
  row.sources.push_back({.tag = "A", .file = "a.safetensors"});
  row.sources.push_back(
      {.tag = "B", .file = "b.safetensors", .rename = [](std::string_view name) -> std::string {
         if (name.starts_with("aux")) return "";
         return name == "stem.weight" ? "conv1.weight" : name.starts_with("top.") ? "fc." + std::string(name.substr(4)) : std::string(name);
       }});
  return row;
}

TEST(Rename, gives_the_networks_names_and_shapes) {
  const models::Backbone row = tiny();
  const std::vector<std::byte> bytes(200000, std::byte{7});
  const auto tensor = [&](graph::Dims shape) {
    return HostTensor{Dtype::f32, shape, row_major_strides(shape), Bytes(bytes).first(static_cast<std::size_t>(graph::element_count(shape)) * 4)};
  };
  StateDict dict{.source = "f"};
  dict.tensors = {{"stem.weight", tensor({2, 3, 3, 3})},
                  {"top.weight", tensor({1000, 2, 4, 4})},
                  {"top.bias", tensor({1000})},
                  {"aux.x", tensor({9})}};
  const RenameReport report = rename_tensors(dict, {&row, &row.sources[0]});
  EXPECT_EQ(report.names_of, "b.safetensors");
  EXPECT_EQ(report.left_out, std::vector<std::string>{"aux.x"});
  ASSERT_EQ(dict.tensors.size(), 3U);
  EXPECT_EQ(dict.tensors.at("fc.weight").shape, (graph::Dims{1000, 32}));
  EXPECT_EQ(dict.tensors.at("conv1.weight").shape, (graph::Dims{2, 3, 3, 3}));
  EXPECT_EQ(rename_tensors(dict, {&row, &row.sources[0]}).names_of, "");  // its own names now
  dict.tensors.erase("conv1.weight");
  EXPECT_EQ(error_of("f", [&] { rename_tensors(dict, {&row, &row.sources[0]}); }), "lacks 'conv1.weight' of tiny");
}

}  // namespace
}  // namespace graft::weights
