#include "graft/weights/locate.h"

#include <cstdlib>

#include "graft/base/error.h"
#include "graft/base/hash.h"
#include "graft/base/text.h"
#include "graft/graph/walks.h"
#include "graft/weights/load.h"

namespace graft::weights {
namespace fs = std::filesystem;
namespace {

constexpr int64_t kImageNetClasses = 1000;

std::vector<Candidate> candidates(int size) {
  std::vector<Candidate> list;
  for (const models::Backbone& row : models::all())
    list.push_back({row.name, [&row, size] { return row.build(kImageNetClasses, size); }, row.sources.front().rename});
  return list;
}

/// A file may carry our names or its publisher's: the publisher's are tried where ours do not fit.
Renames renames_for(const StateDict& dict, const graph::Graph& graph, const models::Network& network) {
  const Renames& publisher = network.source->rename;
  if (!publisher || compare(dict, graph).missing.empty()) return {};
  return publisher;
}

}  // namespace

std::vector<fs::path> weight_folders() {
  std::vector<fs::path> folders;
  if (const char* home = std::getenv("GRAFT_HOME"); home != nullptr && *home != '\0') folders.push_back(fs::path(home) / "weights");
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
                   "put the file from " + source.url + " into one of them, or pass --weights FILE");
}

Pretrained load_pretrained(const models::Network& network, int size, const fs::path& file) {
  const models::Backbone& backbone = *network.backbone;
  Pretrained result{backbone.build(kImageNetClasses, size), file.empty() ? locate(network) : file, {}};
  const std::string name = printable(result.file.string());
  result.sha256 = sha256_hex(MappedFile(result.file).bytes());
  const std::string& published = network.source->sha256;
  if (file.empty() && !result.sha256.starts_with(published))
    throw data_error(name, "not the published file: its SHA-256 starts with " + result.sha256.substr(0, 8) + ", expected " + published.substr(0, 8),
                     "remove it and fetch it again, or name it with --weights to use it all the same");
  const StateDict dict = read(result.file);
  load(dict, result.graph,
       {.rename = renames_for(dict, result.graph, network), .allow_other_head = true, .model = backbone.name, .candidates = candidates(size)});
  if (!network.last_stage.empty()) result.graph = graph::until(result.graph, network.last_stage);
  return result;
}

}  // namespace graft::weights
