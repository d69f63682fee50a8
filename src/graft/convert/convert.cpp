#include "graft/convert/convert.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>
#include <system_error>

#include "graft/archive/tar.h"
#include "graft/base/error.h"
#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/convert/cifar.h"
#include "graft/convert/coco.h"
#include "graft/convert/idx.h"
#include "graft/convert/npz.h"
#include "graft/convert/write.h"
#include "graft/data/dataset.h"
#include "graft/data/scan.h"

namespace graft::convert {
namespace fs = std::filesystem;
namespace {

constexpr std::size_t kBeginBytes = 512;

std::string to_string(Format format) {
  static constexpr const char* kNames[] = {"auto", "cifar", "idx", "npz", "coco"};
  return kNames[static_cast<std::size_t>(format)];
}

Format recognise_folder(const fs::path& folder) {
  if (is_cifar([&](const std::string& name) {
        std::error_code ignored;
        return fs::exists(folder / name, ignored);
      }))
    return Format::cifar;
  std::error_code code;
  for (fs::directory_iterator it(folder, code), end; !code && it != end; it.increment(code))
    if (it->path().filename().string().find("-images") != std::string::npos && it->path().filename().string().find("idx3-ubyte") != std::string::npos)
      return Format::idx;
  if (code) throw system_error(folder, "list", code.value());
  throw data_error(printable(folder.string()), "holds neither CIFAR's data_batch_1.bin or train.bin nor IDX's train-images-idx3-ubyte",
                   "a folder of class folders can be used without import: graft fit " + shell_word(folder.string()));
}

void refuse_option(bool given, const char* option, const char* belongs, Format format) {
  if (given) throw usage_error(option, fmt::format("belongs to {}, the source is {}", belongs, to_string(format)), "omit it");
}

void check_options(const ConvertConfig& config, Format format) {
  const bool coco = format == Format::coco;
  refuse_option(!config.labels.empty() && format != Format::cifar && format != Format::idx, "--labels", "cifar and idx", format);
  refuse_option(!config.images.empty() && !coco, "--images", "coco", format);
  refuse_option(config.skip_ambiguous && !coco, "--skip-ambiguous", "coco", format);
  refuse_option(!config.classes.empty() && coco, "--classes", "cifar, idx and npz", format);
  if (coco && lower(config.out.extension().string()) != ".csv")
    throw usage_error("--out " + printable(config.out.string()), "expected a .csv: of COCO's photos only paths and labels are written");
}

void refuse_existing(const fs::path& out) {
  std::error_code code;
  if (fs::exists(fs::symlink_status(out, code))) throw data_error(printable(out.string()), "already exists", "choose another --out or remove it");
}

Collection read_collection(const ConvertConfig& config, Format format) {
  if (format == Format::npz) return read_npz(config.source);
  if (format == Format::idx) return read_idx(config.source, config.labels);
  if (!config.labels.empty() && config.labels != "fine" && config.labels != "coarse")
    throw usage_error("--labels " + printable(config.labels), "expected fine or coarse for CIFAR");
  return read_cifar(config.source, config.labels == "coarse" ? CifarLabels::coarse : CifarLabels::fine);
}

[[noreturn]] void refuse_empty(const ConvertConfig& config) {
  throw data_error(printable(config.source.string()), "no picture of --only " + printable(config.only) + " in it");
}

Conversion convert_pictures(const ConvertConfig& config, Format format, const std::function<std::function<void(std::size_t)>(std::size_t)>& begin) {
  Collection collection = read_collection(config, format);
  name_classes(collection, config.classes);
  const Choice choice{config.only.empty() ? std::vector<std::string>() : names_in(config.only, "--only"), config.per_class};
  const std::vector<std::vector<bool>> chosen = choose(collection, choice);
  Conversion done{.format = collection.format};
  std::set<uint16_t> classes;
  for (std::size_t p = 0; p < chosen.size(); ++p) {
    const Pictures& pictures = collection.pictures[p];
    const auto count = static_cast<std::size_t>(std::ranges::count(chosen[p], true));
    done.pictures += count;
    if (pictures.part) done.parts[static_cast<std::size_t>(*pictures.part)] += count;
    for (std::size_t i = 0; i < chosen[p].size(); ++i)
      if (chosen[p][i]) classes.insert(pictures.labels[i]);
  }
  done.classes = classes.size();
  if (done.pictures == 0) refuse_empty(config);
  AtomicFolder folder(config.out);
  ThreadPool pool(config.threads);
  write_pictures(collection, chosen, folder.path(), pool, begin(done.pictures));
  folder.commit();
  return done;
}

/// Beside the CSV as it will be seen from there, so that both may be moved together.
std::string path_in_csv(const fs::path& photo, const fs::path& csv) {
  return photo.lexically_proximate(fs::absolute(csv).lexically_normal().parent_path()).string();
}

/// A field of the column `label` of a table, where ';' stands between two classes.
std::string label_field(const std::string& label, const std::string& name) {
  if (label.find(';') != std::string::npos)
    throw data_error(name, fmt::format("class '{}' contains a ';', which separates two classes in a table", printable(label)),
                     "give it another name, or omit it with --only");
  return csv_field(label);
}

Conversion convert_named(const ConvertConfig& config, const std::function<std::function<void(std::size_t)>(std::size_t)>& begin) {
  const std::string name = printable(config.source.string());
  if (config.format != Format::automatic || !config.labels.empty() || !config.images.empty() || config.skip_ambiguous || !config.classes.empty())
    throw usage_error("--label-from-name", "is for a folder of photos; --format, --labels, --images, --classes and --skip-ambiguous are for others",
                      "omit them");
  if (!fs::is_directory(config.source)) throw usage_error("--label-from-name", "is for a folder of photos; " + name + " is none", "omit it");
  if (lower(config.out.extension().string()) != ".csv")
    throw usage_error("--out " + printable(config.out.string()), "expected a .csv: photos stay where they are, only paths and labels are written");
  Conversion done{.format = "names of files"};
  const std::vector<data::NamedPhoto> photos =
      data::photos_named(fs::absolute(config.source).lexically_normal(), {.label_from_name = config.label_from_name}, done.notes);
  const std::vector<std::string> only = config.only.empty() ? std::vector<std::string>() : names_in(config.only, "--only");
  const bool parted = std::ranges::any_of(photos, [](const data::NamedPhoto& photo) { return !photo.part.empty(); });
  std::string csv = parted ? "path,label,split\n" : "path,label\n";
  std::map<std::pair<std::string, std::string>, int> taken;
  std::set<std::string> classes;
  const auto advance = begin(photos.size());
  for (const data::NamedPhoto& photo : photos) {
    advance(1);
    if (!only.empty() && std::ranges::find(only, photo.label) == only.end()) continue;
    int& count = taken[{photo.label, photo.part}];
    if (config.per_class && count == *config.per_class) continue;
    ++count;
    classes.insert(photo.label);
    csv += csv_field(path_in_csv(photo.path, config.out)) + "," + label_field(photo.label, name) + (parted ? "," + photo.part : "") + "\n";
    if (parted) ++done.parts[photo.part == "train" ? 0 : photo.part == "val" ? 1 : 2];
    ++done.pictures;
  }
  if (done.pictures == 0) refuse_empty(config);
  done.classes = classes.size();
  write_file(config.out, csv);
  return done;
}

Conversion convert_coco(const ConvertConfig& config, const std::function<std::function<void(std::size_t)>(std::size_t)>& begin) {
  const std::string name = printable(config.source.string());
  const MappedFile file(config.source);
  const CocoLabels labels = read_coco(file.bytes(), name, config.skip_ambiguous);
  const Collection classes{"COCO", labels.classes, {}};
  const Choice choice{config.only.empty() ? std::vector<std::string>() : names_in(config.only, "--only"), config.per_class};
  choose(classes, choice);  // refuses names that are no classes
  const fs::path photos = fs::absolute(config.images.empty() ? config.source.parent_path() : config.images).lexically_normal();

  Conversion done{.format = "COCO", .without = labels.without, .ambiguous = labels.ambiguous};
  std::map<int, int> taken;
  std::string csv = "path,label\n", first_missing;
  std::size_t missing = 0;
  const auto advance = begin(labels.files.size());
  for (const LabelledFile& photo : labels.files) {
    check_interrupted();
    advance(1);
    const std::string& label = labels.classes[static_cast<std::size_t>(photo.label)];
    if (!choice.only.empty() && std::ranges::find(choice.only, label) == choice.only.end()) continue;
    if (choice.per_class && taken[photo.label] == *choice.per_class) continue;
    ++taken[photo.label];
    const fs::path path = (photos / photo.file_name).lexically_normal();
    std::error_code ignored;
    if (!fs::is_regular_file(path, ignored) && ++missing == 1) first_missing = photo.file_name;
    csv += csv_field(path_in_csv(path, config.out)) + "," + label_field(label, name) + "\n";
    ++done.pictures;
  }
  if (missing > 0)
    throw data_error(
        name, fmt::format("{} of {} photos are not in {}, first '{}'", missing, done.pictures, printable(photos.string()), printable(first_missing)),
        "name their folder with --images DIR");
  if (done.pictures == 0) refuse_empty(config);
  done.classes = taken.size();
  write_file(config.out, csv);
  return done;
}

}  // namespace

Format recognise(const fs::path& source) {
  if (fs::is_directory(source)) return recognise_folder(source);
  const MappedFile file(source);
  const Bytes bytes = file.bytes();
  const std::string name = printable(source.string());
  if (as_text(bytes).starts_with("PK\x03\x04")) return Format::npz;
  const std::vector<std::byte> begin = archive::begin_of(archive::content_of(bytes, name), kBeginBytes);
  if (archive::is_tar(begin)) return Format::cifar;
  if (is_idx(begin)) return Format::idx;
  if (!archive::is_gzip(bytes) && is_json(begin)) return Format::coco;
  throw data_error(name, "neither CIFAR, IDX, .npz nor COCO's JSON by its content", "see `graft import --help` for what they are");
}

Conversion convert(const ConvertConfig& config, const std::function<std::function<void(std::size_t)>(std::size_t)>& begin) {
  ConvertConfig clean = config;
  clean.source = data::existing(config.source);
  if (config.label_from_name) {
    refuse_existing(clean.out);
    return convert_named(clean, begin);
  }
  const Format format = config.format == Format::automatic ? recognise(clean.source) : config.format;
  check_options(clean, format);
  refuse_existing(clean.out);
  if ((format == Format::npz || format == Format::coco) && fs::is_directory(clean.source))
    throw data_error(printable(clean.source.string()), "is a folder, expected a file of " + to_string(format));
  return format == Format::coco ? convert_coco(clean, begin) : convert_pictures(clean, format, begin);
}

}  // namespace graft::convert
