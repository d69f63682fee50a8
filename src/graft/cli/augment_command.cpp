#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/base/thread_pool.h"
#include "graft/cli/command.h"
#include "graft/data/augment.h"
#include "graft/data/augment_grid.h"
#include "graft/data/scan.h"
#include "graft/image/png.h"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

const CommandText kAugmentText{
    "graft augment",
    "Show what augmentation does to photos: one row per photo, first as predictions see it, then as training could see it.",
    {"graft augment photo.jpg --out grid.png", "graft augment a.jpg b.jpg --augment strong --out grid.png",
     "graft augment photo.jpg --rotation 20 --erase 0.5 --views 12 --out grid.png --force"}};

struct AugmentOptions {
  std::vector<fs::path> photos;
  fs::path out;
  bool force = false;
  int views = 8;
  Size size = 224;
  uint64_t seed = 0;
  data::AugmentPreset augment = data::AugmentPreset::light;
  data::AugmentOptions augment_options;
  OutputOptions output;

  void fields(FieldList& v) {
    v.positional("photos", photos, "image files");
    v("out", out, "file to write the pictures into: .png", Shorthand{'o'}, Placeholder{"FILE"}, DefaultText{"none"});
    v("force", force, "replace that file");
    v("views", views, "number of views of each photo", between(1, 100));
    v("size", size, "size of each picture in pixels: the side of a square, or HEIGHTxWIDTH", between(32, 1024));
    v("seed", seed, "seed of the random views");
    v.group("Augmentation");
    v("augment", augment, data::kAugmentHelp, data::kAugmentPresets);
    augment_options.fields(v);
    output.fields(v);
  }
};

void check_files(const AugmentOptions& o) {
  if (o.out.empty()) throw usage_error("--out", "missing", "for instance --out grid.png");
  if (lower(o.out.extension().string()) != ".png")
    throw usage_error("--out " + printable(o.out.string()), "expected a name that ends in .png", "the pictures are written as PNG");
  std::error_code code;
  const std::string out = printable(o.out.string());
  if (fs::is_directory(o.out, code)) throw data_error(out, "is a folder, expected a file or nothing", "choose another --out");
  if (!o.force && fs::exists(fs::symlink_status(o.out, code))) throw data_error(out, "already exists", "choose another --out or pass --force");
  for (const fs::path& photo : o.photos)
    if (fs::is_directory(data::existing(photo), code))
      throw data_error(printable(photo.string()), "is a folder, expected a photo", "name a few of the photos in it");
}

}  // namespace

CommandReference augment_reference() { return reference_of<AugmentOptions>(kAugmentText); }

int augment_command(std::span<const std::string> words) {
  const auto config = read_config<AugmentOptions>(kAugmentText, words);
  if (!config) return 0;
  const AugmentOptions& o = config->values;
  const data::Augment augment = data::of(o.augment, o.augment_options);
  check_files(o);
  const data::Preprocess preprocess = data::sized({}, o.size, {});
  ThreadPool pool(available_cpus());
  const image::Image grid = data::augment_grid(o.photos, augment, preprocess, o.views, o.seed, pool);
  write_file(o.out, image::encode_png(grid));
  const std::string out = printable(o.out.string());
  if (o.output.json)
    print(nlohmann::ordered_json{{"photos", o.photos.size()}, {"views", o.views}, {"width", grid.width}, {"height", grid.height}, {"out", out}}.dump(
              2) +
          "\n");
  else
    report(o.output, fmt::format("{}: {} photo{}, each as it is and in {} view{}; {} x {} pixels\n", out, o.photos.size(),
                                 o.photos.size() == 1 ? "" : "s", o.views, o.views == 1 ? "" : "s", grid.width, grid.height));
  return 0;
}

}  // namespace graft::cli
