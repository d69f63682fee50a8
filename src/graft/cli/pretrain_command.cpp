#include <nlohmann/json.hpp>

#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/cli/command.h"
#include "graft/cli/fit_listener.h"
#include "graft/cli/terminal.h"
#include "graft/study/pretraining.h"

namespace graft::cli {
namespace {

const CommandText kPretrainText{"graft pretrain",
                                "Continue the training of a pretrained network on your photos without labels (self-supervised pre-training): it "
                                "learns that two random views of a photo show the same or, with --method mae, to reconstruct hidden parts of it. "
                                "Then train a model on the few photos that have labels, "
                                "with `graft fit --from`, which says whether this network is better for them than the one it began with.",
                                {"graft pretrain photos/ --out runs/own", "graft fit labeled/ --from runs/own",
                                 "graft pretrain photos/ --method byol --probe labeled/", "graft pretrain --resume runs/own"}};

using PretrainOptions = WithOutput<study::PretrainConfig>;

}  // namespace

CommandReference pretrain_reference() { return reference_of<PretrainOptions>(kPretrainText); }

int pretrain_command(std::span<const std::string> words) {
  const auto options = read_config<PretrainOptions>(kPretrainText, words);
  if (!options) return 0;
  const OutputOptions& output = options->values.output;
  Configured<study::PretrainConfig> config{options->values, options->origins};
  const study::Pretrained found = study::pretrain(config, listener_for(output));
  if (output.json) return print(study::to_json(found).dump(2) + "\n"), 0;
  print(study::to_text(found));
  if (const std::string sentence = study::warning(found); !sentence.empty()) print("\n" + wrapped(sentence));
  if (const std::string sentence = study::conclusion(found); !sentence.empty()) print("\n" + wrapped(sentence));
  print("\nencoder: " + printable((found.run / "encoder.onnx").string()) + ", of the last epoch; train a model on it with: graft fit PHOTOS --from " +
        shell_word(found.run.string()) + "\n");
  return 0;
}

}  // namespace graft::cli
