#include "graft/convert/cifar.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <system_error>
#include <utility>

#include "graft/archive/tar.h"
#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::convert {
namespace fs = std::filesystem;
namespace {

constexpr int kSide = 32;
constexpr std::size_t kPixels = 3 * kSide * kSide, kMostText = 1 << 16;
constexpr const char* kDownload = "download cifar-10-binary.tar.gz or cifar-100-binary.tar.gz";

struct Kind {
  const char* name;
  std::size_t before, label_at, classes;  // bytes before the pixels, the label's place among them
  const char* names;                      // the file of the classes' names
};

/// data_batch_1.bin to data_batch_5.bin.
bool is_train(const std::string& file, const Kind& kind) {
  if (kind.before == 2) return file == "train.bin";
  constexpr std::string_view kBefore = "data_batch_", kAfter = ".bin";
  return file.size() == kBefore.size() + 1 + kAfter.size() && file.starts_with(kBefore) && file.ends_with(kAfter);
}
bool is_test(const std::string& file, const Kind& kind) { return file == (kind.before == 1 ? "test_batch.bin" : "test.bin"); }

std::vector<std::string> read_names(const archive::Content& content, std::size_t classes) {
  const std::vector<std::byte> text = archive::all_of(content, kMostText);
  std::vector<std::string> names;
  for (const std::string& line : split(as_text(text), '\n'))
    if (const std::string_view name = trim(line); !name.empty()) names.emplace_back(name);
  if (names.size() != classes) throw data_error(content.name, fmt::format("{} class names, expected {}", names.size(), classes), kDownload);
  return names;
}

Pictures read_batch(archive::Content content, const Kind& kind) {
  Pictures found{.content = std::move(content), .before = kind.before, .width = kSide, .height = kSide, .channels = 3, .planar = true};
  const std::string& name = found.labels_name = found.content.name;
  const std::unique_ptr<archive::Stream> stream = found.content.open();
  for (;;) {
    std::array<std::byte, 2> labels{};
    std::size_t got = stream->read(std::span(labels).first(kind.before));
    if (got == 0) break;
    if (got == kind.before) got += stream->skip(kPixels);
    if (got < found.record())
      throw data_error(name, fmt::format("ends within the picture at index {}, after {} of its {} bytes", found.labels.size(), got, found.record()),
                       kDownload);
    const auto label = std::to_integer<uint16_t>(labels[kind.label_at]);
    check_label(name, label, found.labels.size(), kind.classes);
    found.labels.push_back(label);
    check_count(name, found.labels.size());
  }
  check_count(name, found.labels.size());
  return found;
}

CifarFiles files_in(const fs::path& folder) {
  CifarFiles files;
  std::error_code code;
  for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code))
    if (std::error_code ignored; it->is_regular_file(ignored)) files.emplace(it->path().filename().string(), archive::content_of(it->path()));
  if (code) throw system_error(folder, "list", code.value());
  return files;
}

CifarFiles files_of(const archive::Content& tar) {
  CifarFiles files;
  for (const archive::TarMember& member : archive::list_tar(tar))
    if (!files.emplace(member.file_name, archive::content_of(tar, member)).second)
      throw data_error(tar.name, fmt::format("tar archive: holds '{}' twice", printable(member.file_name)), kDownload);
  return files;
}

}  // namespace

bool is_cifar(const std::function<bool(const std::string&)>& holds) {
  return holds("data_batch_1.bin") || holds("data_batch_1") || (holds("train.bin") && (holds("fine_label_names.txt") || holds("test.bin"))) ||
         (holds("train") && holds("meta"));
}

Collection read_cifar(const CifarFiles& files, const std::string& name, CifarLabels labels) {
  static constexpr Kind kTen{"CIFAR-10", 1, 0, 10, "batches.meta.txt"}, kFine{"CIFAR-100", 2, 1, 100, "fine_label_names.txt"},
      kCoarse{"CIFAR-100", 2, 0, 20, "coarse_label_names.txt"};
  const bool hundred = files.contains("train.bin");
  if (!hundred && labels == CifarLabels::coarse) throw usage_error("--labels coarse", "is for CIFAR-100 only", "omit it");
  const Kind& kind = !hundred ? kTen : labels == CifarLabels::coarse ? kCoarse : kFine;
  Collection collection{kind.name, {}, {}};
  std::array<std::size_t, 2> numbers{};
  for (const auto& [file, content] : files) {
    const bool test = is_test(file, kind);
    if (!test && !is_train(file, kind)) continue;
    Pictures& batch = collection.pictures.emplace_back(read_batch(content, kind));
    batch.part = test ? data::Part::test : data::Part::train;
    batch.first = std::exchange(numbers[test], numbers[test] + batch.labels.size());
    check_count(name, batch.first + batch.labels.size());
  }
  if (numbers[0] == 0 && (files.contains("data_batch_1") || files.contains("train")))
    throw data_error(name, "the Python version of CIFAR, expected the binary version", kDownload);
  if (numbers[0] == 0) throw data_error(name, "holds neither data_batch_1.bin nor train.bin", kDownload);
  if (const auto names = files.find(kind.names); names != files.end()) collection.classes = read_names(names->second, kind.classes);
  else
    for (std::size_t i = 0; i < kind.classes; ++i) collection.classes.push_back(std::to_string(i));
  return collection;
}

Collection read_cifar(const fs::path& source, CifarLabels labels) {
  const std::string name = printable(source.string());
  if (fs::is_directory(source)) return read_cifar(files_in(source), name, labels);
  const archive::Content tar = archive::content_of(source);
  if (!archive::is_tar(archive::begin_of(tar, 512)))
    throw data_error(name, "not a tar archive", "give the folder of CIFAR's files, or the .tar.gz as it was downloaded");
  return read_cifar(files_of(tar), name, labels);
}

}  // namespace graft::convert
