// Photos to the rows of an index, by a pretrained network without its head; and a query to a row of the same kind.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <iosfwd>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/base/config.h"
#include "graft/base/thread_pool.h"
#include "graft/data/dataset.h"
#include "graft/data/loader.h"
#include "graft/data/look.h"
#include "graft/engine/engine.h"
#include "graft/engine/features.h"
#include "graft/engine/stated_scale.h"
#include "graft/models/registry.h"
#include "graft/search/index.h"

namespace graft::search {

/// Options for every command that works on features: the frozen network, and how photos are prepared for it.
struct NetworkConfig {
  std::string backbone = models::kDefaultBackbone;
  std::optional<std::filesystem::path> weights;
  std::optional<std::string> weights_key;
  std::optional<Size> size;
  std::optional<int> resize;
  std::optional<std::string> tensor;
  engine::StatedScale scale;
  image::Background background = image::Background::none;
  data::Depth depth = data::Depth::automatic;
  int threads = available_cpus();
  double cache_limit = 4;

  void network_fields(FieldList& v) {
    v("backbone", backbone, "pretrained network, see `graft models`; NAME:STAGE ends it there; NAME+NAME: networks side by side; or an .onnx file",
      Shorthand{'b'}, Placeholder{"NAME"});
    v("weights", weights, "file of its pretrained weights: .safetensors or .pth", Placeholder{"FILE"}, DefaultText{"where setup put them"});
    v("weights-key", weights_key, "name of the set of weights to take from a checkpoint that holds several: state_dict_ema, teacher",
      Placeholder{"KEY"}, DefaultText{"the model's own"});
    v("size", size, data::kSizeHelp, between(8, 1024));
    v("resize", resize,
      "shorter side to which a photo is resized before the input is cut out of its center; auto: in the same proportion as the network was trained "
      "with",
      between(8, 2048));
    v("background", background, "what is behind transparent pixels; none: the colors stored there, like Pillow's convert(\"RGB\")",
      data::kBackgroundNames);
    v("depth", depth, data::kDepthHelp, data::kDepthNames);
    v("tensor", tensor, "tensor at which a network from a file ends; auto: before its last layer", Placeholder{"NAME"});
    scale.fields(v, engine::kMeanHelp);
  }
  void machine_fields(FieldList& v) {
    v("threads", threads, "number of CPU threads", between(1, 1024), DefaultText{"the CPUs this process may use"});
    v("cache-limit", cache_limit, "GiB on disk for the features of photos seen before; 0: none", at_least(0));
  }
};

/// The options of `graft embed`.
struct EmbedConfig : NetworkConfig {
  std::vector<std::filesystem::path> data;
  std::filesystem::path out;
  bool mirror = false;
  bool normalize = false;
  bool skip_unreadable = false;
  bool force = false;
  engine::Precision precision = engine::Precision::automatic;

  void fields(FieldList& v) {
    v.positional("data", data, "image files, folders of them, and CSV or TSV files with a column named path; - reads a list from standard input");
    v("out", out, "file to write: .npy (NumPy), .safetensors or .csv; next to .npy and .csv, FILE.json holds the paths", Shorthand{'o'},
      Placeholder{"FILE"});
    v("force", force, "replace that file");
    v("skip-unreadable", skip_unreadable, "leave out photos that cannot be read, and continue");
    v.group("Features");
    network_fields(v);
    v("mirror", mirror, "average the features of each photo and its mirror image, for twice the work");
    v("normalize", normalize, "scale every row to length 1 (L2)");
    v.group("Machine");
    v("precision", precision, "auto: bf16 if a short measurement finds it faster and close enough",
      names<engine::Precision>{{"auto", engine::Precision::automatic}, {"float32", engine::Precision::float32}, {"bf16", engine::Precision::bf16}});
    machine_fields(v);
  }
};

/// The photos of the inputs in their order; one that ends in .csv or .tsv is a table of paths. Errors as of data::list_images and of a table.
data::ImageList list_photos(std::span<const std::filesystem::path> inputs, std::istream& list);

struct Embedding {
  IndexInfo info;             // of the readable photos
  std::size_t width = 0;      // of a row
  std::vector<float> values;  // (info.paths.size(), width)
  std::size_t unreadable = 0, cached = 0;
  std::vector<std::string> notes = {};  // what was assumed in doubtful cases: pictures (data/look.h), the file's weights
  std::string skipped = {};             // a sentence about the unreadable ones; empty when there are none
};

/// Features of all photos, in memory of their table. `begin` is called once the network is ready; the
/// function it returns is called with the number of photos just finished. Errors: no such network,
/// options of files for a network by name and the other way round, weights that are not there, a size
/// the network cannot take; photos that cannot be read, all named at once, unless they are skipped.
Embedding embed(const EmbedConfig& config, const std::vector<std::filesystem::path>& photos,
                const std::function<std::function<void(std::size_t)>()>& begin = {});

struct Queries {
  std::vector<float> values;  // (photos, width of the index); rows of unreadable photos are 0
  std::vector<data::Unreadable> unreadable;
};

/// Embeds photos in the same way as those of the index, with one compiled network for all calls.
class QueryEmbedder {
 public:
  /// `weights`: empty for those on this machine. `photos`: about how many there will be. Error (data) if
  /// the weights are not those of the index (SHA-256), or if the network gives rows of another width.
  QueryEmbedder(const Index& index, const std::filesystem::path& weights, int threads, std::size_t photos);
  Queries operator()(const std::vector<std::filesystem::path>& photos, const std::function<void(std::size_t)>& advance = {});

 private:
  bool mirror_, normalize_;
  std::optional<engine::FeatureExtractor> extractor_;
};

}  // namespace graft::search
