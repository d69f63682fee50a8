// The report page of a run (report/report.h), made together with its files: the pictures of validation photos are taken while the final check reads them.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "graft/data/dataset.h"
#include "graft/data/loader.h"
#include "graft/fit/job/state.h"

namespace graft::fit {

class RunReport {
 public:
  /// `run`: what the folder will be; `photos` in their order in the check.
  RunReport(const std::filesystem::path& run, const std::vector<data::Sample>& photos);

  /// Keeps a small picture of each photo if all of them will be shown. The function must not outlive this object.
  data::EachImage each_photo();

  /// report.html and the pictures beside it, of the records in `folder`; with heat maps after a training by steps, or of many photos, where they take a
  /// small part of the time. A note where this graft has no page.
  void write(const std::filesystem::path& folder, Job& job);

 private:
  const std::filesystem::path run_;
  const std::vector<data::Sample>& photos_;
  std::vector<std::string> pictures_;  // empty: not seen, or not kept
};

}  // namespace graft::fit
