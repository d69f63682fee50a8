// Trainings described in articles, courses and papers, for `--recipe`: options of `graft fit` in a TOML file.
//
//   title = "..."      source = "..."      expected = "..."     what it is, where it is from, what it gave there
//   [options]          options of the whole recipe
// [[when]]           images-below = 20000, options for fewer training photos; steps = 500: epochs for that many updates; the first that fits counts
//   [[phase]]          options of one training after another, each going on from the model of the one before
//   [[row]]            name = "frozen", options of trainings to be compared, the first with the others
// Phases or rows, not both. Options that the user gives override all of them.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "graft/study/variant.h"

namespace graft::study {

struct Recipe {
  std::string name, title, source, expected;
  std::string text;  // of the file
  struct When {
    std::optional<std::size_t> images_below;
    int steps = 0;
    std::vector<std::string> words;
  };
  std::vector<std::string> words;
  std::vector<When> whens;
  std::vector<Variant> phases, rows;
};

/// The recipes that graft has, by name.
const std::vector<Recipe>& recipes();

/// One of these, or a file that ends in .toml. Error (usage) with the nearest name, or that says where the file is wrong.
Recipe find_recipe(const std::string& name);

/// From the text of a file; `name` for errors.
Recipe parse_recipe(const std::string& text, const std::string& name);

/// The given options on top of the recipe's, including those of the first [[when]] that fits; the record
/// says where each is from. Opens the photos if there is a [[when]]. Errors as data::open_splits.
Configured<fit::FitConfig> with_recipe(const Configured<fit::FitConfig>& asked, const Recipe& recipe);

/// A phase or row without the options that the user overrides.
Variant without_given(Variant variant, const Origins& origins);

}  // namespace graft::study
