#include <fmt/format.h>

#include "graft/base/error.h"
#include "graft/base/files.h"
#include "graft/base/text.h"
#include "graft/cli/man_page.h"

namespace graft::cli {
namespace {

const CommandText kManText{
    "graft man",
    "Print the manual page of graft, or of a command, in the language of man(7); or write all of them into a folder for man to find.",
    {"graft man | man -l -", "graft man weights get | man -l -", "graft man --out ~/.local/share/man/man1 && man graft-fit"}};

struct ManOptions {
  std::vector<std::string> command;
  std::optional<std::filesystem::path> out;
  OutputOptions output;

  void fields(FieldList& v) {
    v.positional("command", command, "command whose page to print; without it, the page of graft", MayBeEmpty{});
    v("out", out, "write all pages into this folder instead", Shorthand{'o'}, Placeholder{"FOLDER"});
    v.group("Output");
    v("quiet", output.quiet, "do not say what was written", Shorthand{'q'});
  }
};

/// The page of `graft weights get` for {"weights", "get"}.
ManPage find_page(const std::vector<std::string>& words) {
  if (words.empty()) return overview_page();
  const std::string asked = fmt::format("{}", fmt::join(words, "-"));
  std::vector<std::string> names;
  for (ManPage& page : all_pages()) {
    if (page.file == "graft.1") continue;
    names.push_back(page.file.substr(6, page.file.size() - 8));  // without graft- and .1
    if (names.back() == asked) return std::move(page);
  }
  const auto near = closest(asked, names);
  throw usage_error(printable(asked), "no such command", near ? "did you mean graft man " + *near + "?" : "see graft --help");
}

}  // namespace

CommandReference man_reference() { return reference_of<ManOptions>(kManText); }

int man_command(std::span<const std::string> words) {
  const auto config = read_config<ManOptions>(kManText, words);
  if (!config) return 0;
  const ManOptions& o = config->values;
  if (!o.out) return print(find_page(o.command).text), 0;
  if (!o.command.empty()) throw usage_error("--out", "writes the pages of all commands", "omit " + printable(o.command.front()));
  std::error_code code;
  std::filesystem::create_directories(*o.out, code);
  if (code) throw system_error(*o.out, "create", code.value());
  const std::vector<ManPage> pages = all_pages();
  for (const ManPage& page : pages) write_file(*o.out / page.file, page.text);
  report(o.output, fmt::format("{}: {} pages\n", printable(o.out->string()), pages.size()));
  return 0;
}

}  // namespace graft::cli
