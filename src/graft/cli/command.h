// The commands of the program. One file per command; program() is the table of them.
#pragma once

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "graft/base/config.h"
#include "graft/base/progress.h"
#include "graft/cli/failure.h"
#include "graft/cli/help_pages.h"

namespace graft::cli {

/// The options of a command, for the manual page and completion. The fields live as long as the program.
struct CommandReference {
  CommandText text;
  std::vector<Field> fields;  // with those of every command
};

struct CommandGroup;

struct Command {
  std::string name, summary;
  int (*run)(std::span<const std::string> words);  // exit code; throws Error and Interrupted
  CommandReference (*reference)();                 // null if it consists of other commands:
  const CommandGroup& (*group)() = nullptr;
  std::vector<std::string> also = {};  // names in other tools, which also run it
};

/// A word that is a command in other tools but not here, and what to do instead.
struct ForeignCommand {
  std::string name, instead;
};

/// A title in the overview, above the command `first`.
struct CommandSection {
  std::string title, first;
};

/// `graft` itself, or a command that consists of other commands.
struct CommandGroup {
  std::string name;            // "graft weights"
  std::string summary, usage;  // of its overview
  std::string first;           // what to begin with
  std::vector<Command> commands;
  std::vector<CommandSection> sections = {};
  std::vector<ForeignCommand> foreign = {};
  std::span<const HelpPage> pages = {};  // what `help TOPIC` prints
};

/// All commands.
const CommandGroup& program();

/// The name by which a page is requested: its file name if a command has the same name.
std::string topic_of(const CommandGroup& group, const HelpPage& page);

/// Runs the command that the first word names; `help` prints the overview, the help of a command, or
/// a page. Without a word it prints the overview. Error (usage) that suggests the nearest command.
int run_command(const CommandGroup& group, std::span<const std::string> words);

int ablate_command(std::span<const std::string> words);
int add_class_command(std::span<const std::string> words);
int adapt_command(std::span<const std::string> words);
int augment_command(std::span<const std::string> words);
int cache_command(std::span<const std::string> words);
int completion_command(std::span<const std::string> words);
int compare_command(std::span<const std::string> words);
int doctor_command(std::span<const std::string> words);
int drift_command(std::span<const std::string> words);
int embed_command(std::span<const std::string> words);
int episodes_command(std::span<const std::string> words);
int meta_command(std::span<const std::string> words);
int pretrain_command(std::span<const std::string> words);
int calibrate_command(std::span<const std::string> words);
int eval_command(std::span<const std::string> words);
int explain_command(std::span<const std::string> words);
int fit_command(std::span<const std::string> words);
int import_command(std::span<const std::string> words);
int man_command(std::span<const std::string> words);
int models_command(std::span<const std::string> words);
int predict_command(std::span<const std::string> words);
int recipes_command(std::span<const std::string> words);
int remove_class_command(std::span<const std::string> words);
int report_command(std::span<const std::string> words);
int search_command(std::span<const std::string> words);
int shots_command(std::span<const std::string> words);
int show_command(std::span<const std::string> words);
int sources_command(std::span<const std::string> words);
int tune_command(std::span<const std::string> words);
int verify_command(std::span<const std::string> words);
int version_command(std::span<const std::string> words);
int weights_command(std::span<const std::string> words);

CommandReference ablate_reference();
CommandReference add_class_reference();
CommandReference adapt_reference();
CommandReference augment_reference();
CommandReference cache_reference();
CommandReference completion_reference();
CommandReference compare_reference();
CommandReference doctor_reference();
CommandReference drift_reference();
CommandReference embed_reference();
CommandReference episodes_reference();
CommandReference meta_reference();
CommandReference pretrain_reference();
CommandReference calibrate_reference();
CommandReference eval_reference();
CommandReference explain_reference();
CommandReference fit_reference();
CommandReference import_reference();
CommandReference man_reference();
CommandReference models_reference();
CommandReference predict_reference();
CommandReference recipes_reference();
CommandReference remove_class_reference();
CommandReference report_reference();
CommandReference search_reference();
CommandReference shots_reference();
CommandReference show_reference();
CommandReference sources_reference();
CommandReference tune_reference();
CommandReference verify_reference();
CommandReference version_reference();
const CommandGroup& weights_group();

/// Options every command with results has.
struct OutputOptions {
  bool json = false;
  bool quiet = false;

  void fields(FieldList& v) {
    v.group("Output");
    v("json", json, "results as JSON on standard output; an error is a line of JSON on standard error",
      OneLine{"results as JSON on standard output"});
    v("quiet", quiet, "no progress, no notes, no report of what was written: only the requested answers, and errors", Shorthand{'q'},
      OneLine{"only answers and errors"});
  }
};

/// A library's config followed by these options.
template <class Config>
struct WithOutput : Config {
  OutputOptions output;

  void fields(FieldList& v) {
    Config::fields(v);
    output.fields(v);
  }
};

/// Results go to standard output, everything else to standard error.
void print(const std::string& text);
/// What a command reports about the files it wrote: nothing if quiet.
void report(const OutputOptions& output, const std::string& text);
void remark(const OutputOptions& output, const std::string& sentence);
ProgressStyle progress_style(const OutputOptions& output);

/// Before the work: Error (data) if `file`, which --csv names, cannot be written, or exists and may not be replaced.
void refuse_target(const std::filesystem::path& file, bool force);

/// Reads the words into a config; prints the help and returns nothing if that was requested.
template <class Config>
std::optional<Configured<Config>> read_config(const CommandText& text, std::span<const std::string> words) {
  Configured<Config> config = configure<Config>(text, words);
  if constexpr (requires { config.values.output.json; }) fail_in_json(config.values.output.json);
  if (!config.help_asked) return config;
  print(help<Config>(text, help_length(words)));
  return std::nullopt;
}

template <class Config>
CommandReference reference_of(const CommandText& text) {
  static Config values;
  static CommonOptions common;
  CommandReference reference{text, list_fields(values)};
  for (Field& field : list_fields(common)) reference.fields.push_back(std::move(field));
  return reference;
}

}  // namespace graft::cli
