#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/weights/safetensors.h"

namespace graft::weights {
namespace {

std::string json_text(const std::string& text, const std::string& source) {
  try {
    return nlohmann::json(text).dump();
  } catch (const nlohmann::json::exception&) {
    throw data_error(source, fmt::format("cannot hold {}, which is not UTF-8", in_quotes(text)));
  }
}

std::string header_of(std::span<const NamedTensor* const> sorted, std::map<std::string, std::string> metadata, const std::string& source) {
  metadata["format"] = "pt";
  std::string header = "{\"__metadata__\":{";
  for (const auto& [key, value] : metadata) header += json_text(key, source) + ":" + json_text(value, source) + ",";
  header.back() = '}';
  std::size_t start = 0;
  for (const NamedTensor* tensor : sorted) {
    const std::size_t end = start + tensor->values.size_bytes();
    header += fmt::format(",{}:{{\"dtype\":\"F32\",\"shape\":[{}],\"data_offsets\":[{},{}]}}", json_text(tensor->name, source),
                          fmt::join(tensor->shape, ","), start, end);
    start = end;
  }
  header += '}';
  header.resize((header.size() + 7) / 8 * 8, ' ');  // the data begins aligned
  return header;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors, const std::map<std::string, std::string>& metadata,
                       Sync sync) {
  const std::string source = printable(path.string());
  std::vector<const NamedTensor*> sorted;
  std::size_t data_size = 0;
  for (const NamedTensor& tensor : tensors) {
    if (graph::element_count(tensor.shape) != static_cast<int64_t>(tensor.values.size()))
      throw data_error(source,
                       fmt::format("{} is {} but has {} values", in_quotes(tensor.name), graph::to_string(tensor.shape), tensor.values.size()));
    if (tensor.name == "__metadata__") throw data_error(source, "cannot hold a tensor named '__metadata__'");
    sorted.push_back(&tensor);
    data_size += tensor.values.size_bytes();
  }
  std::ranges::sort(sorted, {}, &NamedTensor::name);  // all float32, so that the reference's order (type, name) is the name's
  if (const auto twice = std::ranges::adjacent_find(sorted, {}, &NamedTensor::name); twice != sorted.end())
    throw data_error(source, fmt::format("cannot hold {} twice", in_quotes((*twice)->name)));

  const std::string header = header_of(sorted, metadata, source);
  std::vector<std::byte> content;
  content.reserve(8 + header.size() + data_size);
  const auto append = [&](Bytes bytes) { content.insert(content.end(), bytes.begin(), bytes.end()); };
  const uint64_t length = header.size();
  append(std::as_bytes(std::span(&length, 1)));
  append(as_bytes(header));
  for (const NamedTensor* tensor : sorted) append(std::as_bytes(tensor->values));
  write_file(path, content, sync);
}

}  // namespace graft::weights
