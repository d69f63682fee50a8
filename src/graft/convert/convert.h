// Converts published datasets into what open_splits() reads: all of `graft import`.
#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "graft/base/config.h"
#include "graft/base/thread_pool.h"

namespace graft::convert {

enum class Format { automatic, cifar, idx, npz, coco };

struct ConvertConfig {
  std::filesystem::path source, out;
  Format format = Format::automatic;
  std::string classes, labels, only;
  std::optional<int> per_class;
  std::filesystem::path images;
  bool skip_ambiguous = false;
  std::optional<std::string> label_from_name;
  int threads = available_cpus();

  void fields(FieldList& v) {
    v.positional("source", source, "a folder or .tar.gz of CIFAR, a folder or file of IDX, an .npz, or COCO's .json");
    v("out", out, "folder to create; a .csv file for COCO and --label-from-name", Placeholder{"PATH"});
    v("format", format, "format of the source; auto: detected from its content",
      names<Format>{{"auto", Format::automatic}, {"cifar", Format::cifar}, {"idx", Format::idx}, {"npz", Format::npz}, {"coco", Format::coco}});
    v("classes", classes, "names of the classes, in the order of their numbers; by default the source's own names, else the numbers",
      Placeholder{"A,B,C"});
    v("labels", labels, "fine or coarse: the labels to take from CIFAR-100; a file: the labels of a single IDX file of pictures",
      Placeholder{"fine|coarse|FILE"});
    v("images", images, "folder of the photos that COCO's JSON names", Placeholder{"DIR"}, DefaultText{"that of the JSON"});
    v("label-from-name", label_from_name,
      "the source is a folder of photos whose class is in their file names, as the first group of this regular expression: '^([a-z]+)' gives cat for "
      "cat.0.jpg; the result is a .csv of path,label",
      Placeholder{"REGEX"}, DefaultText{"none"});
    v("threads", threads, "number of CPU threads", between(1, 1024), DefaultText{"the CPUs this process may use"});
    v.group("Selection");
    v("only", only, "take only these classes", Placeholder{"A,B,C"});
    v("per-class", per_class, "take only the first N pictures of each class, in each of train, val and test", at_least(1), DefaultText{"all"});
    v("skip-ambiguous", skip_ambiguous, "leave out COCO's photos with annotations of several categories");
  }
};

/// Of a source that holds it; by names in a folder, by the first bytes in a file. Error (data) when it is none of them.
Format recognise(const std::filesystem::path& source);

struct Conversion {
  std::string format;                      // "CIFAR-10", for people
  std::size_t pictures = 0;                // written, or named in the CSV
  std::size_t classes = 0;                 // of these
  std::array<std::size_t, 3> parts{};      // train, val, test; all zero when the source does not say
  std::size_t without = 0, ambiguous = 0;  // photos of COCO left out
  std::vector<std::string> notes = {};     // what was left out otherwise, one sentence each
};

/// Checks everything before it writes. `begin` is called with the number of pictures; the function it returns is called as they are done. `out` appears
/// complete or not at all. Error: the readers', (usage) for options that do not belong to the format, (data) when `out` exists or nothing is left to write.
Conversion convert(const ConvertConfig& config, const std::function<std::function<void(std::size_t)>(std::size_t)>& begin);

}  // namespace graft::convert
