#include "graft/convert/npz.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "graft/archive/npy_header.h"
#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::convert {
namespace {

constexpr std::size_t kMostHeader = 1 << 16;
constexpr const char* kExpected = "expected the layout of MedMNIST: train_images and train_labels, optionally also those of val and test";

struct Array {
  archive::Content content;
  archive::NpyHeader header;

  std::string shape() const {
    std::string text;
    for (const uint64_t size : header.shape) text += fmt::format("{}{}", text.empty() ? "" : ", ", size);
    return fmt::format("({}{})", text, header.shape.size() == 1 ? "," : "");
  }
};

Array read_array(archive::Content content) {
  Array array{std::move(content), {}};
  array.header = archive::read_npy_header(archive::begin_of(array.content, kMostHeader), array.content.name, "write it with numpy.savez");
  if (array.header.fortran_order && array.header.shape.size() > 1)
    throw data_error(array.content.name, "in Fortran order, expected C order", "save numpy.ascontiguousarray(array)");
  return array;
}

/// What its header says against what its entry holds, `element` bytes a value.
void check_values(const Array& array, uint64_t element) {
  const auto size = archive::npy_bytes(array.header.shape, element);
  uint64_t whole = 0;
  if (!size || __builtin_add_overflow(*size, array.header.size, &whole))
    throw data_error(array.content.name, array.shape() + " is more than 64 bits can count", "download it again");
  archive::check_size(array.content, whole, fmt::format("header and values of {}", array.shape()));
}

Pictures read_images(Array array) {
  const std::string& name = array.content.name;
  const std::vector<uint64_t>& shape = array.header.shape;
  if (array.header.descr != "|u1" && array.header.descr != "<u1")
    throw data_error(name, fmt::format("values of type '{}', expected uint8", printable(array.header.descr)), "save array.astype('uint8'), 0 to 255");
  if (shape.size() != 3 && shape.size() != 4) throw data_error(name, fmt::format("shape {}, expected (N, H, W) or (N, H, W, 3)", array.shape()));
  if (shape.size() == 4 && shape[3] != 1 && shape[3] != 3)
    throw data_error(name, fmt::format("shape {}, expected 1 or 3 channels at its end", array.shape()), "3D volumes are not photos");
  check_sides(name, shape[2], shape[1]);
  check_count(name, shape[0]);
  check_values(array, 1);
  Pictures found{.begin = array.header.size, .width = static_cast<int>(shape[2]), .height = static_cast<int>(shape[1])};
  found.channels = shape.size() == 4 ? static_cast<int>(shape[3]) : 1;
  found.content = std::move(array.content);
  return found;
}

/// The label of little-endian bytes of a type like "<i8"; those beyond signed 64 bits become -1, which no label is.
int64_t label_in(Bytes bytes, bool has_sign) {
  uint64_t value = has_sign && (std::to_integer<unsigned>(bytes.back()) & 0x80U) != 0 ? ~uint64_t{0} : 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = value << 8 | std::to_integer<uint64_t>(bytes[i]);
  return !has_sign && value >> 63 != 0 ? -1 : static_cast<int64_t>(value);
}

std::vector<uint16_t> read_labels(const Array& array, uint64_t count) {
  static constexpr std::array<std::string_view, 10> kTypes = {"|u1", "|i1", "<u1", "<i1", "<u2", "<i2", "<u4", "<i4", "<u8", "<i8"};
  const std::string& name = array.content.name;
  const std::vector<uint64_t>& shape = array.header.shape;
  if (std::ranges::find(kTypes, array.header.descr) == kTypes.end())
    throw data_error(name, fmt::format("values of type '{}', expected whole numbers", printable(array.header.descr)), "save labels.astype('int64')");
  if (shape.size() == 2 && shape[1] > 1)
    throw data_error(name, fmt::format("shape {}: {} labels for each picture (multi-label), expected one", array.shape(), shape[1]),
                     "a folder of classes can hold one label for each picture; keep one column of the labels");
  if ((shape.size() != 1 && shape.size() != 2) || (shape.size() == 2 && shape[1] != 1))
    throw data_error(name, fmt::format("shape {}, expected (N,) or (N, 1)", array.shape()));
  if (shape[0] != count) throw data_error(name, fmt::format("{} labels for {} pictures", shape[0], count), "they do not belong together");
  const auto element = static_cast<std::size_t>(array.header.descr[2] - '0');
  check_values(array, element);

  const std::unique_ptr<archive::Stream> stream = array.content.open();
  stream->skip(array.header.size);
  std::vector<uint16_t> labels;
  std::array<std::byte, 8> bytes{};
  while (labels.size() < count) {
    const std::span value = std::span(bytes).first(element);
    stream->read(value);
    const int64_t label = label_in(value, array.header.descr[1] == 'i');
    check_label(name, label, labels.size(), kMostClasses);
    labels.push_back(static_cast<uint16_t>(label));
  }
  return labels;
}

struct Names {
  data::Part part;
  const char *images, *labels;
};
constexpr std::array<Names, 5> kNames = {{{data::Part::train, "train_images", "train_labels"},
                                          {data::Part::val, "val_images", "val_labels"},
                                          {data::Part::test, "test_images", "test_labels"},
                                          {data::Part::train, "x_train", "y_train"},
                                          {data::Part::test, "x_test", "y_test"}}};

}  // namespace

Collection read_npz(Bytes file, const std::string& name) {
  const std::vector<archive::ZipEntry> entries = archive::read_zip(file, name, archive::Entries::deflated_too);
  const auto find = [&](const std::string& array) { return std::ranges::find(entries, array + ".npy", &archive::ZipEntry::name); };
  const auto read = [&](const std::string& array, const char* with) {
    const auto entry = find(array);
    if (entry == entries.end()) throw data_error(name, fmt::format("holds {} without {}", with, array), kExpected);
    return read_array(archive::content_of(*entry, name + ": " + array));
  };
  Collection collection{"npz", {}, {}};
  for (const Names& names : kNames) {
    if (find(names.images) == entries.end() && find(names.labels) == entries.end()) continue;
    if (std::ranges::any_of(collection.pictures, [&](const Pictures& other) { return other.part == names.part; }))
      throw data_error(name, fmt::format("holds two arrays of {} pictures, one of them {}", data::to_string(names.part), names.images), kExpected);
    Array images = read(names.images, names.labels);
    const Array labels = read(names.labels, names.images);
    const uint64_t count = images.header.shape.empty() ? 0 : images.header.shape[0];
    Pictures& pictures = collection.pictures.emplace_back(read_images(std::move(images)));
    pictures.part = names.part;
    pictures.labels_name = labels.content.name;
    pictures.labels = read_labels(labels, count);
  }
  if (collection.pictures.empty() || collection.pictures[0].part != data::Part::train) {
    std::vector<std::string> found;
    for (const archive::ZipEntry& entry : entries) found.push_back(entry.name);
    throw data_error(name, "no train_images in it, only " + (found.empty() ? "nothing" : printable(first_few(found))), kExpected);
  }
  return collection;
}

Collection read_npz(const std::filesystem::path& source) {
  const auto file = std::make_shared<const MappedFile>(source);
  Collection collection = read_npz(file->bytes(), printable(source.string()));
  for (Pictures& pictures : collection.pictures) pictures.content = archive::kept(std::move(pictures.content), file);
  return collection;
}

}  // namespace graft::convert
