// The page that `web/` makes, with data in it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace graft::report {

/// One HTML file that needs no other and asks for none. Whatever stands in `data` cannot end the element that it stands in; invalid UTF-8 becomes U+FFFD.
std::string page(const nlohmann::ordered_json& data);

}  // namespace graft::report
