// What `graft explain` reports about a photo: text and JSON.
#pragma once

#include <string>
#include <vector>

#include "graft/artifact/answer_lines.h"
#include "graft/explain/explainer.h"
#include "graft/explain/overlay.h"

namespace graft::cli {

struct ExplainedPhoto {
  std::string path;  // printable
  artifact::Answer answer;
  const std::vector<explain::ClassMap>& maps;
  explain::Window window;
  std::vector<artifact::NearestPhoto> nearest;  // training photos
  std::string picture, raw;                     // printable paths; empty: not written
};

/// As artifact::json_line, with "method", "maps": [{"label", "probability", "peak": {"across", "down"}, "half_within", "note"}], the peak as parts of the photo's
/// width and height, null where nothing supports the class, the note where there is one, "nearest_training_photos": [{"path", "similarity"}], and "picture" and "raw" where they are written.
std::string explained_json(const ExplainedPhoto& photo, explain::Method method, const data::Task& task, const artifact::LineOptions& options);

/// As artifact::text_line, and under it a line for each map and one for the training photos.
std::string explained_text(const ExplainedPhoto& photo, const data::Task& task, const artifact::LineOptions& options);

}  // namespace graft::cli
