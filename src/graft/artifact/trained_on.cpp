#include "graft/artifact/trained_on.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/archive/npy_header.h"
#include "graft/artifact/model.h"
#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"

namespace graft::artifact {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kBytes = 16;

void put(std::string& bytes, uint64_t word) {
  for (int shift = 56; shift >= 0; shift -= 8) bytes += static_cast<char>(word >> shift & 255);
}

uint64_t take(Bytes bytes) {
  uint64_t word = 0;
  for (const std::byte byte : bytes.first(8)) word = word << 8 | std::to_integer<uint64_t>(byte);
  return word;
}

}  // namespace

std::string trained_on_npy(std::vector<Hash128> hashes) {
  std::ranges::sort(hashes);
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  std::string bytes = archive::npy_header("|u1", hashes.size(), kBytes);
  for (const Hash128& hash : hashes) {
    put(bytes, hash.high);
    put(bytes, hash.low);
  }
  return bytes;
}

std::optional<std::vector<Hash128>> read_trained_on(const fs::path& model) {
  const fs::path file = network_file(model).parent_path() / kTrainedOn;
  std::error_code code;
  if (!fs::exists(file, code)) return std::nullopt;
  const std::vector<std::byte> content = read_file(file);
  const std::string name = printable(file.string());
  const archive::NpyHeader header = archive::read_npy_header(content, name, "remove it");
  const Bytes bytes = Bytes(content).subspan(header.size);
  const bool fits = header.descr == "|u1" && !header.fortran_order && header.shape.size() == 2 && header.shape[1] == kBytes &&
                    archive::npy_bytes(header.shape, 1) == bytes.size();
  if (!fits)
    throw data_error(name, fmt::format("is damaged, expected one uint8 row of {} for each training photo", kBytes),
                     "remove it: graft eval then cannot say which photos were trained on");
  std::vector<Hash128> hashes;
  for (std::size_t at = 0; at < bytes.size(); at += kBytes) hashes.push_back({take(bytes.subspan(at)), take(bytes.subspan(at + 8))});
  std::ranges::sort(hashes);
  return hashes;
}

std::vector<Hash128> with_earlier(std::vector<Hash128> hashes, const std::optional<fs::path>& from) {
  const auto earlier = from ? read_trained_on(*from) : std::nullopt;
  if (earlier) hashes.insert(hashes.end(), earlier->begin(), earlier->end());
  return hashes;
}

std::size_t trained_on_of(std::span<const Hash128> photos, std::span<const Hash128> trained_on) {
  return static_cast<std::size_t>(std::ranges::count_if(photos, [&](const Hash128& photo) { return std::ranges::binary_search(trained_on, photo); }));
}

}  // namespace graft::artifact
