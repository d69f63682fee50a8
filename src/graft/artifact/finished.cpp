#include "graft/artifact/finished.h"

#include <fmt/format.h>

#include "graft/artifact/model.h"
#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::artifact {
namespace fs = std::filesystem;

bool is_measured(const fs::path& folder) {
  std::error_code code;
  const std::string name = printable(folder.string());
  if (!fs::exists(folder, code)) throw data_error(name, "no such run", "give the folder of a finished run");
  const auto has = [&](const char* file) { return fs::is_regular_file(folder / file, code); };
  if (has(kEncoder)) model_file(folder);  // throws where there is no model beside it
  if (has("model.onnx") && !has("eval.json") && !has("predictions.csv")) return false;
  for (const char* file : {"eval.json", "predictions.csv"})
    if (!has(file)) throw data_error(name, fmt::format("has no {}, which every measured run has", file), "give the folder of a finished run");
  return true;
}

void check_measured(const fs::path& folder) {
  const std::string name = printable(folder.string());
  if (!is_measured(folder))
    throw data_error(name, "was made without labeled photos to measure it on",
                     fmt::format("measure it: graft eval {0} PHOTOS; a run with answers to labeled photos: graft calibrate {0} PHOTOS", name));
}

}  // namespace graft::artifact
