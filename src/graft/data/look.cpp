#include "graft/data/look.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <mutex>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/image/format_table.h"

namespace graft::data {
namespace fs = std::filesystem;
namespace {

constexpr int kQuarter = 1 << 14;

void add(Look& look, const image::Traits& traits) {
  ++look.pictures;
  look.deep += traits.highest >= 0 ? 1 : 0;
  look.highest = std::max(look.highest, traits.highest);
  look.transparent += traits.transparent ? 1 : 0;
  look.only_in_alpha += traits.only_in_alpha ? 1 : 0;
}

std::string range(const Look& look) {
  return fmt::format("16-bit pictures use values up to {} of 65,535 (seen in {})", with_commas(look.highest), look.deep);
}

std::string say_transparent(const Look& look, image::Background background) {
  const std::string count = fmt::format("{} of {} pictures looked at", look.transparent, look.pictures);
  if (look.only_in_alpha > 0)
    return fmt::format("{} have transparency, and {} of them come out in one color {}: what they show is in their transparency; try --background {}",
                       count, look.only_in_alpha, background == image::Background::none ? "without it" : "before this background",
                       background == image::Background::white ? "black" : "white");
  if (background != image::Background::none) return {};
  return count + " have transparency, which is left out, as Pillow's convert(\"RGB\") does; --background white or black keeps it";
}

}  // namespace

Look look_at(std::span<const fs::path> photos, const Preprocess& preprocess, ThreadPool& pool, std::size_t most) {
  std::vector<fs::path> rich;
  for (const fs::path& path : photos)
    if (const image::FormatRow* row = image::format_by_name(path.native()); row == nullptr || row->rich != nullptr) rich.push_back(path);
  const std::size_t count = most == 0 ? rich.size() : std::min(most, rich.size());
  Look look;
  std::mutex mutex;
  pool.parallel_for(count, [&](std::size_t i) {
    check_interrupted();
    const fs::path& path = rich[i * rich.size() / count];
    try {
      const std::vector<std::byte> bytes = read_file(path);
      image::Traits traits;
      image::DecodeOptions options = preprocess.decoding();
      options.traits = &traits;
      if (image::may_be_rich(bytes)) image::decode(bytes, path.string(), options);
      const std::lock_guard lock(mutex);
      add(look, traits);
    } catch (const Error&) {}  // reported with all that cannot be read
  });
  return look;
}

std::vector<std::string> choose_pixels(std::span<const fs::path> photos, std::optional<image::Background> background, Depth depth,
                                       Preprocess& preprocess, ThreadPool& pool) {
  if (background) preprocess.background = *background;
  Look look = look_at(photos, preprocess, pool);
  std::vector<std::string> notes;
  if (look.deep > 0) {
    preprocess.depth = 16;
    if (look.highest < kQuarter && depth == Depth::automatic) {
      look = look_at(photos, preprocess, pool, 0);  // the brightest of all decides
      if (look.highest < kQuarter) {
        preprocess.depth = std::max(8, static_cast<int>(std::bit_width(static_cast<unsigned>(look.highest))));
        notes.push_back(fmt::format("{}: taken as {} bits, which makes them {} times as bright; --depth full leaves them nearly black", range(look),
                                    preprocess.depth, 1 << (16 - preprocess.depth)));
      }
    } else if (look.highest < kQuarter) {
      notes.push_back(range(look) + ", less than a quarter: they are nearly black for the network; --depth auto spreads them");
    }
  }
  if (look.transparent > 0)
    if (std::string sentence = say_transparent(look, preprocess.background); !sentence.empty()) notes.push_back(std::move(sentence));
  return notes;
}

}  // namespace graft::data
