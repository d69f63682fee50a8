#include "graft/fit/run/run_report.h"

#include <fmt/format.h>

#include "graft/base/files.h"
#include "graft/base/paths.h"
#include "graft/base/text.h"
#include "graft/report/page.h"
#include "graft/report/report.h"

namespace graft::fit {
namespace {

/// From this many validation photos on, heat maps of some two dozen take little beside the final check of all.
constexpr std::size_t kManyPhotos = 500;

}  // namespace

RunReport::RunReport(const std::filesystem::path& run, const std::vector<data::Sample>& photos)
    : run_(run), photos_(photos), pictures_(photos.size()) {}

data::EachImage RunReport::each_photo() {
  // Of more photos only some are shown, which are not known yet: those are decoded again.
  if (!report::has_page() || photos_.size() > report::kMostPhotos) return nullptr;
  return [this](std::size_t i, const image::Image& photo) { pictures_[i] = report::thumbnail(photo); };
}

void RunReport::write(const std::filesystem::path& folder, Job& job) {
  report::ReportedRun run{.folder = folder, .place = run_, .name = report::run_in(run_).name};
  run.heat_maps = job.config.values.by_steps() || photos_.size() >= kManyPhotos;
  report::write_pictures(run);
  if (!report::has_page()) {
    job.note(fmt::format("{} {}; {}", report::kPage, report::kNoPage, report::kHowToHaveIt));
    return;
  }
  const PathsIn there(run_);
  for (std::size_t i = 0; i < photos_.size(); ++i)
    if (!pictures_[i].empty()) run.pictures.emplace(printable(there.name_of(photos_[i].path).string()), std::move(pictures_[i]));
  write_file(folder / report::kPage, report::report_page({run}, job.pool), Sync::later);
}

}  // namespace graft::fit
