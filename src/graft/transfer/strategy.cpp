#include "graft/transfer/strategy.h"

namespace graft::transfer {

std::string_view to_string(Kind kind) {
  switch (kind) {
    case Kind::head: return "head";
    case Kind::partial: return "partial";
    case Kind::full: return "full";
    case Kind::gradual: return "gradual";
    case Kind::scratch: return "scratch";
  }
  return "";
}

}  // namespace graft::transfer
