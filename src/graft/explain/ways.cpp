#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "graft/base/error.h"
#include "graft/explain/attribution.h"

namespace graft::explain {

std::span<const Way> ways() {
  static constexpr std::array kWays{
      Way{Method::cam, true, true, false, why_no_cam, open_cam},
      Way{Method::reciprocam, true, true, false, why_no_reciprocam, open_reciprocam},
      Way{Method::rollout, true, false, false, why_no_rollout, open_rollout},
      Way{Method::occlusion, false, true, false, why_no_occlusion, open_occlusion},
      Way{Method::grad_cam, true, false, true, why_no_last_map, open_grad_cam},
      Way{Method::grad_cam_plus_plus, true, false, true, why_no_last_map, open_grad_cam_plus_plus},
      Way{Method::layer_cam, true, false, true, why_no_last_map, open_layer_cam},
      Way{Method::integrated_gradients, true, false, true, why_no_gradients, open_integrated_gradients},
  };
  return kWays;
}

std::string name_of(Method method) {
  return std::ranges::find(kMethods.list, method, [](const auto& row) { return row.second; })->first;
}

const Way& way_for(const Network& network, Method method) {
  std::vector<std::string> suit;
  std::string why_not = "it is not there";
  for (const Way& way : ways()) {
    const std::string why = way.why_not(network);
    if (why.empty() && (way.method == method || (method == Method::automatic && way.by_itself))) return way;
    if (why.empty()) suit.push_back(name_of(way.method));
    if (way.method == method) why_not = why;
  }
  throw usage_error("--method " + name_of(method), fmt::format("cannot explain {}: {}", network.name, why_not),
                    suit.empty() ? "" : fmt::format("these can: {}", fmt::join(suit, ", ")));
}

}  // namespace graft::explain
