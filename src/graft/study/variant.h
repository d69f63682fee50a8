// The trainings of a study: the one that was asked for, and others of the same photos with some of its options changed.
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

/// "scratch,head" of --compare; "scratch:lr=0.05:epochs=30" has options of its own. A variant has the name of its strategy, and its options behind that
/// where the strategy comes again or is `asked` for: "partial:lr=0.01,partial:lr=0.001" is a sweep. Error (usage) for a strategy that does not exist,
/// the same one given twice, and the one that is asked for without options of its own.
std::vector<Variant> parse_compared(const std::string& text, const std::string& asked = "");

/// "mixup=0.4" -> {"--mixup", "0.4"}; a flag or a name alone is what that option usually has when it is used (usual.h). `option` is for the error.
std::vector<std::string> words_of(const std::string& text, const std::string& option);

/// What was asked for with the variant's options over it. Where that changes the strategy, options that have no part in the other one are left away.
Configured<fit::FitConfig> configured(const Configured<fit::FitConfig>& asked, const Variant& variant);

}  // namespace graft::study
