#include "graft/convert/idx.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <system_error>
#include <utility>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::convert {
namespace fs = std::filesystem;
namespace {

constexpr unsigned kUnsignedBytes = 8;
constexpr const char* kGzipEnding = ".gz";

/// The sizes of an IDX file of bytes with this many dimensions.
std::vector<uint64_t> read_sizes(const archive::Content& content, std::size_t dimensions, const char* what) {
  const std::vector<std::byte> head = archive::begin_of(content, 4 + 4 * dimensions);
  const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(head[i]); };
  if (head.size() < 4 || byte(0) != 0 || byte(1) != 0) throw data_error(content.name, "not an IDX file: it does not begin with two zeros");
  if (byte(2) != kUnsignedBytes) throw data_error(content.name, fmt::format("IDX values of type {:02x}, expected 08 (unsigned bytes)", byte(2)));
  if (byte(3) != dimensions)
    throw data_error(content.name, fmt::format("IDX of {} dimension{}, expected {} ({})", byte(3), byte(3) == 1 ? "" : "s", dimensions, what));
  if (head.size() < 4 + 4 * dimensions)
    throw data_error(content.name, fmt::format("ends after {} bytes, within its header", head.size()), "download it again");
  std::vector<uint64_t> sizes;
  for (std::size_t i = 4; i < head.size(); i += 4) sizes.push_back(uint64_t{byte(i)} << 24 | byte(i + 1) << 16 | byte(i + 2) << 8 | byte(i + 3));
  return sizes;
}

/// The part that a file's name says, and the part itself of a prefix: "emnist-letters-train" -> train.
std::optional<data::Part> part_of(std::string_view prefix) {
  static constexpr std::array<std::pair<std::string_view, data::Part>, 5> kEnds = {
      {{"train", data::Part::train}, {"t10k", data::Part::test}, {"test", data::Part::test}, {"val", data::Part::val}, {"valid", data::Part::val}}};
  for (const auto& [end, part] : kEnds)
    if (prefix.ends_with(end)) return part;
  return std::nullopt;
}

/// Where "-images" stands in "train-images-idx3-ubyte" or "train-images.idx3-ubyte.gz".
std::size_t images_at(std::string_view name) {
  if (name.ends_with(kGzipEnding)) name.remove_suffix(3);
  for (const std::string_view end : {"-images-idx3-ubyte", "-images.idx3-ubyte"})
    if (name.ends_with(end)) return name.size() - end.size();
  return std::string_view::npos;
}

/// The labels' file of the same name, packed or not; empty when there is none.
fs::path labels_beside(const fs::path& images) {
  std::string name = images.filename().string();
  const std::size_t at = images_at(name);
  if (at == std::string::npos) return {};
  name.replace(at, 7, "-labels");
  name.replace(name.find("idx3", at), 4, "idx1");
  if (name.ends_with(kGzipEnding)) name.resize(name.size() - 3);
  for (const char* ending : {"", kGzipEnding}) {
    const fs::path path = images.parent_path() / (name + ending);
    std::error_code ignored;
    if (fs::is_regular_file(path, ignored)) return path;
  }
  return {};
}

Collection read_folder(const fs::path& folder) {
  std::map<data::Part, fs::path> files;
  std::error_code code;
  std::vector<fs::path> paths;
  for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) paths.push_back(it->path());
  if (code) throw system_error(folder, "list", code.value());
  std::ranges::sort(paths);  // a file stands before the same one packed
  for (const fs::path& path : paths) {
    const std::string name = path.filename().string();
    const std::size_t at = images_at(name);
    const auto part = at == std::string::npos ? std::nullopt : part_of(std::string_view(name).substr(0, at));
    if (!part) continue;
    const auto [other, added] = files.emplace(*part, path);
    if (!added && other->second.string() + kGzipEnding != path.string())
      throw data_error(printable(folder.string()),
                       fmt::format("holds two files of {} pictures, '{}' and '{}'", data::to_string(*part),
                                   printable(other->second.filename().string()), printable(name)),
                       "give one of them, or move the others elsewhere");
  }
  if (!files.contains(data::Part::train))
    throw data_error(printable(folder.string()), "no train-images-idx3-ubyte in it", "give the folder that holds the files as they were downloaded");
  Collection collection{"IDX", {}, {}};
  for (const auto& [part, path] : files) {
    const fs::path labels = labels_beside(path);
    if (labels.empty()) throw data_error(printable(path.string()), "no file of labels next to it", "download that as well");
    collection.pictures.push_back(read_idx(archive::content_of(path), archive::content_of(labels)));
    collection.pictures.back().part = part;
  }
  return collection;
}

}  // namespace

bool is_idx(Bytes bytes) {
  static constexpr std::array<std::byte, 4> kMagic = {std::byte{0}, std::byte{0}, std::byte{kUnsignedBytes}, std::byte{3}};
  return bytes.size() >= kMagic.size() && std::equal(kMagic.begin(), kMagic.end(), bytes.begin());
}

Pictures read_idx(archive::Content images, const archive::Content& labels) {
  const std::vector<uint64_t> sizes = read_sizes(images, 3, "pictures, rows, columns");
  const uint64_t count = sizes[0], count_of_labels = read_sizes(labels, 1, "labels")[0];
  check_sides(images.name, sizes[2], sizes[1]);
  check_count(images.name, count);
  if (count_of_labels != count)
    throw data_error(labels.name, fmt::format("{} labels for the {} pictures of {}", count_of_labels, count, images.name),
                     "they do not belong together");
  const std::string pictures = fmt::format("{} pictures of {}x{}", with_commas(static_cast<long long>(count)), sizes[2], sizes[1]);
  archive::check_size(labels, 8 + count, fmt::format("{} labels", with_commas(static_cast<long long>(count))));
  archive::check_size(images, 16 + count * sizes[1] * sizes[2], pictures);

  Pictures found{.content = std::move(images), .begin = 16, .width = static_cast<int>(sizes[2]), .height = static_cast<int>(sizes[1])};
  found.labels_name = labels.name;
  const std::unique_ptr<archive::Stream> stream = labels.open();
  stream->skip(8);
  std::vector<std::byte> bytes(count);
  stream->read(bytes);
  for (const std::byte label : bytes) found.labels.push_back(std::to_integer<uint16_t>(label));
  return found;
}

Collection read_idx(const fs::path& source, const fs::path& labels) {
  if (fs::is_directory(source)) return read_folder(source);
  const fs::path file = labels.empty() ? labels_beside(source) : labels;
  if (file.empty())
    throw usage_error("--labels", "missing: there is no file of labels next to " + printable(source.string()), "name it, --labels FILE");
  return {"IDX", {}, {read_idx(archive::content_of(source), archive::content_of(file))}};
}

}  // namespace graft::convert
