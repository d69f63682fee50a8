#include <cstdio>
#include <exception>
#include <new>

#include "graft/base/error.h"
#include "graft/base/isa.h"
#include "graft/cli/command.h"

namespace graft::cli {

const std::vector<Command>& commands() {
  static const std::vector<Command> table = {
      {"fit", "train a model on a folder of labelled images", fit_command},
      {"predict", "say what is on photos", predict_command},
      {"eval", "measure a model on labelled images", eval_command},
      {"compare", "tell whether finished runs differ beyond chance", compare_command},
      {"ablate", "train with options on and off to see which pay", ablate_command},
      {"recipes", "list trainings as articles and papers describe them", recipes_command},
      {"embed", "write the features of photos into a file", embed_command},
      {"search", "find the photos of an index most like a photo", search_command},
      {"import", "turn a dataset as it was downloaded into what fit reads", import_command},
      {"augment", "show what augmentation makes of photos", augment_command},
      {"models", "list the pretrained networks, or show one", models_command},
      {"weights", "list, fetch, look into, convert and check pretrained weights", weights_command},
      {"cache", "see and clear the features kept of images seen before", cache_command},
      {"version", "print the version", version_command},
  };
  return table;
}

namespace {

int run(std::vector<std::string> words) {
  best_isa();  // so that a wrong GRAFT_CPU is an error of every command
  if (!words.empty() && words[0] == "--version") words[0] = "version";
  return run_command({"graft", "graft: from a folder of labelled images to a trained, checked and deployable model, on the CPU.",
                      "usage: graft COMMAND [options]", "graft fit path/to/photos", commands()},
                     words);
}

/// What went wrong, on one line of standard error.
int fail(int exit_code, const std::string& text) {
  std::fputs(("graft: " + text + "\n").c_str(), stderr);
  return exit_code;
}

}  // namespace
}  // namespace graft::cli

int main(int argc, char** argv) {
  using namespace graft;
  catch_interrupts();
  try {
    return cli::run({argv + 1, argv + argc});
  } catch (const Error& e) {
    return cli::fail(e.exit_code(), e.what());
  } catch (const Interrupted& e) {
    return cli::fail(130, e.what());
  } catch (const std::bad_alloc&) {
    return cli::fail(1, "out of memory; use fewer --threads or smaller images");
  } catch (const std::exception& e) {
    return cli::fail(70, std::string("unexpected: ") + e.what() + "; please report it");
  }
}
