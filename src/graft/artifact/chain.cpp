#include "graft/artifact/chain.h"

#include "graft/artifact/model.h"
#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::artifact {
namespace fs = std::filesystem;
namespace {

using Json = nlohmann::ordered_json;

/// Of a run folder its name, of a model.onnx that of the folder it lies in.
std::string name_of(const fs::path& from) {
  fs::path whole = fs::absolute(from).lexically_normal();
  if (!whole.has_filename()) whole = whole.parent_path();
  if (whole.extension() == ".onnx" && (whole.stem() == "model" || whole.filename() == kEncoder)) whole = whole.parent_path();
  return printable(whole.filename().string());
}

}  // namespace

Json link_to(const fs::path& from, Json transfer) {
  Json provenance = load_provenance(from);
  chain_of(provenance, printable(from.string()));
  return {{"run", name_of(from)}, {"transfer", std::move(transfer)}, {"provenance", std::move(provenance)}};
}

std::vector<Link> chain_of(const Json& provenance, const std::string& name) {
  const auto broken = [&](const std::string& what) {
    return data_error(name, "link " + what + " of the chain of runs it came from is not as graft writes it",
                      "train the run again from the earlier one");
  };
  std::vector<Link> chain;
  std::string run;
  for (const Json* now = &provenance; now != nullptr;) {
    const std::string number = std::to_string(chain.size() + 1);
    if (!now->is_object() || chain.size() == kMostLinks) throw broken(number);
    chain.push_back({run, *now, {}});
    chain.back().made.erase("from");
    const auto from = now->find("from");
    if (from == now->end()) break;
    if (!from->is_object() || !from->contains("provenance") || !from->contains("run") || !from->at("run").is_string()) throw broken(number);
    run = from->at("run").get<std::string>();
    chain.back().transfer = from->value("transfer", Json());
    now = &from->at("provenance");
  }
  return chain;
}

std::string first_network(const std::vector<Link>& chain) {
  const Json& made = chain.back().made;
  return made.contains("backbone") && made["backbone"].is_string() ? made["backbone"].get<std::string>() : "";
}

}  // namespace graft::artifact
