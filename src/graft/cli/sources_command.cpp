#include <nlohmann/json.hpp>

#include "graft/base/text.h"
#include "graft/cli/command.h"
#include "graft/cli/fit_listener.h"
#include "graft/cli/terminal.h"
#include "graft/fit/source/sources.h"

namespace graft::cli {
namespace {

const CommandText kSourcesText{
    "graft sources",
    "Compare pretrained networks on your photos without training them, by the cross-validated log loss of a head on their frozen features; also by "
    "LogME, H-score, size and time. `graft fit --sources` does the same and trains the network that it chooses.",
    {"graft sources photos/", "graft sources photos/ --sources efficientnet_lite0,squeezenet1_1 --latency 20ms",
     "graft sources photos/ --sources resnet18,encoder.onnx --download --json"}};

/// Of the options of `fit` those that have a part in it.
struct SourcesOptions : fit::FitConfig {
  OutputOptions output;

  void fields(FieldList& v) {
    v.positional("data", data, "folder with one folder of photos per class, or with train/ and val/ of such folders, or a CSV or TSV of path,label");
    source_fields(v, "all");
    v("download", download, "fetch published weights that are not here");
    v("size", size, data::kSizeHelp, between(8, 1024));
    v("resize", resize, "shorter side to which a photo is resized before the input is cut out of its center; auto: as each network was trained",
      between(8, 2048));
    v.group("Data");
    v("val", val, "leave out these validation photos, a folder or CSV", Placeholder{"DATA"}, DefaultText{"val/ in the data, else a part of it"});
    v("val-fraction", val_fraction, "fraction of each class that is held out for validation and not used here", between(0.01, 0.9));
    source.label_fields(v);
    source.group_fields(v);
    v.group("Machine");
    v("seed", seed, "seed of the split, of the photos used and of the folds");
    v("precision", precision, "auto: bf16 if a short measurement finds it faster and close enough",
      names<engine::Precision>{{"auto", engine::Precision::automatic}, {"float32", engine::Precision::float32}, {"bf16", engine::Precision::bf16}});
    v("threads", threads, "number of CPU threads", between(1, 1024), DefaultText{"the CPUs this process may use"});
    v("cache-limit", cache_limit, "GiB on disk for the features of photos seen before; 0: none", at_least(0));
    output.fields(v);
  }
};

}  // namespace

CommandReference sources_reference() { return reference_of<SourcesOptions>(kSourcesText); }

int sources_command(std::span<const std::string> words) {
  const auto options = read_config<SourcesOptions>(kSourcesText, words);
  if (!options) return 0;
  const OutputOptions& output = options->values.output;
  Configured<fit::FitConfig> config{options->values, options->origins};
  if (config.values.sources.empty()) config.values.sources = {"all"};
  const fit::SourceChoice choice = fit::compare_sources(config, listener_for(output));
  if (output.json) return print(fit::to_json(choice).dump(2) + "\n"), 0;
  print(fit::to_table(choice) + "\n" + wrapped(choice.scores[choice.chosen].source.text() + ": " + fit::reason_of(choice)));
  return 0;
}

}  // namespace graft::cli
