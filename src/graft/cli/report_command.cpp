#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/base/thread_pool.h"
#include "graft/cli/command.h"
#include "graft/report/page.h"
#include "graft/study/page.h"

namespace graft::cli {
namespace fs = std::filesystem;
namespace {

const CommandText kReportText{
    "graft report",
    "Make the page that shows the results of a run, from the run's own files: one HTML file that opens in any browser, loads nothing from anywhere, "
    "and can be sent or printed. `graft fit` writes this page itself; for several runs, or for a study, the page is a comparison.",
    {"graft report runs/photos-20261122-101500", "graft report runs/a runs/b --out comparison.html",
     "graft report runs/a --language zh --out a.html"}};

struct ReportOptions {
  std::vector<fs::path> runs;
  std::optional<fs::path> out;
  bool force = false;
  report::Language language = report::Language::automatic;
  int threads = available_cpus();
  OutputOptions output;

  void fields(FieldList& v) {
    v.positional("runs", runs, "folders of finished runs, or one of a study");
    v("out", out, "file to write the page into: .html", Shorthand{'o'}, Placeholder{"FILE"}, DefaultText{"RUN/report.html, which is replaced"});
    v("force", force, "replace that file");
    v("language", language, "language in which the page opens; auto: as the browser prefers; the page itself has a switch",
      names<report::Language>{{"auto", report::Language::automatic}, {"en", report::Language::english}, {"zh", report::Language::chinese}});
    v("threads", threads, "number of CPU threads", between(1, 1024), DefaultText{"the CPUs this process may use"});
    output.fields(v);
  }
};

/// Where the page goes, after what can be known to be wrong with that.
fs::path place_of(const ReportOptions& o) {
  if (!o.out) {
    if (o.runs.size() > 1) throw usage_error("--out", "missing: several runs have no folder in common", "for instance --out comparison.html");
    return o.runs.front() / report::kPage;
  }
  const std::string subject = "--out " + printable(o.out->string());
  const std::string ending = lower(o.out->extension().string());
  if (ending != ".html" && ending != ".htm") throw usage_error(subject, "expected a name that ends in .html", "the page is HTML");
  std::error_code code;
  if (fs::is_directory(*o.out, code)) throw data_error(printable(o.out->string()), "is a folder, expected a file or nothing", "choose another --out");
  if (!o.force && fs::exists(fs::symlink_status(*o.out, code)))
    throw data_error(printable(o.out->string()), "already exists", "choose another --out or pass --force");
  return *o.out;
}

}  // namespace

CommandReference report_reference() { return reference_of<ReportOptions>(kReportText); }

int report_command(std::span<const std::string> words) {
  const auto options = read_config<ReportOptions>(kReportText, words);
  if (!options) return 0;
  const ReportOptions& o = options->values;
  const fs::path place = place_of(o);
  report::require_page();
  ThreadPool pool(o.threads);
  const bool is_study = o.runs.size() == 1 && study::has_comparison(o.runs.front());
  const std::string page = is_study ? study::study_page(o.runs.front(), pool, o.language) : study::page_of_runs(o.runs, pool, o.language);
  write_file(place, page);
  if (!o.out && !is_study) report::write_pictures(report::run_in(o.runs.front()));
  if (o.output.json) print(nlohmann::ordered_json{{"report", printable(place.string())}, {"bytes", page.size()}}.dump(2) + "\n");
  else report(o.output, fmt::format("report: {}, {}\n", printable(place.string()), human_bytes(page.size())));
  return 0;
}

}  // namespace graft::cli
