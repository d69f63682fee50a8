#include "graft/models/join.h"

#include <set>

#include "graft/base/error.h"
#include "graft/base/text.h"

namespace graft::models {

bool is_join(std::string_view name) { return name.find('+') != name.npos; }

std::vector<Network> find_networks(std::string_view name) {
  if (!is_join(name)) return {find_network(name)};
  const std::string subject = "backbone '" + printable(name) + "'";
  std::vector<Network> networks;
  std::set<std::string> known;
  for (const std::string& part : split(std::string(name), '+')) {
    if (part.empty()) throw usage_error(subject, "expected a network on each side of a +", "for instance efficientnet_lite0+squeezenet1_1");
    if (part.ends_with(".onnx") || part.find('=') != part.npos)
      throw usage_error(subject,
                        "only networks of `graft models` with their published weights can be joined, and '" + printable(part) + "' is a file",
                        "join networks by name, or take the file alone");
    networks.push_back(find_network(part));
    if (!known.insert(networks.back().name()).second)
      throw usage_error(subject, networks.back().name() + " appears in it twice", "join networks that differ: the same one adds nothing");
  }
  return networks;
}

std::string name_of(const std::vector<Network>& networks) {
  std::string name;
  for (const Network& network : networks) name += (name.empty() ? "" : "+") + network.name();
  return name;
}

}  // namespace graft::models
