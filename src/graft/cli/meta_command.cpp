#include <nlohmann/json.hpp>

#include "graft/base/text.h"
#include "graft/cli/command.h"
#include "graft/cli/fit_listener.h"
#include "graft/cli/terminal.h"
#include "graft/study/meta_learning.h"

namespace graft::cli {
namespace {

const CommandText kMetaText{"graft meta",
                            "Train a small network from scratch on many small tasks, drawn from the photos of many classes, so that it learns new "
                            "classes from a few photos. The result is measured on classes that training has not seen, and compared with a pretrained "
                            "network and a simple rule. Look at that comparison first: the pretrained network is usually better.",
                            {"graft meta letters/ --ways 5 --shots 1", "graft meta letters/ --method maml --iterations 3000 --out runs/maml",
                             "graft meta --resume runs/maml", "graft shots support/ query/ --backbone runs/maml/encoder.onnx"}};

using MetaOptions = WithOutput<study::MetaLearningConfig>;

}  // namespace

CommandReference meta_reference() { return reference_of<MetaOptions>(kMetaText); }

int meta_command(std::span<const std::string> words) {
  const auto options = read_config<MetaOptions>(kMetaText, words);
  if (!options) return 0;
  const OutputOptions& output = options->values.output;
  Configured<study::MetaLearningConfig> config{options->values, options->origins};
  const study::MetaLearning found = study::meta_learn(config, listener_for(output));
  if (output.json) return print(study::to_json(found).dump(2) + "\n"), 0;
  print(study::to_text(found));
  if (const std::string sentence = study::conclusion(found); !sentence.empty()) print("\n" + wrapped(sentence));
  print("\nencoder: " + printable((found.run / "encoder.onnx").string()) +
        ", which every command accepts as --backbone; all numbers are in meta.json\n");
  return 0;
}

}  // namespace graft::cli
