// Bytes as text (RFC 4648), for pictures inside a page.
#pragma once

#include <string>

#include "graft/base/files.h"

namespace graft {

/// With padding, without line ends.
std::string base64(Bytes bytes);

}  // namespace graft
