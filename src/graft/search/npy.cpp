#include "graft/search/npy.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <vector>

#include "graft/archive/npy_header.h"
#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::search {
namespace {

constexpr const char* kDamaged = "the file is damaged; write it again";

}  // namespace

Table read_npy(Bytes bytes, std::string_view source) {
  const std::string name(source);
  const archive::NpyHeader header = archive::read_npy_header(bytes, name, "expected the .npy of `graft embed`");
  bytes = bytes.subspan(header.size);
  const bool is_double = header.descr == "<f8";
  if (!is_double && header.descr != "<f4")
    throw data_error(name, fmt::format("values of type '{}', expected '<f4' or '<f8'", printable(header.descr)),
                     "save array.astype('float32') with numpy.save");
  if (header.fortran_order) throw data_error(name, "in Fortran order, expected C order", "save numpy.ascontiguousarray(array)");
  if (header.shape.size() != 2)
    throw data_error(
        name, fmt::format("an array of {} dimension{}, expected 2: rows and features", header.shape.size(), header.shape.size() == 1 ? "" : "s"));
  const std::optional<uint64_t> size = archive::npy_bytes(header.shape, is_double ? 8 : 4);
  const uint64_t rows = header.shape[0], width = header.shape[1];
  if (rows == 0 || width == 0) throw data_error(name, fmt::format("{} rows of {} features, expected at least one of each", rows, width));
  if (size != bytes.size())
    throw data_error(name, fmt::format("{} rows of {} features, which do not fill the {} bytes after its header", rows, width, bytes.size()),
                     kDamaged);
  Table table{rows, width, nullptr, {}};
  const bool aligned = reinterpret_cast<std::uintptr_t>(bytes.data()) % alignof(float) == 0;
  if (!is_double && aligned) {
    table.values = {reinterpret_cast<const float*>(bytes.data()), rows * width};
    return table;
  }
  auto copy = std::make_shared<std::vector<float>>(rows * width);
  if (!is_double) std::memcpy(copy->data(), bytes.data(), bytes.size());
  for (std::size_t i = 0; is_double && i < copy->size(); ++i) {
    double value = 0;
    std::memcpy(&value, bytes.data() + i * sizeof(double), sizeof(double));
    (*copy)[i] = static_cast<float>(value);
  }
  table.values = *copy;
  table.owner = std::move(copy);
  return table;
}

Table read_npy(const std::filesystem::path& path) {
  auto file = std::make_shared<MappedFile>(path);
  Table table = read_npy(file->bytes(), printable(path.string()));
  if (!table.owner) table.owner = std::move(file);
  return table;
}

}  // namespace graft::search
