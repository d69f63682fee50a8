// The trainings of a study: the one that was asked for, and others on the same photos with some options changed.
#pragma once

#include <string>
#include <vector>

#include "graft/base/config.h"
#include "graft/fit/job/config.h"

namespace graft::study {

struct Variant {
  std::string name;                // in tables and as a folder
  std::vector<std::string> words;  // options that go over those asked for: {"--strategy", "scratch"}
};

/// "scratch,head" of --compare; "scratch:lr=0.05:epochs=30" has options of its own. A variant has the name of its strategy,
/// followed by its options if the strategy occurs again or is `asked` for: "partial:lr=0.01,partial:lr=0.001" is a sweep. Error
/// (usage) for a strategy that does not exist, the same one given twice, and the one that is asked for without options of its own.
std::vector<Variant> parse_compared(const std::string& text, const std::string& asked = "");

/// "mixup=0.4" -> {"--mixup", "0.4"}; a flag or a name alone gets the usual value of that option (usual.h). `option` is for the error.
std::vector<std::string> words_of(const std::string& text, const std::string& option);

/// The given options, overridden by the variant's. If that changes the strategy, options that do not apply to the new one are omitted.
Configured<fit::FitConfig> configured(const Configured<fit::FitConfig>& asked, const Variant& variant);

}  // namespace graft::study
