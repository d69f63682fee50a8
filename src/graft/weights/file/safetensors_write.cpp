#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/weights/file/safetensors.h"

namespace graft::weights {
namespace {

struct Row {
  std::string_view name;
  HostTensor tensor;
};

struct Type {
  std::string_view name;
  int order;  // of the reference, which writes the widest first
};

Type type_of(Dtype dtype) {
  static constexpr std::array<Type, 10> kTypes{
      {{"F32", 2}, {"F16", 5}, {"BF16", 4}, {"F64", 1}, {"I64", 0}, {"I32", 3}, {"I16", 6}, {"I8", 7}, {"U8", 8}, {"BOOL", 9}}};
  return kTypes[static_cast<std::size_t>(dtype)];
}

std::string json_text(std::string_view text, const std::string& source) {
  if (!is_utf8(text)) throw data_error(source, fmt::format("cannot hold {}, which is not UTF-8", in_quotes(text)));
  return nlohmann::json(text).dump();
}

std::string header_of(const std::vector<Row>& rows, std::span<const Bytes> contents, std::map<std::string, std::string> metadata,
                      const std::string& source) {
  metadata.emplace("format", "pt");
  std::string header = "{\"__metadata__\":{";
  for (const auto& [key, value] : metadata) header += json_text(key, source) + ":" + json_text(value, source) + ",";
  header.back() = '}';
  std::size_t start = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::size_t end = start + contents[i].size();
    header += fmt::format(",{}:{{\"dtype\":\"{}\",\"shape\":[{}],\"data_offsets\":[{},{}]}}", json_text(rows[i].name, source),
                          type_of(rows[i].tensor.dtype).name, fmt::join(rows[i].tensor.shape, ","), start, end);
    start = end;
  }
  header += '}';
  header.resize((header.size() + 7) / 8 * 8, ' ');  // the data begins aligned
  return header;
}

void write(const std::filesystem::path& path, std::vector<Row> rows, const std::map<std::string, std::string>& metadata, Sync sync) {
  const std::string source = printable(path.string());
  std::ranges::sort(rows, {}, [](const Row& row) { return std::pair(type_of(row.tensor.dtype).order, row.name); });
  std::vector<std::string_view> names;
  for (const Row& row : rows) names.push_back(row.name);
  std::ranges::sort(names);
  if (const auto twice = std::ranges::adjacent_find(names); twice != names.end())
    throw data_error(source, fmt::format("cannot hold {} twice", in_quotes(*twice)));
  if (std::ranges::binary_search(names, "__metadata__")) throw data_error(source, "cannot hold a tensor named '__metadata__'");

  RowMajor row_major;
  std::vector<Bytes> parts(2);
  for (const Row& row : rows) parts.push_back(row_major.bytes_of(row.tensor));
  const std::string header = header_of(rows, std::span(parts).subspan(2), metadata, source);
  const uint64_t length = header.size();
  parts[0] = std::as_bytes(std::span(&length, 1));
  parts[1] = as_bytes(header);
  write_file(path, parts, sync);
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, std::span<const NamedTensor> tensors, const std::map<std::string, std::string>& metadata,
                       Sync sync) {
  std::vector<Row> rows;
  for (const NamedTensor& tensor : tensors) {
    if (graph::element_count(tensor.shape) != static_cast<int64_t>(tensor.values.size()))
      throw data_error(printable(path.string()),
                       fmt::format("{} is {} but has {} values", in_quotes(tensor.name), graph::to_string(tensor.shape), tensor.values.size()));
    rows.push_back({tensor.name, {Dtype::f32, tensor.shape, row_major_strides(tensor.shape), std::as_bytes(tensor.values)}});
  }
  write(path, std::move(rows), metadata, sync);
}

void write_safetensors(const std::filesystem::path& path, const StateDict& dict, Sync sync) {
  std::vector<Row> rows;
  for (const auto& [name, tensor] : dict.tensors) rows.push_back({name, tensor});
  write(path, std::move(rows), dict.metadata, sync);
}

}  // namespace graft::weights
