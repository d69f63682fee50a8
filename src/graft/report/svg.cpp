#include "graft/report/svg.h"

#include <fmt/format.h>

#include "graft/base/text.h"

namespace graft::report {

const char* const kPictureStyle = R"(<style>
text { font: 13px system-ui, "DejaVu Sans", sans-serif; fill: #1f2328; }
.title { font-size: 17px; font-weight: 600; }
.paper { fill: #ffffff; }
.faint { fill: #5c6570; }
.grid { stroke: #e3e6ea; fill: none; }
.frame { stroke: #6a737d; fill: none; }
.dot { fill: #6a737d; fill-opacity: 0.55; }
.line { stroke: #0072b2; stroke-width: 2.5; fill: none; stroke-linejoin: round; }
.second { stroke: #b34700; stroke-width: 2.5; stroke-dasharray: 7 3; fill: none; stroke-linejoin: round; }
.mark { stroke: #b34700; stroke-width: 2; stroke-dasharray: 6 4; fill: none; }
.marked { fill: #b34700; font-weight: 600; }
.beyond { fill: #b34700; fill-opacity: 0.12; }
.right { fill: #0072b2; stroke: #d5dae0; }
.wrong { fill: #b34700; stroke: #d5dae0; }
.onfull { fill: #ffffff; }
@media (prefers-color-scheme: dark) {
  text { fill: #e6e8eb; }
  .paper { fill: #14171b; }
  .faint { fill: #9aa4af; }
  .grid { stroke: #2d333b; }
  .frame { stroke: #9aa4af; }
  .dot { fill: #9aa4af; }
  .line { stroke: #56b4e9; }
  .second, .mark { stroke: #f0a050; }
  .marked, .beyond { fill: #f0a050; }
  .right { fill: #56b4e9; stroke: #39414b; }
  .wrong { fill: #f0a050; stroke: #39414b; }
  .onfull { fill: #0d1013; }
}
</style>
)";

std::string xml(std::string_view text) {
  std::string safe;
  std::string whole = printable(text);
  for (const char* none : {"\xEF\xBF\xBE", "\xEF\xBF\xBF"})  // U+FFFE and U+FFFF, which XML does not have
    for (std::size_t at = whole.find(none); at != std::string::npos; at = whole.find(none, at)) whole.replace(at, 3, "\xEF\xBF\xBD");
  for (const char c : whole) {
    if (c == '&') safe += "&amp;";
    else if (c == '<') safe += "&lt;";
    else if (c == '>') safe += "&gt;";
    else if (c == '"') safe += "&quot;";
    else safe += c;
  }
  return safe;
}

std::string svg_head(double width, double height, std::string_view title, std::string_view says) {
  return fmt::format(
             "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" width=\"{0}\" height=\"{1}\" role=\"img\" aria-labelledby=\"title "
             "says\">\n"
             "<title id=\"title\">{2}</title>\n<desc id=\"says\">{3}</desc>\n",
             width, height, xml(title), xml(says)) +
         kPictureStyle + fmt::format("<rect width=\"{}\" height=\"{}\" class=\"paper\"/>\n", width, height);
}

std::string text_at(double x, double y, const char* anchor, const char* kind, std::string_view text) {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" class=\"{}\">{}</text>\n", x, y, anchor, kind, xml(text));
}

std::string line_from(double x1, double y1, double x2, double y2, const char* kind) {
  return fmt::format("<path class=\"{}\" d=\"M{:.1f} {:.1f}L{:.1f} {:.1f}\"/>\n", kind, x1, y1, x2, y2);
}

std::string shortened(std::string_view text, std::size_t most) {
  const std::string whole = printable(text);
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };  // a letter, in UTF-8
  std::size_t letters = 0, end = 0;  // where the last letter begins that fits before the ellipsis
  for (std::size_t i = 0; i < whole.size(); ++i) {
    if (!begins(whole[i])) continue;
    if (letters == most - 1) end = i;
    if (++letters > most) return whole.substr(0, end) + "\xE2\x80\xA6";
  }
  return whole;
}

}  // namespace graft::report
