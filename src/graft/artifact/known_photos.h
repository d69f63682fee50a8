// The features, at the last layer, of the photos that a run was trained and validated on: RUN/training.npy and RUN/validation.npy,
// indexes as `graft embed` writes them (search/index.h), of at most kMostKnownPhotos each. Their paths are relative to the run.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/artifact/model.h"
#include "graft/search/index.h"

namespace graft::artifact {

inline constexpr const char* kTrainingIndex = "training.npy";
inline constexpr const char* kValidationIndex = "validation.npy";
inline constexpr std::size_t kMostKnownPhotos = 2000;  // of an index

struct NearestPhoto {
  std::string path;   // as the current folder sees it
  double similarity;  // cosine
};

class KnownPhotos {
 public:
  /// `model`: a run folder or the model.onnx in it. Nothing where there is no such index beside it. Errors (data) as search::read_index.
  static std::optional<KnownPhotos> beside(const std::filesystem::path& model, const char* index = kTrainingIndex);

  /// By the first `width` features, which both must have; otherwise nothing, as for another model's index.
  std::optional<NearestPhoto> nearest(std::span<const float> features, std::size_t width) const;

  /// The most similar ones, best first; fewer if there are not as many, none if nearest() gives none.
  std::vector<NearestPhoto> nearest(std::span<const float> features, std::size_t width, std::size_t count) const;

  const search::Index& index() const { return index_; }
  std::vector<std::filesystem::path> paths() const;  // as the current folder sees them

 private:
  KnownPhotos(search::Index index, std::filesystem::path run) : index_(std::move(index)), run_(std::move(run)) {}

  search::Index index_;
  std::filesystem::path run_;
};

/// The model to which the photos belong.
struct KnownPhotosOf {
  const std::filesystem::path& folder;  // where its model.onnx is already
  const std::filesystem::path& run;     // what the folder will be
  const ModelCard& card;
};

/// `index`: kTrainingIndex or kValidationIndex; values: (photos, width), what the last layer reads. Errors (data) as search::write_index.
void write_known_photos(const KnownPhotosOf& of, const char* index, std::span<const std::filesystem::path> photos, std::span<const float> values,
                        std::size_t width);

/// Whether a run's file of that name is the JSON beside either index, which names photos.
bool is_known_photos(std::string_view name);
/// That JSON of a run in the folder `from`, as that of a run in `to` has it.
std::string moved_known_photos(std::string_view json, const std::filesystem::path& from, const std::filesystem::path& to);

/// The training photos, where they are beside `model`, for another model whose last layer reads the same.
void copy_training_photos(const std::filesystem::path& model, const KnownPhotosOf& to);

}  // namespace graft::artifact
