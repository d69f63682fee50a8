// A config with an option of every type, for the tests of config.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "error_text.h"
#include "graft/base/config.h"

namespace graft::test {

using Words = std::vector<std::string>;

enum class Precision { automatic, float32, bf16 };

struct Shared {
  bool quiet = false;
  int threads = 2;
  uint64_t seed = 0;
  void fields(FieldList& v) {
    v.group("Run");
    v("quiet", quiet, "no progress", Shorthand{'q'});
    v("threads", threads, "CPUs to use", at_least(1), DefaultText{"all CPUs"});
    v("seed", seed, "of every random choice");
  }
};

struct FitConfig {
  std::filesystem::path data;
  std::string backbone = "efficientnet_lite0";
  double val = 0.2;
  std::optional<double> l2;
  Precision precision = Precision::automatic;
  std::optional<Precision> cache_precision;
  bool skip_unreadable = false;
  bool flip = true;
  int64_t offset = 0;
  std::optional<int> top;
  std::string note;
  std::filesystem::path out;
  std::vector<std::string> drop;
  Shared shared;
  void fields(FieldList& v) {
    v.positional("data", data, "folder of class folders, or a CSV of path,label");
    v("backbone", backbone, "pretrained network, see `graft models`", one_of({"efficientnet_lite0", "squeezenet1_1", "resnet18"}));
    v("val", val, "part of the training images held out for validation", between(0.01, 0.9));
    v("l2", l2, "strength of the L2 penalty", above(0));
    v("precision", precision, "of the engine's arithmetic",
      names<Precision>{{"auto", Precision::automatic}, {"float32", Precision::float32}, {"bf16", Precision::bf16}});
    v("cache-precision", cache_precision, "of the cache", names<Precision>{{"float32", Precision::float32}, {"bf16", Precision::bf16}});
    v.group("Images");
    v("skip-unreadable", skip_unreadable, "go on without images that cannot be read");
    v("flip", flip, "also train on mirrored images");
    v("offset", offset, "first image to use");
    v("top", top, "use at most this many images");
    v("drop", drop, "a class to leave out; may be given again", Placeholder{"CLASS"});
    v.group("Output");
    v("note", note, "free text kept with the run");
    v("out", out, "folder to make", Shorthand{'o'}, Placeholder{"FOLDER"});
    shared.fields(v);
  }
};

struct PredictConfig {
  std::filesystem::path model;
  std::vector<std::filesystem::path> images;
  void fields(FieldList& v) {
    v.positional("model", model, "run folder or model.onnx");
    v.positional("images", images, "files and folders; none: names from standard input", MayBeEmpty{});
  }
};

inline const CommandText kFit{
    "graft fit", "Train a classifier on a folder of labelled images.", {"graft fit photos/", "graft fit photos/ --val 0.3"}};
inline const CommandText kPredict{"graft predict", "", {}};

inline Configured<FitConfig> fit(const Words& words) { return configure<FitConfig>(kFit, words); }

inline std::string fit_error(const Words& words) {
  return error_of([&] { fit(words); });
}

}  // namespace graft::test
