#include "graft/cli/command.h"

namespace graft::cli {

const CommandGroup& program() {
  static const CommandGroup group{
      .name = "graft",
      .summary = "graft: from a folder of labelled images to a trained, checked and deployable model, on the CPU.",
      .usage = "usage: graft COMMAND [options]",
      .first = "graft fit path/to/photos",
      .commands = {{"fit", "train a model on a folder of labelled images", fit_command, fit_reference, {}, {"train", "finetune", "fine-tune"}},
                   {"doctor", "look a data set over before it is trained on", doctor_command, doctor_reference, {}, {"check", "lint"}},
                   {"predict", "say what is on photos", predict_command, predict_reference, {}, {"infer", "inference"}},
                   {"calibrate", "fit a model's probabilities and sets to photos that it has not seen", calibrate_command, calibrate_reference},
                   {"eval", "measure a model on labelled images", eval_command, eval_reference, {}, {"evaluate", "val", "validate", "test"}},
                   {"explain",
                    "show where a model looks, and the training photos most like a photo",
                    explain_command,
                    explain_reference,
                    {},
                    {"cam", "heatmap"}},
                   {"compare", "tell whether finished runs differ beyond chance", compare_command, compare_reference},
                   {"verify", "replay a run's photos and compare with what it recorded", verify_command, verify_reference},
                   {"show", "print again what a run found, with its curves", show_command, show_reference, {}, {"summary"}},
                   {"report", "make the page that shows what a run found", report_command, report_reference},
                   {"drift", "tell whether new photos are still like those of a run", drift_command, drift_reference, {}, {"monitor"}},
                   {"ablate", "train with options on and off to see which pay", ablate_command, ablate_reference},
                   {"tune", "search for better options of a training", tune_command, tune_reference, {}, {"sweep", "hpo"}},
                   {"sources", "compare pretrained networks on your photos, without training", sources_command, sources_reference},
                   {"recipes", "list trainings as articles and papers describe them", recipes_command, recipes_reference},
                   {"embed", "write the features of photos into a file", embed_command, embed_reference},
                   {"search", "find the photos of an index most like a photo", search_command, search_reference},
                   {"import", "turn a dataset as it was downloaded into what fit reads", import_command, import_reference},
                   {"augment", "show what augmentation makes of photos", augment_command, augment_reference},
                   {"models", "list the pretrained networks, or show one", models_command, models_reference},
                   {"weights", "list, fetch, look into, convert and check pretrained weights", weights_command, nullptr, weights_group},
                   {"cache", "see and clear the features kept of images seen before", cache_command, cache_reference},
                   {"completion", "print what makes a shell complete graft's words", completion_command, completion_reference},
                   {"man", "print the manual page, of graft or of a command", man_command, man_reference},
                   {"version", "print the version", version_command, version_reference, {}, {"--version", "-V"}}},
      .foreign = {{"export", "a run folder holds model.onnx already, which any ONNX runtime runs, and weights.safetensors"},
                  {"convert", "a run folder holds model.onnx already; `graft weights convert` turns .pth into .safetensors, `graft import` datasets"},
                  {"classify", "graft predict says what is on photos, graft fit trains"},
                  {"lr-find", "graft calls it graft fit PHOTOS --find-lr"},
                  {"resume", "graft calls it graft fit --resume RUN"},
                  {"download", "graft calls it graft weights get NETWORK"},
                  {"list", "graft models lists networks, graft recipes trainings, graft weights list files of weights"},
                  {"info", "graft models NAME shows a network, graft weights info FILE a file of weights"}},
      .pages = help_pages()};
  return group;
}

}  // namespace graft::cli
