#include "graft/search/index.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>

#include <unistd.h>

#include "graft/archive/npy_header.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/json.h"
#include "graft/base/paths.h"
#include "graft/base/text.h"
#include "graft/data/csv.h"
#include "graft/search/npy.h"
#include "graft/weights/file/safetensors.h"

namespace graft::search {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

constexpr const char* kTensor = "features";
constexpr const char* kMetadata = "graft.index";
constexpr std::size_t kMostMetadata = 45'000'000;  // of a header of 100 MB, in which every quote and backslash of it is escaped
constexpr const char* kAgain = "make the index again with `graft embed`";

fs::path json_beside(const fs::path& path) { return fs::path(path) += ".json"; }

/// The file it was made with, as the index names it: from its own folder.
std::string backbone_in(const IndexInfo& info, const fs::path& index) {
  return info.file_network ? PathsIn(index.parent_path()).name_of(info.backbone).string() : info.backbone;
}

/// The other way round. Older indexes have it as it was given, which may have been from another folder.
std::string backbone_of(const std::string& name, const fs::path& index) {
  const std::string place = PathsIn(index.parent_path()).path_of(name).string();
  std::error_code code;
  return !fs::exists(place, code) && fs::exists(name, code) ? name : place;
}

Json to_json(const IndexInfo& info, std::size_t width, const fs::path& index) {
  Json json{{"graft", GRAFT_VERSION},
            {"backbone", backbone_in(info, index)},
            {"weights", {{"file", info.weights_file}, {"sha256", info.weights_sha256}}},
            {"preprocess", data::to_json(info.preprocess)},
            {"precision", engine::to_string(info.precision)},
            {"mirror", info.mirror},
            {"normalized", info.normalized},
            {"rows", info.paths.size()},
            {"width", width},
            {"paths", info.paths}};
  if (info.file_network) json["network"] = {{"tensor", info.file_network->tensor}, {"channels", info.file_network->blue_first ? "bgr" : "rgb"}};
  return json;
}

template <class T>
T value_of(const Json& json, const char* key, const std::string& source) {
  try {
    if (json.is_object() && json.contains(key)) return json[key].get<T>();
  } catch (const nlohmann::json::exception&) {
    // of another type: as if it were not there
  }
  throw data_error(source, fmt::format("lacks the '{}' that `graft embed` writes", key), kAgain);
}

std::optional<FileNetwork> file_network(const Json& json, const std::string& source) {
  if (!json.contains("network")) return std::nullopt;
  const Json network = value_of<Json>(json, "network", source);
  return FileNetwork{value_of<std::string>(network, "tensor", source), value_of<std::string>(network, "channels", source) == "bgr"};
}

IndexInfo info_from_json(const Json& json, const std::string& source, const fs::path& index) {
  const Json weights = value_of<Json>(json, "weights", source);
  const std::optional<FileNetwork> network = file_network(json, source);
  const auto backbone = value_of<std::string>(json, "backbone", source);
  return {.backbone = network ? backbone_of(backbone, index) : backbone,
          .weights_file = value_of<std::string>(weights, "file", source),
          .weights_sha256 = value_of<std::string>(weights, "sha256", source),
          .preprocess = data::preprocess_from_json(nlohmann::json(value_of<Json>(json, "preprocess", source)), source),
          .file_network = network,
          .precision = value_of<std::string>(json, "precision", source) == "bf16" ? engine::Precision::bf16 : engine::Precision::float32,
          .mirror = value_of<bool>(json, "mirror", source),
          .normalized = value_of<bool>(json, "normalized", source),
          .paths = value_of<std::vector<std::string>>(json, "paths", source)};
}

std::string csv_text(const IndexInfo& info, std::span<const float> values, std::size_t width) {
  std::string text = "path";
  for (std::size_t i = 0; i < width; ++i) fmt::format_to(std::back_inserter(text), ",f{}", i);
  text += '\n';
  for (std::size_t row = 0; row < info.paths.size(); ++row) {
    text += csv_field(info.paths[row]);
    for (const float value : values.subspan(row * width, width)) fmt::format_to(std::back_inserter(text), ",{}", value);
    text += '\n';
  }
  return text;
}

/// A file under a hidden name beside its place, until it is renamed there.
class Staged {
 public:
  explicit Staged(fs::path target)
      : target_(std::move(target)), path_(target_.parent_path() / fmt::format(".{}.new-{}", target_.filename().string(), ::getpid())) {}
  ~Staged() {
    std::error_code ignored;
    fs::remove(path_, ignored);
  }
  Staged(const Staged&) = delete;
  Staged& operator=(const Staged&) = delete;
  const fs::path& path() const { return path_; }
  void commit() const {
    std::error_code code;
    fs::rename(path_, target_, code);
    if (code) throw system_error(target_, "write", code.value());
  }

