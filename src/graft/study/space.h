// What `graft tune` draws its trials from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graft/base/config.h"

namespace graft::study {

/// The default of --space: a factor of ten around the recipe's numbers, or from none to much, and how deep the network trains.
inline constexpr const char* kSpace =
    "lr=1e-4..1e-2:log,weight-decay=1e-3..0.3:log,label-smoothing=0..0.2,mixup=0|0.1|0.2|0.4,augment=default|none|standard|strong,depth=all|4|2";

/// An option of `graft fit` with values to draw: a range, uniform or uniform in the logarithm, or a choice of
/// texts. `default` omits the option. "depth" stands for --strategy full (all), or partial with that many stages.
struct Dimension {
  std::string name;
  double low = 0, high = 0;  // if there are no choices
  bool logarithmic = false, whole = false;
  std::vector<std::string> choices = {};
};

/// "lr=1e-4..1e-2:log,mixup=0|0.2,depth=all|2". Error (usage) for a malformed text, an option
/// that `graft fit` does not have, values that it does not take, and an option given twice.
std::vector<Dimension> parse_space(const std::string& text);

/// The space without the options that the user has given.
std::vector<Dimension> open_dimensions(std::vector<Dimension> space, const Origins& given);

/// The words of a trial's options, a function of the seed and its number; none for trial 0, which is the default. Numbers have three digits.
std::vector<std::string> draw(const std::vector<Dimension>& space, uint64_t seed, std::size_t trial);

}  // namespace graft::study
