#include <algorithm>

#include "graft/cli/command.h"
#include "graft/cli/options_page.h"

namespace graft::cli {
namespace {

/// Those of docs/ that the build took, and the one that is made here, by name.
std::span<const HelpPage> all_pages() {
  static const std::vector<HelpPage> pages = [] {
    std::vector<HelpPage> list(help_pages().begin(), help_pages().end());
    const auto at = std::ranges::upper_bound(list, "options", {}, &HelpPage::name);
    list.insert(at, {"options", kOptionsTitle, [] { return options_page(program()); }});
    return list;
  }();
  return pages;
}

}  // namespace

const CommandGroup& program() {
  static const CommandGroup group{
      .name = "graft",
      .summary = "graft: from a folder of labeled photos to a trained, checked and deployable model, on the CPU.",
      .usage = "usage: graft COMMAND [options]",
      .first = "graft fit path/to/photos",
      .commands =
          {{"fit", "train a model on a folder of labeled photos", fit_command, fit_reference, {}, {"train", "finetune", "fine-tune"}},
           {"adapt", "train for photos from elsewhere that have no labels", adapt_command, adapt_reference},
           {"pretrain",
            "continue a network's training on photos without labels",
            pretrain_command,
            pretrain_reference,
            {},
            {"self-supervised", "ssl", "simclr"}},
           {"calibrate", "calibrate a model's probabilities on photos that it has not seen", calibrate_command, calibrate_reference},
           {"sources", "compare pretrained networks on your photos, without training", sources_command, sources_reference},
           {"tune", "search for better training options", tune_command, tune_reference, {}, {"sweep", "hpo"}},
           {"ablate", "train with options on and off to see which ones help", ablate_command, ablate_reference},
           {"recipes", "list the published training recipes, or show one", recipes_command, recipes_reference},
           {"eval", "measure a model on labeled photos", eval_command, eval_reference, {}, {"evaluate", "val", "validate", "test"}},
           {"show", "print a run's summary and curves again", show_command, show_reference, {}, {"summary"}},
           {"report", "write report.html, the page that shows the results of a run", report_command, report_reference},
           {"compare", "test whether finished runs differ beyond chance", compare_command, compare_reference},
           {"verify", "compute a run's answers again and compare them with its record", verify_command, verify_reference},
           {"drift", "test whether new photos are still like those of a run", drift_command, drift_reference, {}, {"monitor"}},
           {"predict", "classify photos", predict_command, predict_reference, {}, {"infer", "inference"}},
           {"explain", "show where a model looks, and the most similar training photos", explain_command, explain_reference, {}, {"cam", "heatmap"}},
           {"embed", "compute the features of photos and write them into a file", embed_command, embed_reference},
           {"search", "find the photos in an index that are most similar to a photo", search_command, search_reference},
           {"doctor", "check a data set before training", doctor_command, doctor_reference, {}, {"check", "lint"}},
           {"import", "convert a published data set into what fit reads", import_command, import_reference},
           {"augment", "show what augmentation does to photos", augment_command, augment_reference},
           {"shots", "make a model from a few labeled photos per class", shots_command, shots_reference, {}, {"few-shot", "fewshot"}},
           {"add-class", "add a class to a run of shots, using only photos of that class", add_class_command, add_class_reference},
           {"remove-class", "remove a class from a run of shots", remove_class_command, remove_class_reference},
           {"episodes", "measure few-shot learning on a data set", episodes_command, episodes_reference},
           {"meta", "train a network to learn new classes from a few photos", meta_command, meta_reference, {}, {"maml", "meta-learning"}},
           {"models", "list the pretrained networks, or show one", models_command, models_reference},
           {"weights", "list, download, inspect, convert and check pretrained weights", weights_command, nullptr, weights_group},
           {"cache", "show or clear the cache of features", cache_command, cache_reference},
           {"completion", "print the completion script for a shell", completion_command, completion_reference},
           {"man", "print the manual page of graft or of a command", man_command, man_reference},
           {"version", "print the version", version_command, version_reference, {}, {"--version", "-V"}}},
      .sections = {{"Train", "fit"},
                   {"Check a model", "eval"},
                   {"Use a model", "predict"},
                   {"Look at photos first", "doctor"},
                   {"From a few photos", "shots"},
                   {"Networks and the program", "models"}},
      .foreign = {{"export", "a run folder holds model.onnx already, which any ONNX runtime runs, and weights.safetensors"},
                  {"convert", "a run folder holds model.onnx already; `graft weights convert` turns .pth into .safetensors, `graft import` datasets"},
                  {"classify", "graft predict says what is on photos, graft fit trains"},
                  {"lr-find", "graft calls it graft fit PHOTOS --find-lr"},
                  {"resume", "graft calls it graft fit --resume RUN"},
                  {"download", "graft calls it graft weights get NETWORK"},
                  {"list", "graft models lists networks, graft recipes trainings, graft weights list files of weights"},
                  {"info", "graft models NAME shows a network, graft weights info FILE a weights file"}},
      .pages = all_pages()};
  return group;
}

}  // namespace graft::cli
