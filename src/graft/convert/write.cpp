#include "graft/convert/write.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <span>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/image/png.h"

namespace graft::convert {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kBufferBytes = std::size_t{8} << 20, kMostAtOnce = 1024;

fs::path folder_of(const Pictures& pictures, const fs::path& folder) { return pictures.part ? folder / data::to_string(*pictures.part) : folder; }

/// 3 x H x W to H x W x 3.
std::vector<uint8_t> interleaved(std::span<const uint8_t> planes) {
  std::vector<uint8_t> pixels(planes.size());
  const std::size_t plane = planes.size() / 3;
  for (std::size_t c = 0; c < 3; ++c)
    for (std::size_t i = 0; i < plane; ++i) pixels[3 * i + c] = planes[c * plane + i];
  return pixels;
}

std::string png_of(const Pictures& pictures, Bytes record) {
  const Bytes bytes = record.subspan(pictures.before);
  const std::span<const uint8_t> pixels(reinterpret_cast<const uint8_t*>(bytes.data()), bytes.size());
  if (pictures.planar && pictures.channels == 3) return image::encode_png(interleaved(pixels), pictures.width, pictures.height, 3);
  return image::encode_png(pixels, pictures.width, pictures.height, pictures.channels);
}

void write_part(const Pictures& pictures, const std::vector<std::string>& classes, const std::vector<bool>& chosen, const fs::path& folder,
                ThreadPool& pool, const std::function<void(std::size_t)>& advance) {
  const std::size_t record = pictures.record(), at_once = std::clamp<std::size_t>(kBufferBytes / record, 1, kMostAtOnce);
  const auto last = std::find(chosen.rbegin(), chosen.rend(), true);
  const auto end = static_cast<std::size_t>(chosen.rend() - last);  // nothing is wanted behind it
  const std::unique_ptr<archive::Stream> stream = pictures.content.open();
  stream->skip(pictures.begin);
  std::vector<std::byte> buffer(std::min(at_once, end) * record);
  for (std::size_t begin = 0; begin < end; begin += at_once) {
    check_interrupted();
    const std::size_t count = std::min(at_once, end - begin);
    const std::span<std::byte> bytes = std::span(buffer).first(count * record);
    if (stream->read(bytes) < bytes.size()) throw data_error(pictures.content.name, "has become shorter while it was read");
    std::vector<std::size_t> wanted;
    for (std::size_t i = 0; i < count; ++i)
      if (chosen[begin + i]) wanted.push_back(i);
    pool.parallel_for(wanted.size(), [&](std::size_t n) {
      const std::size_t index = begin + wanted[n];
      const std::string png = png_of(pictures, bytes.subspan(wanted[n] * record, record));
      write_file(folder / classes[pictures.labels[index]] / fmt::format("{:05}.png", pictures.first + index), png, Sync::later);
    });
    advance(wanted.size());
  }
}

}  // namespace

std::vector<std::vector<bool>> choose(const Collection& collection, const Choice& choice) {
  std::vector<bool> wanted(collection.classes.size(), choice.only.empty());
  for (const std::string& name : choice.only) {
    const auto found = std::ranges::find(collection.classes, name);
    if (found == collection.classes.end()) {
      const auto near = closest(name, collection.classes);
      throw usage_error("--only", fmt::format("no class '{}'", printable(name)),
                        near ? fmt::format("did you mean '{}'?", *near) : "there are " + first_few(collection.classes));
    }
    wanted[static_cast<std::size_t>(found - collection.classes.begin())] = true;
  }
  std::array<std::vector<int>, 4> taken;  // by part, the last for sources without
  for (auto& counts : taken) counts.resize(collection.classes.size());
  std::vector<std::vector<bool>> chosen;
  for (const Pictures& pictures : collection.pictures) {
    std::vector<int>& counts = taken[pictures.part ? static_cast<std::size_t>(*pictures.part) : 3];
    std::vector<bool>& here = chosen.emplace_back();
    for (const uint16_t label : pictures.labels) here.push_back(wanted[label] && (!choice.per_class || counts[label]++ < *choice.per_class));
  }
  return chosen;
}

void write_pictures(const Collection& collection, const std::vector<std::vector<bool>>& chosen, const fs::path& folder, ThreadPool& pool,
                    const std::function<void(std::size_t)>& advance) {
  for (std::size_t i = 0; i < chosen.size(); ++i)
    write_part(collection.pictures[i], collection.classes, chosen[i], folder_of(collection.pictures[i], folder), pool, advance);
}

}  // namespace graft::convert
