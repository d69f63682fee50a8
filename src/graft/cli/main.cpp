#include <fmt/format.h>

#include <cstdio>
#include <exception>
#include <new>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/cli/command.h"

namespace graft::cli {

const std::vector<Command>& commands() {
  static const std::vector<Command> table = {
      {"fit", "train a model on a folder of labelled images", fit_command},
      {"predict", "say what is on photos", predict_command},
      {"eval", "measure a model on labelled images", eval_command},
      {"embed", "write the features of photos into a file", embed_command},
      {"search", "find the photos of an index most like a photo", search_command},
      {"models", "list the pretrained networks, or show one", models_command},
      {"weights", "list, fetch, look into, convert and check pretrained weights", weights_command},
      {"cache", "see and clear the features kept of images seen before", cache_command},
      {"version", "print the version", version_command},
  };
  return table;
}

namespace {

std::string overview() {
  std::string text =
      "graft: from a folder of labelled images to a trained, checked and deployable model, on the CPU.\n\nusage: graft COMMAND [options]\n\n";
  for (const Command& c : commands()) text += fmt::format("  {:<9} {}\n", c.name, c.summary);
  return text + "\n`graft COMMAND --help` lists a command's options. To begin: graft fit path/to/photos\n";
}

const Command& find_command(const std::string& name) {
  std::vector<std::string> names;
  for (const Command& c : commands()) {
    if (c.name == name) return c;
    names.push_back(c.name);
  }
  const auto near = closest(name, names);
  throw usage_error(printable(name), "no such command", near ? "did you mean `graft " + *near + "`?" : "see `graft --help`");
}

int run(const std::vector<std::string>& words) {
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    print(overview());
    return words.empty() ? 2 : 0;
  }
  const std::string name = words[0] == "--version" ? "version" : words[0];
  return find_command(name).run(std::span(words).subspan(1));
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
  } catch (const Interrupted&) {
    return cli::fail(130, "interrupted; nothing half-written is left");
  } catch (const std::bad_alloc&) {
    return cli::fail(1, "out of memory; use fewer --threads or smaller images");
  } catch (const std::exception& e) {
    return cli::fail(70, std::string("unexpected: ") + e.what() + "; please report it");
  }
}
