#include "graft/weights/locate.h"

#include <algorithm>
#include <cstdlib>
#include <future>
#include <iterator>

#include "graft/base/error.h"
#include "graft/base/hash.h"
#include "graft/base/text.h"
#include "graft/graph/walks.h"
#include "graft/weights/joined_attention.h"
#include "graft/weights/naming.h"

namespace graft::weights {
namespace fs = std::filesystem;
namespace {

/// Where a program that was moved or installed finds weights beside itself; empty when it runs where it was built.
std::vector<fs::path> beside_program() {
  std::error_code code;
  const fs::path program = fs::read_symlink("/proc/self/exe", code).parent_path();
  std::vector<fs::path> folders;
  for (const fs::path& folder : {program / GRAFT_SETUP_FROM_PROGRAM / "weights", program / "../share/graft/weights"})
    if (!program.empty() && fs::is_directory(folder, code) && !fs::equivalent(folder, fs::path(GRAFT_SETUP_FOLDER) / "weights", code))
      folders.push_back(folder.lexically_normal());
  return folders;
}

}  // namespace

std::vector<Candidate> known_networks() {
  std::vector<Candidate> list;
  for (const models::Backbone& row : models::all()) {
    const auto build = [&row] { return row.build(models::kImageNetClasses, row.preprocess().crop); };
    list.push_back({row.name, build});
    for (const models::OtherNames& names : models::other_names(row)) list.push_back({names.network, build, names.rename, names.of});
  }
  return list;
}

std::vector<fs::path> weight_folders() {
  std::vector<fs::path> folders;
  if (const char* home = std::getenv("GRAFT_HOME"); home != nullptr && *home != '\0') folders.push_back(fs::path(home) / "weights");
  for (fs::path& folder : beside_program()) folders.push_back(std::move(folder));
  folders.push_back(fs::path(GRAFT_SETUP_FOLDER) / "weights");
  folders.push_back(cache_folder() / "weights");
  return folders;
}

fs::path find_file(const models::Source& source) {
  std::error_code code;
  for (const fs::path& folder : weight_folders())
    if (fs::exists(folder / source.file, code)) return folder / source.file;
  return {};
}

fs::path locate(const models::Network& network) {
  const models::Source& source = *network.source;
  if (fs::path file = find_file(source); !file.empty()) return file;
  std::vector<std::string> places;
  for (const fs::path& folder : weight_folders()) places.push_back(printable(folder.string()));
  throw data_error(network.backbone->name, "its weights " + source.file + " are not in " + first_few(places),
                   "`graft weights get " + models::Network{network.backbone, network.source}.name() + "` fetches them; or put the file from " +
                       source.url + " into one of the folders, or pass --weights FILE");
}

Pretrained load_pretrained(const models::Network& network, Size size, const fs::path& file, std::string_view key) {
  const models::Backbone& backbone = *network.backbone;
  Pretrained result{backbone.build(models::kImageNetClasses, size), file.empty() ? locate(network) : file, {}, {}};
  const std::string name = printable(result.file.string());
  // Loaded meanwhile; errors in the content are reported only if it is the right file.
  std::future<void> loaded = std::async(std::launch::async, [&] {
    const StateDict dict = joined_attention(read(result.file, key, &result.notes));
    const Naming naming = naming_of(dict, result.graph, network);
    const std::string twin = check_twin(dict, result.file, network, naming);
    if (!twin.empty()) result.notes.push_back(twin);
    const LoadReport report = load(without_prefix(dict, naming.prefix), result.graph,
                                   {.rename = naming.rename, .allow_other_head = true, .model = backbone.name, .candidates = known_networks()});
    std::ranges::copy(notes_on(dict, naming), std::back_inserter(result.notes));
    if (std::string note = note_on_pictures(network, naming); !note.empty()) result.notes.push_back(std::move(note));
    if (!report.head_in_file.empty()) result.notes.push_back("its head of several layers is left out: " + first_few(report.head_in_file));
  });
  result.sha256 = sha256_hex(MappedFile(result.file).bytes());
  const std::string& published = network.source->sha256;
  if (file.empty() && !result.sha256.starts_with(published))
    throw data_error(name, "not the published file: its SHA-256 starts with " + result.sha256.substr(0, 8) + ", expected " + published.substr(0, 8),
                     "remove it and fetch it again, or name it with --weights to use it anyway");
  loaded.get();
  if (!network.last_stage.empty()) result.graph = graph::until(result.graph, network.last_stage);
  return result;
}

}  // namespace graft::weights
