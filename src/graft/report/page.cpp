#include "graft/report/page.h"

#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string_view>

#include "graft/base/error.h"

#ifdef GRAFT_WEB_BUNDLE
// GRAFT_WEB_BUNDLE, made by web/bundle.ts, is embedded in the program by the assembler: as a literal it would take seconds to compile.
__asm__(
    ".pushsection .rodata\n"
    ".global graft_web_bundle_begin\n.global graft_web_bundle_end\n"
    "graft_web_bundle_begin:\n.incbin \"" GRAFT_WEB_BUNDLE
    "\"\ngraft_web_bundle_end:\n"
    ".popsection\n");
extern "C" {
[[gnu::visibility("hidden")]] extern const char graft_web_bundle_begin[];
[[gnu::visibility("hidden")]] extern const char graft_web_bundle_end[];
}
namespace {
std::string_view bundle() { return {graft_web_bundle_begin, static_cast<std::size_t>(graft_web_bundle_end - graft_web_bundle_begin)}; }
}  // namespace
#else
namespace {
std::string_view bundle() { return {}; }  // built without it (cmake/web.cmake)
}  // namespace
#endif

namespace graft::report {

bool has_page() { return !bundle().empty(); }

void require_page() {
  if (!has_page()) throw data_error("report.html", kNoPage, kHowToHaveIt);
}

std::string page(const nlohmann::ordered_json& data) {
  constexpr std::string_view kPlace = "{\"place\":\"of the data\"}";  // in web/src/page.html
  require_page();
  const std::string_view whole = bundle();
  const std::size_t at = whole.find(kPlace);
  if (at == whole.npos) throw std::logic_error("the page has no placeholder for its data");
  std::string html(whole.substr(0, at));
  const std::string text = data.dump(-1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  html.reserve(whole.size() + text.size() + text.size() / 8);
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t stop = rest.find('<');
    html += rest.substr(0, stop);
    if (stop == rest.npos) break;
    html += "\\u003c";  // stands in strings alone: no "</script>", and no "<!--"
    rest.remove_prefix(stop + 1);
  }
  return html.append(whole.substr(at + kPlace.size()));
}

}  // namespace graft::report
