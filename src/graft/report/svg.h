// What graft's own pictures share: SVG files that stand alone, are light or dark as the reader prefers, and are also shown in the report page.
#pragma once

#include <string>
#include <string_view>

namespace graft::report {

/// A style element with the classes of all pictures: title, paper, faint, grid, frame, dot, line and second (of two
/// curves), mark, marked, beyond, cell. The colors can be told apart by color-blind people, too (Okabe & Ito 2008).
extern const char* const kPictureStyle;

/// For use as text or attribute: control characters and invalid UTF-8 are written as by printable().
std::string xml(std::string_view text);

/// The beginning of a picture, with `title` and `says` for people who cannot see it; the end is </svg>.
std::string svg_head(double width, double height, std::string_view title, std::string_view says);

std::string text_at(double x, double y, const char* anchor, const char* kind, std::string_view text);
std::string line_from(double x1, double y1, double x2, double y2, const char* kind);

/// The text, or its beginning and an ellipsis where it has more than `most` letters.
std::string shortened(std::string_view text, std::size_t most);

}  // namespace graft::report