 private:
  fs::path target_, path_;
};

Table csv_table(const fs::path& path, const std::string& name) {
  const std::vector<std::byte> bytes = read_file(path);
  const std::vector<data::CsvRow> rows = data::parse_csv(as_text(bytes), ',', name);
  if (rows.size() < 2 || rows[0].fields.size() < 2) throw data_error(name, "no rows of path,f0,f1 and so on", kAgain);
  const std::size_t width = rows[0].fields.size() - 1;
  auto values = std::make_shared<std::vector<float>>();
  values->reserve((rows.size() - 1) * width);
  for (std::size_t i = 1; i < rows.size(); ++i) {
    const std::string where = fmt::format("{}:{}", name, rows[i].line);
    if (rows[i].fields.size() != width + 1)
      throw data_error(where, fmt::format("column count {}, expected {}", rows[i].fields.size(), width + 1), kAgain);
    for (std::size_t c = 1; c <= width; ++c) {
      const std::string& field = rows[i].fields[c];
      const std::optional<float> number = number_in<float>(field);
      if (!number) throw data_error(where, fmt::format("'{}' in column f{}, expected a number", printable(field), c - 1), kAgain);
      values->push_back(*number);
    }
  }
  return {rows.size() - 1, width, values, *values};
}

Table safetensors_table(const weights::StateDict& dict) {
  const auto found = dict.tensors.find(kTensor);
  if (found == dict.tensors.end()) throw data_error(dict.source, fmt::format("holds no tensor '{}'", kTensor), kAgain);
  const weights::HostTensor& tensor = found->second;
  if (tensor.dtype != weights::Dtype::f32 || tensor.shape.size() != 2 || graph::element_count(tensor.shape) == 0)
    throw data_error(
        dict.source,
        fmt::format("'{}' is {} {}, expected float32 rows and features", kTensor, weights::name_of(tensor.dtype), graph::to_string(tensor.shape)),
        kAgain);
  Table table{static_cast<std::size_t>(tensor.shape[0]), static_cast<std::size_t>(tensor.shape[1]), dict.owner, {}};
  const auto address = reinterpret_cast<std::uintptr_t>(tensor.bytes.data());
  if (address % alignof(float) == 0) {
    table.values = {reinterpret_cast<const float*>(tensor.bytes.data()), table.rows * table.width};
  } else {
    auto copy = std::make_shared<std::vector<float>>(weights::to_floats(tensor));
    table.values = *copy;
    table.owner = std::move(copy);
  }
  return table;
}

Json metadata_json(const weights::StateDict& dict) {
  const auto found = dict.metadata.find(kMetadata);
  if (found == dict.metadata.end()) throw data_error(dict.source, fmt::format("no '{}' in its metadata", kMetadata), kAgain);
  Json json = Json::parse(found->second, nullptr, false);
  if (json.is_discarded()) throw data_error(dict.source, fmt::format("its metadata '{}' is not JSON", kMetadata), kAgain);
  return json;
}

Json json_of(const fs::path& path) {
  std::error_code code;
  const fs::path beside = json_beside(path);
  if (!fs::exists(beside, code))
    throw data_error(printable(path.string()), "no " + printable(beside.filename().string()) + " next to it, which names the network and the photos",
                     "keep both files that `graft embed` writes");
  return read_json(beside);
}

}  // namespace

Format format_of(const fs::path& path) {
  const std::string extension = lower(path.extension().string());
  if (extension == ".npy") return Format::npy;
  if (extension == ".safetensors") return Format::safetensors;
  if (extension == ".csv") return Format::csv;
  throw usage_error(printable(path.string()), "not an index by its name, expected .npy, .safetensors or .csv");
}

void refuse_existing(const fs::path& path, bool force) {
  std::vector<fs::path> files{path};
  if (format_of(path) != Format::safetensors) files.push_back(json_beside(path));
  std::error_code code;
  for (const fs::path& file : files) {
    if (!fs::exists(fs::symlink_status(file, code))) continue;
    if (fs::is_directory(file, code)) throw data_error(printable(file.string()), "is a folder, expected a file or nothing", "choose another --out");
    if (!force) throw data_error(printable(file.string()), "already exists", "choose another --out or pass --force");
  }
}

void write_index(const fs::path& path, const IndexInfo& info, std::span<const float> values, std::size_t width) {
  const Format format = format_of(path);
  const Json json = to_json(info, width, path);
  if (format == Format::safetensors) {
    const graph::Dims shape{static_cast<int64_t>(info.paths.size()), static_cast<int64_t>(width)};
    const std::string metadata = json.dump();
    if (metadata.size() > kMostMetadata)
      throw data_error(printable(path.string()), "the paths do not fit into its header of at most 100 MB",
                       "choose .npy: features computed so far are in the cache");
    const weights::NamedTensor tensor{kTensor, shape, values};
    return weights::write_safetensors(path, std::span(&tensor, 1), {{kMetadata, metadata}});
  }
  const Staged features(path), description(json_beside(path));
  if (format == Format::npy) {
    const std::string header = archive::npy_header("<f4", info.paths.size(), width);
    const Bytes parts[] = {as_bytes(header), std::as_bytes(values)};
    write_file(features.path(), std::span<const Bytes>(parts));
  } else {
    write_file(features.path(), csv_text(info, values, width));
  }
  write_json(description.path(), json);
  description.commit();
  try {
    features.commit();
  } catch (...) {
    std::error_code ignored;
    fs::remove(json_beside(path), ignored);
    throw;
  }
}

Index read_index(const fs::path& path) {
  Index index{printable(path.string()), {}, {}};
  const Format format = format_of(path);
  std::error_code code;
  if (!fs::exists(path, code)) throw data_error(index.name, "no such index", "make one with `graft embed PHOTOS --out " + index.name + "`");
  if (format == Format::safetensors) {
    const weights::StateDict dict = weights::read_safetensors(path);
    index.info = info_from_json(metadata_json(dict), index.name, path);
    index.table = safetensors_table(dict);
  } else {
    index.info = info_from_json(json_of(path), printable(json_beside(path).string()), path);
    index.table = format == Format::npy ? read_npy(path) : csv_table(path, index.name);
  }
  if (index.info.paths.size() != index.table.rows)
    throw data_error(index.name, fmt::format("{} rows, but {} paths", index.table.rows, index.info.paths.size()), kAgain);
  return index;
}

}  // namespace graft::search
