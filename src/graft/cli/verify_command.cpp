#include <nlohmann/json.hpp>
#include <optional>

#include "graft/artifact/model.h"
#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/base/thread_pool.h"
#include "graft/cli/command.h"
#include "graft/data/dataset.h"
#include "graft/study/replay.h"

namespace graft::cli {
namespace {

const CommandText kVerifyRunText{
    "graft verify",
    "Run the photos through every engine that can compute the run's model (OpenVINO in float32 and in bf16, and libtorch), and compare the answers "
    "with each other and with those that the run recorded. Fails (exit code 1) if they differ by more than rounding.",
    {"graft verify runs/cells", "graft verify runs/cells --data holdout/ --json"}};

struct VerifyRunOptions {
  std::filesystem::path model;
  std::optional<std::filesystem::path> data;
  std::string part;
  data::SourceOptions source;
  int threads = available_cpus();
  OutputOptions output;

  void fields(FieldList& v) {
    v.positional("model", model, "run folder or model.onnx");
    v("data", data, "labeled photos to replay", Placeholder{"DATA"}, DefaultText{"the run's own validation photos"});
    v("part", part, "part of --data to use; by default val/ if there is one, else test/, else all of it", one_of({"train", "val", "test"}),
      DefaultText{"val, test or all"});
    source.label_fields(v);
    v("threads", threads, "number of CPU threads", between(1, 1024), DefaultText{"the CPUs this process may use"});
    output.fields(v);
  }
};

std::vector<data::Sample> photos_to_replay(const VerifyRunOptions& o) {
  const artifact::ModelCard card = artifact::load_card(o.model);
  if (!o.data) return study::recorded_photos(o.model);
  data::Dataset dataset = data::open_labelled(*o.data, card.labels, {o.part, card.task, o.source});
  for (const std::string& sentence : dataset.notes) remark(o.output, sentence);
  return std::move(dataset.samples);
}

}  // namespace

CommandReference verify_reference() { return reference_of<VerifyRunOptions>(kVerifyRunText); }

int verify_command(std::span<const std::string> words) {
  const auto config = read_config<VerifyRunOptions>(kVerifyRunText, words);
  if (!config) return 0;
  const VerifyRunOptions& o = config->values;
  if (!o.data && !o.part.empty()) throw usage_error("--part", "is a part of --data", "give --data, too");
  std::optional<Progress> progress;
  const study::Replayed found = study::replay(o.model, photos_to_replay(o), o.threads, [&](const std::string& what, std::size_t total) {
    if (progress) progress->finish();
    progress.emplace(what, total, progress_style(o.output));
    return [&](std::size_t n) { progress->advance(n); };
  });
  if (progress) progress->finish();
  print(o.output.json ? study::to_json(found).dump(2) + "\n" : study::to_text(found));
  return found.same() ? 0 : 1;
}

}  // namespace graft::cli
