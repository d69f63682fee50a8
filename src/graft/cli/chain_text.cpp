#include "graft/cli/chain_text.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "graft/base/text.h"
#include "graft/cli/terminal.h"

namespace graft::cli {
namespace {

using Json = nlohmann::ordered_json;

/// Of a stranger's file, too: what is not there, or of another kind, is null.
Json field_of(const Json& object, const char* key) { return object.is_object() && object.contains(key) ? object.at(key) : Json(); }

std::string word_of(const Json& value) { return value.is_string() ? printable(value.get<std::string>()) : value.is_number() ? value.dump() : "?"; }

/// Of a run of `graft pretrain`, whose data has photos and no classes.
bool without_labels(const Json& data) { return data.is_object() && data.contains("photos"); }

Json photos_in(const Json& data) { return field_of(data, without_labels(data) ? "photos" : "train_images"); }

std::string made_how(const artifact::Link& link) {
  const Json data = field_of(link.made, "data"), adapted = field_of(link.made, "adaptation");
  const std::string how = without_labels(data) ? fmt::format(" ({}), ", word_of(field_of(link.made, "method")))
                                               : fmt::format(", {} classes of ", word_of(field_of(data, "classes")));
  std::string text =
      word_of(field_of(link.made, "strategy")) + how + fmt::format("{} photos of {}", word_of(photos_in(data)), word_of(field_of(data, "name")));
  if (!adapted.is_null())
    text += fmt::format(", adapted to {} photos of {} ({})", word_of(field_of(field_of(adapted, "target"), "images")),
                        word_of(field_of(field_of(adapted, "target"), "name")), word_of(field_of(adapted, "method")));
  return text;
}

std::string check_of(const Json& transfer) {
  const Json after = field_of(field_of(transfer, "from"), "log_loss"), before = field_of(field_of(transfer, "first"), "log_loss"),
             verdict = field_of(transfer, "verdict");
  if (!after.is_number() || !before.is_number() || !verdict.is_string()) return "transfer not checked";
  const std::string found = verdict == "hurts" ? "NEGATIVE TRANSFER" : verdict == "helps" ? "transfer helps" : "transfer makes no difference";
  return fmt::format("{} (a head's log loss on {} photos: {:.4f}, on {} {:.4f})", found, word_of(field_of(transfer, "photos")), after.get<double>(),
                     word_of(field_of(field_of(transfer, "first"), "network")), before.get<double>());
}

}  // namespace

std::string chain_text(const std::vector<artifact::Link>& chain) {
  if (chain.size() < 2) return "";
  std::string text = "\ncame from\n" + wrapped(fmt::format("  this run: {}; {}", made_how(chain[0]), check_of(chain[0].transfer)));
  for (std::size_t i = 1; i < chain.size(); ++i)
    text += wrapped(fmt::format("  {}: {}{}", chain[i].run, made_how(chain[i]), i + 1 < chain.size() ? "; " + check_of(chain[i].transfer) : ""));
  const std::string first = artifact::first_network(chain);
  return text + fmt::format("  {}, the pretrained network\n", first.empty() ? "?" : printable(first));
}

Json chain_json(const std::vector<artifact::Link>& chain) {
  Json list = Json::array();
  for (const artifact::Link& link : chain) {
    const Json data = field_of(link.made, "data");
    list.push_back({{"run", link.run.empty() ? Json() : Json(link.run)},
                    {"strategy", field_of(link.made, "strategy")},
                    {"backbone", field_of(link.made, "backbone")},
                    {"data", field_of(data, "name")},
                    {"classes", field_of(data, "classes")},
                    {"photos", photos_in(data)},
                    {"adaptation", field_of(link.made, "adaptation")},
                    {"transfer", link.transfer}});
  }
  return list;
}

}  // namespace graft::cli
