// Photos without labels, as `predict`, `embed` and `search` are given them.
#include <fmt/format.h>

#include <algorithm>
#include <istream>
#include <iterator>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/data/dataset.h"
#include "graft/data/scan.h"
#include "graft/image/format_table.h"

namespace graft::data {
namespace fs = std::filesystem;
namespace {

void add_images(const fs::path& input, ImageList& images) {
  const fs::path path = existing(input);
  if (!fs::is_directory(path)) {
    images.paths.push_back(path);
    return;
  }
  Listing found = scan_images(path);
  if (found.images.empty()) {
    const std::string kinds = found.left_out.kinds();
    throw data_error(printable(path.string()),
                     fmt::format("holds no photos{}, expected {} files", kinds.empty() ? "" : " (" + kinds + " ignored)", image::format_names()));
  }
  std::ranges::move(found.images, std::back_inserter(images.paths));
  std::ranges::move(found.left_out.notes(path), std::back_inserter(images.notes));
  images.left_out.add(found.left_out);
}

}  // namespace

ImageList list_images(std::span<const fs::path> inputs, std::istream& list) {
  ImageList images;
  for (const fs::path& input : inputs) {
    if (input != "-") {
      add_images(input, images);
      continue;
    }
    const std::string text{std::istreambuf_iterator<char>(list), {}};
    const bool by_nul = text.find('\0') != std::string::npos;
    for (std::string& line : split(text, by_nul ? '\0' : '\n')) {
      if (!by_nul && line.ends_with('\r')) line.pop_back();
      if (!line.empty()) add_images(line, images);
    }
  }
  return images;
}

}  // namespace graft::data
