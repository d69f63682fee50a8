#include "graft/fit/more/activations.h"

#include <fmt/format.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <vector>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/base/units.h"

namespace graft::fit {
namespace fs = std::filesystem;
namespace {

struct Header {
  char magic[8];
  uint32_t width, bytes;
  uint64_t rows;
};
constexpr char kMagic[] = "graftact";

/// To nearest, ties to even.
uint16_t to_bf16(float x) {
  const auto bits = std::bit_cast<uint32_t>(x);
  if (x != x) return 0x7FC0;
  return static_cast<uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

/// Removes the file unless it was renamed.
struct Unfinished {
  fs::path path;
  ~Unfinished() {
    std::error_code ignored;
    fs::remove(path, ignored);
  }
};

}  // namespace

Activations::Activations(const fs::path& file, std::size_t rows, std::size_t width) : file_(file), width_(width), bytes_(0) {
  Header header{};
  const Bytes all = file_.bytes();
  if (all.size() >= sizeof(Header)) std::memcpy(&header, all.data(), sizeof(Header));
  const bool whole = std::memcmp(header.magic, kMagic, sizeof(header.magic)) == 0 && header.rows == rows && header.width == width &&
                     (header.bytes == 2 || header.bytes == 4) && all.size() == sizeof(Header) + rows * width * header.bytes;
  if (!whole)
    throw data_error(printable(file.string()), fmt::format("does not hold the {} rows of {} numbers that this training reads", rows, width),
                     "remove it, and it is computed again");
  bytes_ = header.bytes;
}

void Activations::read(std::size_t index, std::span<float> out) const {
  const std::byte* row = file_.bytes().data() + sizeof(Header) + index * width_ * bytes_;
  if (bytes_ == 4) {
    std::memcpy(out.data(), row, width_ * 4);
    return;
  }
  const auto* halves = reinterpret_cast<const uint16_t*>(row);
  for (std::size_t i = 0; i < width_; ++i) out[i] = std::bit_cast<float>(static_cast<uint32_t>(halves[i]) << 16);
}

void Activations::store(const fs::path& file, std::size_t rows, std::size_t width, bool half, std::size_t chunk,
                        const std::function<void(std::size_t, std::size_t, std::span<float>)>& produce) {
  const std::size_t bytes = half ? 2 : 4;
  std::error_code code;
  const auto space = fs::space(file.parent_path(), code);
  const uint64_t need = uint64_t{rows} * width * bytes;
  if (!code && need > space.available)
    throw data_error(printable(file.string()), fmt::format("needs {} on disk, {} are free", human_bytes(need), human_bytes(space.available)),
                     "use fewer --views, or --views 0, which keeps none");
  const Unfinished part{fs::path(file) += ".part"};
  std::ofstream out(part.path, std::ios::binary | std::ios::trunc);
  const auto put = [&](const void* data, std::size_t size) {
    if (!out.write(static_cast<const char*>(data), static_cast<std::streamsize>(size))) throw system_error(file, "write", errno);
  };
  Header header{.width = static_cast<uint32_t>(width), .bytes = static_cast<uint32_t>(bytes), .rows = rows};
  std::memcpy(header.magic, kMagic, sizeof(header.magic));
  put(&header, sizeof(header));
  std::vector<float> values(chunk * width);
  std::vector<uint16_t> halves;
  for (std::size_t first = 0; first < rows; first += chunk) {
    const std::size_t count = std::min(chunk, rows - first);
    const std::span<float> some = std::span(values).first(count * width);
    produce(first, count, some);
    if (!half) {
      put(some.data(), some.size_bytes());
      continue;
    }
    halves.resize(some.size());
    for (std::size_t i = 0; i < some.size(); ++i) halves[i] = to_bf16(some[i]);
    put(halves.data(), halves.size() * sizeof(uint16_t));
  }
  out.close();
  if (!out) throw system_error(file, "write", errno);
  fs::rename(part.path, file);
}

}  // namespace graft::fit
