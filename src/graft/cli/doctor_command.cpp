#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <optional>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/cli/command.h"
#include "graft/doctor/examine.h"
#include "graft/doctor/fix.h"
#include "graft/doctor/print.h"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

const CommandText kDoctorText{
    "graft doctor",
    "Check a data set before training: files that cannot be read, copies within and across parts, the same picture under two labels, labels that may "
    "be wrong, shortcuts that give the class away, uneven classes. The exit code is 0 whatever is found, unless --fail-on says otherwise.",
    {"graft doctor photos/", "graft doctor photos/ --csv findings.csv", "graft doctor labels.csv --fail-on error --quiet",
     "graft doctor photos/ --fix move aside/", "graft doctor --undo aside/"}};

enum class FailOn { nothing, error, warning };
enum class Fix { nothing, list, move };

struct DoctorOptions {
  fs::path data, dir;
  std::optional<fs::path> val, undo;
  data::SourceOptions source;
  std::optional<fs::path> csv;
  bool force = false;
  FailOn fail_on = FailOn::nothing;
  Fix fix = Fix::nothing;
  std::string take = "unreadable,exact";
  uint64_t seed = 0;
  bool no_features = false;
  double copy_threshold = doctor::kCopyThreshold;
  int threads = available_cpus();
  OutputOptions output;

  void fields(FieldList& v) {
    v.positional("data", data, "labeled photos, as for `graft fit`", MayBeEmpty{});
    v.positional("dir", dir, "for --fix move: a folder outside of the data that is empty or does not exist", MayBeEmpty{});
    v("val", val, "validation photos from elsewhere: a folder or a table", Placeholder{"PATH"}, DefaultText{"the val part of the data"});
    source.label_fields(v);
    source.group_fields(v);
    v("fail-on", fail_on, "exit with 1 if something at least this serious was found",
      names<FailOn>{{"nothing", FailOn::nothing}, {"error", FailOn::error}, {"warning", FailOn::warning}});
    v("no-features", no_features, "use no network: find near copies by their pixels alone, and do not judge labels");
    v("copy-threshold", copy_threshold,
      "correlation of their fine structure from which two photos count as near copies; four times closer to 1 in a data set whose photos look alike",
      between(0.5, 1));
    v("seed", seed, "seed for drawing the photos in which to look for shortcuts, and for what photos have in common");
    v.group("Repair");
    v("fix", fix, "list: name the files that can be removed; move: move them into DIR, from where --undo puts them back. Nothing is deleted",
      names<Fix>{{"nothing", Fix::nothing}, {"list", Fix::list}, {"move", Fix::move}});
    v("take", take,
      "what --fix takes, separated by commas: unreadable, files that cannot be read; exact, superfluous copies with identical pixels; near, near "
      "copies, which two photos of a series can resemble; suspects, photos whose labels may be wrong. The same picture under two labels is never "
      "taken",
      Placeholder{"KINDS"});
    v("undo", undo, "put back what --fix move moved into this folder", Placeholder{"DIR"}, DefaultText{"none"});
    v.group("Machine");
    v("threads", threads, "number of CPU threads", between(1, 1024), DefaultText{"the CPUs this process may use"});
    output.fields(v);
    v("csv", csv, "also write the findings to this file: a line for each photo of each finding", Placeholder{"FILE"}, DefaultText{"none"});
    v("force", force, "overwrite the file that --csv names");
  }
};

int exit_code(const doctor::Report& found, FailOn fail_on) {
  if (fail_on == FailOn::nothing) return 0;
  return doctor::count_of(found.findings, fail_on == FailOn::error ? doctor::Severity::error : doctor::Severity::warning) > 0 ? 1 : 0;
}

void check_words(const DoctorOptions& o) {
  if (o.undo) {
    if (!o.data.empty() || o.fix != Fix::nothing)
      throw usage_error("--undo", "puts back what a --fix moved, and does nothing else", "usage: graft doctor --undo DIR");
    return;
  }
  if (o.data.empty()) throw usage_error("data", "missing", "usage: graft doctor DATA [options]");
  if (o.fix == Fix::move) doctor::check_move(o.data, o.dir);
  else if (!o.dir.empty())
    throw usage_error(printable(o.dir.string()), "is a second folder, which only --fix move needs", "graft doctor DATA --fix move DIR");
  doctor::take_named(o.take);
}

