#include "graft/cli/weights_command.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graft/base/error.h"
#include "graft/base/text.h"
#include "graft/cli/command.h"
#include "graft/cli/download_progress.h"
#include "graft/models/registry.h"
#include "graft/weights/hub.h"
#include "graft/weights/locate.h"

namespace graft::cli {
namespace {

namespace fs = std::filesystem;

// graft weights list

const CommandText kListText{
    "graft weights list",
    "List the pretrained weights that graft knows: network and name of the weights, file, size if the file is here, license, location.",
    {"graft weights list", "graft weights list --here --json"}};

struct ListedWeights {
  bool here = false;
  OutputOptions output;
  void fields(FieldList& v) {
    v("here", here, "only those on this machine");
    output.fields(v);
  }
};

struct SourceRow {
  std::string name;
  const models::Source* source;
  fs::path path;  // empty: not here
  uint64_t bytes = 0;
};

std::vector<SourceRow> source_rows(bool only_here) {
  std::vector<SourceRow> rows;
  for (const models::Backbone& backbone : models::all())
    for (const models::Source& source : backbone.sources) {
      SourceRow row{backbone.name + "." + source.tag, &source, weights::find_file(source)};
      if (row.path.empty() && only_here) continue;
      std::error_code code;
      if (!row.path.empty()) row.bytes = fs::file_size(row.path, code);
      rows.push_back(std::move(row));
    }
  return rows;
}

std::string list_table(const std::vector<SourceRow>& rows) {
  std::size_t name = 4, file = 4;
  for (const SourceRow& row : rows) {
    name = std::max(name, row.name.size());
    file = std::max(file, row.source->file.size());
  }
  std::string text = fmt::format("{:<{}}  {:<{}}  {:>9}  {:<13}  {}\n", "name", name, "file", file, "size", "license", "place");
  for (const SourceRow& row : rows)
    text += fmt::format("{:<{}}  {:<{}}  {:>9}  {:<13}  {}\n", row.name, name, row.source->file, file, row.path.empty() ? "" : human_bytes(row.bytes),
                        row.source->licence, row.path.empty() ? "not here" : printable(row.path.parent_path().string()));
  return text;
}

nlohmann::ordered_json list_json(const std::vector<SourceRow>& rows) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const SourceRow& row : rows) {
    const models::Source& s = *row.source;
    json.push_back({{"name", row.name}, {"file", s.file}, {"url", s.url}, {"sha256", s.sha256}, {"licence", s.licence}, {"here", !row.path.empty()}});
    json.back()["path"] = row.path.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(printable(row.path.string()));
    json.back()["bytes"] = row.path.empty() ? nlohmann::ordered_json() : nlohmann::ordered_json(row.bytes);
  }
  return json;
}

// graft weights get

const CommandText kGetText{
    "graft weights get",
    "Download pretrained weights from their publisher, over HTTPS only, and check their SHA-256. Files that are already here and correct are kept; "
    "an interrupted download continues where it stopped. Proxies are taken from https_proxy and no_proxy, your own certificates from SSL_CERT_FILE. "
    "With GRAFT_WEIGHTS_MIRROR=https://HOST/PATH every file is downloaded from there, under the name that `graft weights list` shows.",
    {"graft weights get resnet50", "graft weights get resnet50.IMAGENET1K_V2 vgg16 --to weights/",
     "GRAFT_WEIGHTS_MIRROR=https://files.lab/w graft weights get vgg16"}};

struct GetOptions {
  std::vector<std::string> names;
  fs::path to;
  bool unchecked = false;
  int attempts = 5;
  int stall = 30;
  OutputOptions output;
  void fields(FieldList& v) {
    v.positional("names", names, "networks, or NETWORK.WEIGHTS to choose other weights, see `graft weights list`");
    v("to", to, "folder to put the files into", Placeholder{"FOLDER"}, DefaultText{"GRAFT_HOME/weights, else weights/ in the cache"});
    v("unchecked", unchecked, "take a file even if neither graft nor the server knows its SHA-256");
    v("attempts", attempts, "how often to retry a lost, slow or busy connection", between(1, 100));
    v("stall", stall, "seconds without data after which a connection is given up", between(1, 3600));
    output.fields(v);
  }
};

weights::Fetched get_one(const models::Network& network, const GetOptions& o) {
  const models::Source& source = *network.source;
  weights::FetchOptions options{.folder = o.to};
  options.download.unchecked = o.unchecked;
  options.download.attempts = o.attempts;
  options.download.stall = std::chrono::seconds(o.stall);
  options.download.progress = download_progress(source.file, o.output);
  weights::Fetched fetched = weights::fetch(source, options);
  if (fetched.was_here) remark(o.output, source.file + ": is here already");
  return fetched;
}

}  // namespace

int weights_list(std::span<const std::string> words) {
  const auto config = read_config<ListedWeights>(kListText, words);
  if (!config) return 0;
  const ListedWeights& o = config->values;
  const std::vector<SourceRow> rows = source_rows(o.here);
  print(o.output.json ? list_json(rows).dump(2) + "\n" : list_table(rows));
  return 0;
}

int weights_get(std::span<const std::string> words) {
  const auto config = read_config<GetOptions>(kGetText, words);
  if (!config) return 0;
  const GetOptions& o = config->values;
  std::vector<models::Network> networks;  // all of them are known before the first is fetched
  for (const std::string& name : o.names) networks.push_back(models::find_network(name));
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const models::Network& network : networks) {
    const weights::Fetched got = get_one(network, o);
    const std::string file = printable(got.file.string());
    json.push_back({{"name", network.backbone->name + "." + network.source->tag},
                    {"path", file},
                    {"sha256", got.sha256},
                    {"bytes", got.bytes},
                    {"was_here", got.was_here}});
    if (!o.output.json) print(file + "\n");
  }
  if (o.output.json) print(json.dump(2) + "\n");
  return 0;
}

CommandReference weights_list_reference() { return reference_of<ListedWeights>(kListText); }
CommandReference weights_get_reference() { return reference_of<GetOptions>(kGetText); }

const CommandGroup& weights_group() {
  static const CommandGroup group{
      .name = "graft weights",
      .summary = "Files of pretrained weights: list, download, inspect, convert and check them.",
      .usage = "Usage: graft weights COMMAND [options]",
      .first = "graft weights get resnet50",
      .commands = {{"list", "list the pretrained weights that graft knows, and where they are", weights_list, weights_list_reference},
                   {"get", "download weights over HTTPS and check them", weights_get, weights_get_reference, {}, {"download", "fetch"}},
                   {"info", "show the contents of a weights file", weights_info, weights_info_reference},
                   {"convert", "turn .pth into .safetensors, or back", weights_convert, weights_convert_reference},
                   {"verify", "check a weights file against the published files", weights_verify, weights_verify_reference}}};
  return group;
}

int weights_command(std::span<const std::string> words) { return run_command(weights_group(), words); }

}  // namespace graft::cli
