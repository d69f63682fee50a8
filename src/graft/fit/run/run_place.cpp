#include "graft/fit/run/run_place.h"

#include <fmt/format.h>

#include "graft/base/error.h"
#include "graft/base/shell.h"
#include "graft/base/text.h"
#include "graft/fit/run/unfinished.h"

namespace graft::fit {

void settle_out(FitConfig& config, Origins& origins, const Listener& listener) {
  std::error_code code;
  if (!config.out || config.resume || !std::filesystem::exists(*config.out, code)) return;
  const std::string out = printable(config.out->string());
  if (is_unfinished(*config.out))
    throw data_error(out, "is an unfinished run",
                     fmt::format("continue it: graft {} --resume ", config.adapt.asked ? "adapt" : "fit") + shell_word(config.out->string()) +
                         ", or choose another --out");
  if (origin_of(origins, "out").source != Source::file) return;
  if (listener.note) listener.note(out + " already exists and is kept: this run goes into a new folder");
  config.out.reset();
  origins.erase("out");
}

}  // namespace graft::fit
