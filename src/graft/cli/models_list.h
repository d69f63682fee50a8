// The list of `graft models`: every network of the registry, or a selection of them, in the requested order.
#pragma once

#include <optional>
#include <string>

#include "graft/cli/command.h"

namespace graft::cli {

enum class Sort { family, name, parameters, macs, size, features, top1 };

struct ListOptions {
  Sort sort = Sort::family;
  bool reverse = false;
  std::string family;
  bool here = false;
  std::string max_parameters;  // "10M"
  std::optional<double> max_gmacs, min_top1;

  void fields(FieldList& v) {
    v.group("List");
    v("sort", sort, "what to sort by, smallest first",
      names<Sort>{{"family", Sort::family},
                  {"name", Sort::name},
                  {"parameters", Sort::parameters},
                  {"macs", Sort::macs},
                  {"size", Sort::size},
                  {"features", Sort::features},
                  {"top1", Sort::top1}});
    v("reverse", reverse, "largest first");
    v("family", family, "only this family", Placeholder{"NAME"});
    v("here", here, "only networks whose weights are on this machine");
    v("max-parameters", max_parameters, "only networks with at most this many parameters: 10M, 500k or a plain number", Placeholder{"N"});
    v("max-gmacs", max_gmacs, "only networks with at most this many billion multiply-adds per picture", above(0), DefaultText{"any"});
    v("min-top1", min_top1, "only networks with at least this ImageNet accuracy, in percent", between(0, 100), DefaultText{"any"});
  }
};

/// Prints the table or the JSON. Error (usage) for an unknown family or a number that is none; where nothing is left, a remark says what would be.
void print_list(const ListOptions& options, const OutputOptions& output);

}  // namespace graft::cli
