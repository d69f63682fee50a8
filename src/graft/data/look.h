// Checks some photos of a dataset for what 8-bit RGB no longer tells: 16-bit pictures that use a small part of their range are
// nearly black, and some pictures show everything in their transparency. In both cases good photos would silently make a bad model.
#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/base/config.h"
#include "graft/base/thread_pool.h"
#include "graft/data/preprocess.h"

namespace graft::data {

/// --depth: as many bits of 16-bit samples as the set uses, where that is less than a quarter of the range; or all 16.
enum class Depth { automatic, full };

inline const names<image::Background> kBackgroundNames{
    {"none", image::Background::none}, {"white", image::Background::white}, {"black", image::Background::black}};
inline constexpr const char* kBackgroundHelp =
    "what is behind transparent pixels; none: the colors stored there, like Pillow's convert(\"RGB\"), which is how people feed a model.onnx; auto: "
    "as in the run of --from, else none";
inline const names<Depth> kDepthNames{{"auto", Depth::automatic}, {"full", Depth::full}};
inline constexpr const char* kDepthHelp =
    "for 16-bit pictures that use less than a quarter of their range, as 12-bit cameras write them: auto scales by the bits in use, full by all 16";

struct Look {
  std::size_t pictures = 0;       // looked at
  std::size_t deep = 0;           // of more than 8 bits a sample
  int highest = 0;                // of their samples, 0 to 65535
  std::size_t transparent = 0;    // have transparency
  std::size_t only_in_alpha = 0;  // of those, came out in one colour
};

/// At most `most` of the photos whose formats may have either, evenly spread; 0: all of them. Those that cannot be read are left out.
Look look_at(std::span<const std::filesystem::path> photos, const Preprocess& preprocess, ThreadPool& pool, std::size_t most = 32);

/// Puts the choice into `preprocess`, and returns sentences about what was assumed in doubtful cases. `background`: given by the user.
std::vector<std::string> choose_pixels(std::span<const std::filesystem::path> photos, std::optional<image::Background> background, Depth depth,
                                       Preprocess& preprocess, ThreadPool& pool);

}  // namespace graft::data
