#include "graft/fit/run/rules.h"

namespace graft::fit {

trust::Rules find_rules(Job& /*job*/, Start& /*start*/, const Photos& /*photos*/, const Probe* /*head*/, Outcome& /*outcome*/) { return {}; }

}  // namespace graft::fit
