// The result of an adaptation, for a terminal.
#pragma once

#include <string>

#include "graft/fit/job/adaptation.h"

namespace graft::cli {

/// The written model on the test photos of the target, where there are some; the methods side by side; what was chosen and why.
std::string adaptation_text(const fit::Adaptation& adaptation);

}  // namespace graft::cli
