#include "graft/cli/man_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "graft/base/config_help.h"

namespace graft::cli {
namespace {

/// Text that roff takes for nothing but text; a hyphen of ours is the "-" that people type.
std::string plain(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\') out += "\\e";
    else if (c == '-') out += "\\-";
    else if (c == '`') out += "\\(ga";
    else if (c == '\'') out += "\\(aq";
    else out += c;
  }
  return out.starts_with('.') ? "\\&" + out : out;
}

std::string dashed(std::string name) {
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return text;
}

std::string header(const std::string& name, const std::string& summary) {
  return fmt::format(".TH {} 1 \"\" \"graft {}\" \"graft\"\n.SH NAME\n{} \\- {}\n", plain(upper(dashed(name))), GRAFT_VERSION, plain(dashed(name)),
                     plain(summary));
}

std::string term(const std::string& words, const std::string& sentence) {
  return fmt::format(".TP\n\\fB{}\\fR\n{}\n", plain(words), plain(sentence));
}

std::string preformatted(const std::vector<std::string>& lines) {
  std::string text = ".nf\n";
  for (const std::string& line : lines) text += plain(line) + "\n";
  return text + ".fi\n";
}

std::string options_of(const CommandReference& reference) {
  std::string text;
  for (const HelpGroup& group : help_groups(reference.fields)) {
    const bool own_section = group.title == "Arguments";
    if (!own_section && text.find(".SH OPTIONS\n") == std::string::npos) text += ".SH OPTIONS\n";
    if (own_section) text += ".SH ARGUMENTS\n";
    else if (group.title != "Options") text += fmt::format(".SS {}\n", plain(group.title));
    for (const HelpRow& row : group.rows) text += term(row.words, row.sentence);
  }
  return text;
}

constexpr const char* kCommon = R"(.SH EXIT STATUS
.TP
0
Done.
.TP
1
A file, a photo or the machine is at fault.
.TP
2
The command line or a TOML file is at fault.
.TP
70
graft itself is at fault.
.TP
130
Interrupted by Ctrl\-C or SIGTERM; the message says how to go on.
)";

constexpr const char* kOverview = R"(.SH OUTPUT
Results go to standard output, progress, remarks and errors to standard error. With \fB\-\-json\fR results are JSON, and an error is a line
.PP
.nf
{"error": {"kind": "usage", "subject": "...", "fact": "...", "hint": "...", "message": "...", "exit_code": 2}}
.fi
.PP
whose kind is usage, data, interrupted, memory or internal, and whose message is what people read without \fB\-\-json\fR.
With \fB\-\-quiet\fR there is no progress and no remark, and commands that write files say nothing of them.
.SH OPTIONS IN FILES
Every command reads \fB\-\-config\fR \fIFILE\fR, a TOML file with options by their names; options on the command line go over it.
The config.toml of a run repeats it into a new folder. Words of fastai, Keras, timm and Ultralytics are taken for an option where they mean the same.
.SH ENVIRONMENT
.TP
GRAFT_HOME
Where set\-up put pretrained weights: GRAFT_HOME/weights.
.TP
GRAFT_CACHE, XDG_CACHE_HOME
Where features, measurements and fetched weights are kept: GRAFT_CACHE, else XDG_CACHE_HOME/graft, else ~/.cache/graft.
.TP
GRAFT_WEIGHTS_MIRROR
https://HOST/PATH from which weights are fetched by their file names.
.TP
https_proxy, no_proxy, SSL_CERT_FILE, SSL_CERT_DIR
As other programs take them, when weights are fetched.
)";

void add_pages(const std::string& name, const CommandGroup& group, std::vector<ManPage>& pages) {
  for (const Command& command : group.commands) {
    pages.push_back(command_page(name + " " + command.name, command));
    if (command.group != nullptr) add_pages(name + " " + command.name, command.group(), pages);
  }
}

std::string command_list(const CommandGroup& group) {
  std::string text = ".SH COMMANDS\n";
  for (const Command& command : group.commands) text += term(group.name + " " + command.name, command.summary);
  return text;
}

}  // namespace

ManPage overview_page() {
  return {"graft.1", header("graft", "from a folder of labeled photos to a trained, checked and deployable model") +
                         ".SH SYNOPSIS\n\\fBgraft\\fR \\fICOMMAND\\fR [options]\n" + command_list(program()) + kOverview + kCommon +
                         ".SH SEE ALSO\n\\fBgraft \\fICOMMAND\\fB \\-\\-help\\fR, and a manual page of each command: graft\\-fit(1)\n"};
}

ManPage command_page(const std::string& name, const Command& command) {
  std::string text = header(name, command.summary);
  if (command.group != nullptr) {
    text += fmt::format(".SH SYNOPSIS\n\\fB{}\\fR \\fICOMMAND\\fR [options]\n.SH DESCRIPTION\n{}\n", plain(name), plain(command.group().summary)) +
            command_list(command.group());
  } else {
    const CommandReference reference = command.reference();
    const std::string usage = usage_line(reference.text, reference.fields).substr(reference.text.name.size());
    text += fmt::format(".SH SYNOPSIS\n\\fB{}\\fR{}\n.SH DESCRIPTION\n{}\n", plain(name), plain(usage), plain(reference.text.summary));
    if (!command.also.empty()) text += fmt::format(".PP\nAlso: graft {}\n", plain(fmt::format("{}", fmt::join(command.also, ", graft "))));
    text += options_of(reference);
    if (!reference.text.examples.empty()) text += ".SH EXAMPLES\n" + preformatted(reference.text.examples);
  }
  return {dashed(name) + ".1", text + kCommon + ".SH SEE ALSO\ngraft(1)\n"};
}

std::vector<ManPage> all_pages() {
  std::vector<ManPage> pages{overview_page()};
  add_pages("graft", program(), pages);
  return pages;
}

}  // namespace graft::cli
