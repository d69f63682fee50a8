#include <fmt/format.h>

#include <chrono>
#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/cli/command.h"
#include "graft/convert/convert.h"

namespace graft::cli {
namespace {

const CommandText kImportText{
    "graft import",
    "Convert a published data set into what `graft fit` reads: CIFAR-10 and CIFAR-100 (binary version), IDX (MNIST, Fashion-MNIST; also with .gz) "
    "and .npz (MedMNIST) into folders of PNG files, COCO-style JSON, and with --label-from-name a folder of photos, into a CSV of path,label.",
    {"graft import cifar-10-binary.tar.gz --out cifar10", "graft import mnist/ --out mnist-photos --per-class 500",
     "graft import pathmnist.npz --out pathmnist --classes ADI,BACK,DEB,LYM,MUC,MUS,NORM,STR,TUM",
     "graft import annotations.json --images photos/ --out photos.csv",
     "graft import cats-and-dogs/ --label-from-name '^([a-z]+)' --out photos.csv"}};

using ImportOptions = WithOutput<convert::ConvertConfig>;

std::string counted(std::size_t count) { return with_commas(static_cast<long long>(count)); }

/// " (train 60,000, test 10,000)"; nothing for a source without parts.
std::string parts_text(const convert::Conversion& done) {
  static constexpr const char* kNames[] = {"train", "val", "test"};
  std::string text;
  for (std::size_t i = 0; i < done.parts.size(); ++i)
    if (done.parts[i] > 0) text += fmt::format("{}{} {}", text.empty() ? " (" : ", ", kNames[i], counted(done.parts[i]));
  return text.empty() ? text : text + ")";
}

void remark_left_out(const OutputOptions& output, const convert::Conversion& done) {
  for (const std::string& sentence : done.notes) remark(output, sentence);
  if (done.without > 0) remark(output, fmt::format("left out: {} without an annotation", counted(done.without)));
  if (done.ambiguous > 0) remark(output, fmt::format("left out: {} with annotations of several categories", counted(done.ambiguous)));
}

}  // namespace

CommandReference import_reference() { return reference_of<ImportOptions>(kImportText); }

int import_command(std::span<const std::string> words) {
  const auto start = std::chrono::steady_clock::now();
  const auto config = read_config<ImportOptions>(kImportText, words);
  if (!config) return 0;
  const ImportOptions& o = config->values;
  if (o.out.empty()) throw usage_error("--out", "missing", "for instance --out photos");

  std::optional<Progress> progress;
  const convert::Conversion done = convert::convert(o, [&](std::size_t total) -> std::function<void(std::size_t)> {
    progress.emplace("import", total, progress_style(o.output), "pictures");
    return [&progress](std::size_t n) { progress->advance(n); };
  });
  progress->finish();
  remark_left_out(o.output, done);

  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  const std::string out = printable(o.out.string());
  if (o.output.json)
    print(nlohmann::ordered_json{{"format", done.format},
                                 {"pictures", done.pictures},
                                 {"classes", done.classes},
                                 {"train", done.parts[0]},
                                 {"val", done.parts[1]},
                                 {"test", done.parts[2]},
                                 {"without_annotation", done.without},
                                 {"ambiguous", done.ambiguous},
                                 {"seconds", seconds},
                                 {"out", out}}
              .dump(2) +
          "\n");
  else
    report(o.output, fmt::format("{}: {} picture{} of {} class{}{}, from {}; {:.1f} s\nnext:  graft fit {}\n", out, counted(done.pictures),
                                 done.pictures == 1 ? "" : "s", done.classes, done.classes == 1 ? "" : "es", parts_text(done), done.format, seconds,
                                 shell_word(o.out.string())));
  return 0;
}

}  // namespace graft::cli
