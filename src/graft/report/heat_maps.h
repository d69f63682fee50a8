// Where the model found its answers to some photos (explain/explainer.h), small enough for a page.
#pragma once

#include <nlohmann/json.hpp>

#include <filesystem>
#include <string>
#include <vector>

#include "graft/base/thread_pool.h"

namespace graft::report {

/// A photo and the classes that its maps explain: the predicted and the true ones, each class once.
struct ToExplain {
  std::string name;  // in the page
  std::filesystem::path file;
  std::string label, predicted;  // as in predictions.csv
};

/// {"method": "cam", "photos": {NAME: [{"label", "height", "width", "values", "box"}, ...]}}, as web/src/data.ts tells them; or {"why_not": ..., "photos": {}} where
/// the model is not there, or there is no method for it that takes about the time of an answer. Photos that cannot be read are left out.
nlohmann::ordered_json heat_maps(const std::filesystem::path& run, const std::vector<ToExplain>& photos, ThreadPool& pool);

}  // namespace graft::report