int put_back(const DoctorOptions& o) {
  const doctor::Undone undone = doctor::undo(*o.undo);
  if (!undone.lost.empty())
    remark(o.output, fmt::format("neither in {} nor in their original place: {}", printable(o.undo->string()), first_few(undone.lost)));
  if (o.output.json) print(nlohmann::ordered_json{{"back", undone.back}, {"there", undone.there}, {"lost", undone.lost}}.dump(2) + "\n");
  else
    report(o.output,
           fmt::format("{} files are back{}\n", undone.back, undone.there > 0 ? fmt::format(", {} were already in place", undone.there) : ""));
  return undone.lost.empty() ? 0 : 1;
}

nlohmann::ordered_json to_json(const std::vector<doctor::Move>& moves, const DoctorOptions& o) {
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const doctor::Move& move : moves)
    list.push_back({{"path", printable(move.from.string())}, {"to", printable(move.to.string())}, {"why", doctor::row_of(move.why).name}});
  return {{"moved", o.fix == Fix::move}, {"files", std::move(list)}};
}

std::string to_text(const std::vector<doctor::Move>& moves, const DoctorOptions& o) {
  if (moves.empty()) return "\nno file can be removed\n";
  std::string text = "\n";
  for (const doctor::Move& move : moves) text += fmt::format("{}  {}\n", doctor::row_of(move.why).name, printable(move.from.string()));
  if (o.fix == Fix::list) return text + fmt::format("{} files can be removed; move them with: --fix move DIR\n", moves.size());
  return text + fmt::format("{} files are in {}; put them back with: graft doctor --undo {}\n", moves.size(), printable(o.dir.string()),
                            shell_word(o.dir.string()));
}

}  // namespace

CommandReference doctor_reference() { return reference_of<DoctorOptions>(kDoctorText); }

int doctor_command(std::span<const std::string> words) {
  const auto config = read_config<DoctorOptions>(kDoctorText, words);
  if (!config) return 0;
  const DoctorOptions& o = config->values;
  check_words(o);
  if (o.undo) return put_back(o);
  if (o.csv) refuse_target(*o.csv, o.force);
  ThreadPool pool(o.threads);
  std::optional<Progress> progress;
  const doctor::Begin begin = [&](const std::string& what, std::size_t total) {
    if (progress) progress->finish();
    progress.emplace(what, total, progress_style(o.output), what == "pairs" ? "pairs" : "photos");
    return [&](std::size_t n) { progress->advance(n); };
  };
  const doctor::Report found = doctor::examine(
      o.data, {.source = o.source, .val = o.val.value_or(""), .seed = o.seed, .features = !o.no_features, .copy_threshold = o.copy_threshold}, pool,
      begin);
  if (progress) progress->finish();
  for (const std::string& sentence : found.notes) remark(o.output, sentence);
  std::vector<doctor::Move> moves;
  if (o.fix != Fix::nothing) moves = doctor::moves_of(found, doctor::take_named(o.take));
  if (o.fix == Fix::move && !moves.empty()) doctor::move_away(moves, o.dir);
  if (o.output.json) {
    nlohmann::ordered_json json = doctor::to_json(found);
    if (o.fix != Fix::nothing) json["fix"] = to_json(moves, o);
    print(json.dump(2) + "\n");
  } else {
    print(doctor::to_table(found) + (o.fix == Fix::nothing ? "" : to_text(moves, o)));
  }
  if (o.csv) {
    write_file(*o.csv, doctor::to_csv(found, o.csv->parent_path()));
    remark(o.output, fmt::format("{}: the findings, a line for each photo of each finding", printable(o.csv->string())));
  }
  return exit_code(found, o.fail_on);
}

}  // namespace graft::cli
