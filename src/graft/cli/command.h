// The commands of the program. One file per command; main.cpp finds them in this table.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/base/config.h"
#include "graft/base/progress.h"

namespace graft::cli {

struct Command {
  std::string name, summary;
  int (*run)(std::span<const std::string> words);  // exit code; throws Error and Interrupted
};

const std::vector<Command>& commands();

/// `graft` itself, or a command that consists of others.
struct CommandGroup {
  std::string name;            // "graft weights"
  std::string summary, usage;  // of its overview
  std::string first;           // what to begin with
  const std::vector<Command>& commands;
};
/// Runs the one that the first word names; the overview when that is asked for or there is none. Error (usage) with a near miss.
int run_command(const CommandGroup& group, std::span<const std::string> words);

int ablate_command(std::span<const std::string> words);
int augment_command(std::span<const std::string> words);
int cache_command(std::span<const std::string> words);
int compare_command(std::span<const std::string> words);
int embed_command(std::span<const std::string> words);
int eval_command(std::span<const std::string> words);
int fit_command(std::span<const std::string> words);
int import_command(std::span<const std::string> words);
int models_command(std::span<const std::string> words);
int predict_command(std::span<const std::string> words);
int recipes_command(std::span<const std::string> words);
int search_command(std::span<const std::string> words);
int version_command(std::span<const std::string> words);
int weights_command(std::span<const std::string> words);

/// Options every command with results has.
struct OutputOptions {
  bool json = false;
  bool quiet = false;

  template <class Visitor>
  void fields(Visitor& v) {
    v.group("Output");
    v("json", json, "results as JSON on standard output");
    v("quiet", quiet, "no progress and no remarks, only results and errors", Shorthand{'q'});
  }
};

/// A library's config with these options behind it.
template <class Config>
struct WithOutput : Config {
  OutputOptions output;

  template <class Visitor>
  void fields(Visitor& v) {
    Config::fields(v);
    output.fields(v);
  }
};

/// Results go to standard output, everything else to standard error.
void print(const std::string& text);
void remark(const OutputOptions& output, const std::string& sentence);
ProgressStyle progress_style(const OutputOptions& output);

/// Reads the words into a config; prints the help and returns nothing when that was asked for.
template <class Config>
std::optional<Configured<Config>> read_config(const CommandText& text, std::span<const std::string> words) {
  Configured<Config> config = configure<Config>(text, words);
  if (!config.help_asked) return config;
  print(help<Config>(text));
  return std::nullopt;
}

}  // namespace graft::cli
