// The page that `web/` makes, with data in it.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace graft::report {

inline constexpr const char* kNoPage = "cannot be made, because this graft was built without the report page";
inline constexpr const char* kHowToHaveIt = "run scripts/setup --web and build it again";

/// Whether this graft was built with the page.
bool has_page();

/// Error (data) where it was not.
void require_page();

/// One HTML file that needs no other and loads none. Nothing in `data` can end the element
/// that contains it; invalid UTF-8 becomes U+FFFD. Error (data) as by require_page().
std::string page(const nlohmann::ordered_json& data);

}  // namespace graft::report
