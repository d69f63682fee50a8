// What `graft eval` can be told.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "graft/cli/command.h"
#include "graft/cli/inference_options.h"
#include "graft/data/source_options.h"

namespace graft::cli {

struct EvalOptions {
  std::filesystem::path model, data;
  std::string part;
  data::SourceOptions source;
  bool skip_unreadable = false, force = false;
  std::optional<std::filesystem::path> csv;
  InferenceOptions inference;
  OutputOptions output;

  void fields(FieldList& v) {
    v.positional("model", model, "run folder or model.onnx");
    v.positional("data", data, "labelled images, as for `graft fit`");
    v("part", part, "which part of the data; default: val/ where there is one, else test/, else all of it", one_of({"train", "val", "test"}),
      DefaultText{"val, test or all"});
    source.label_fields(v);
    v("skip-unreadable", skip_unreadable, "go on without images that cannot be read");
    inference.fields(v);
    output.fields(v);
    v("csv", csv, "write what the model says to each image, too: every class's probability and the loss, the worst first", Placeholder{"FILE"},
      DefaultText{"none"});
    v("force", force, "write over the file that --csv names");
  }
};

}  // namespace graft::cli
