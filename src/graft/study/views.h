// The photos of a pre-training: which there are, and the random views of them that are compared.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/base/config.h"
#include "graft/base/hash.h"
#include "graft/base/thread_pool.h"
#include "graft/data/augment.h"
#include "graft/data/dataset.h"
#include "graft/fit/head/photo_views.h"
#include "graft/fit/job/listener.h"
#include "graft/train/pretraining.h"

namespace graft::study {

/// SimCLR's augmentation (Chen et al. 2020, appendix A), with the weaker color and the larger crops of MoCo v2 and SimSiam. Color is always changed,
/// not in 80 % of the views: a factor near 1 is among those that are drawn.
struct ViewOptions {
  std::string crop_scale = "0.2,1";
  double flip = 0.5, vertical_flip = 0, rotation = 0;
  double color = 0.5, gray_chance = 0.2, blur_chance = 0.5;

  void fields(FieldList& v);
};

/// For pictures of this size. Error (usage) for a crop scale that is no interval.
data::Augment augment_of(const ViewOptions& options, Size size);

/// Photos that can be read.
struct PhotoList {
  std::vector<std::filesystem::path> paths;
  std::vector<int> labels = {};  // of photos with labels
  std::vector<std::string> classes = {};
  std::vector<Hash128> hashes = {};  // of their files
};

/// The photos of a folder, whatever its folders are called; of a folder with a part train/, only that part. Errors (data): as data::list_images.
PhotoList photos_of(const std::filesystem::path& folder, const fit::Listener& listener);
/// Labeled photos, at most kMostProbed, drawn by the seed. Errors as shots::all_of.
PhotoList probe_photos(const std::filesystem::path& data, const data::SourceOptions& source, uint64_t seed, const fit::Listener& listener);
inline constexpr std::size_t kMostProbed = 2000;

/// Reads all photos once: fills in the hashes and leaves out photos that cannot be read. Error (data) that names these unless they may be skipped.
void keep_readable(PhotoList& photos, const std::filesystem::path& data, const data::Preprocess& preprocess, bool skip_unreadable, int threads,
                   const fit::Listener& listener);

/// Error (data) unless two classes have two photos each, as a cross-validation needs.
void check_probe(const PhotoList& probe, const std::filesystem::path& data);

/// As train_pretraining wants them; `views` must outlive it.
train::Unlabelled two_views(const fit::PhotoViews& views);

}  // namespace graft::study
