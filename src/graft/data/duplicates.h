// The same photo twice, known by its bytes.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "graft/base/hash.h"
#include "graft/data/dataset.h"

namespace graft::data {

struct Duplicates {
  std::size_t of_two_classes = 0;  // photos that are also there under another class, whatever the part
  std::size_t in_both = 0;         // of val, that are also in train
  std::vector<std::string> notes = {};
};

/// `hashes` of the bytes of train and then val; 0 of a photo that could not be read.
Duplicates find_duplicates(std::span<const Sample> train, std::span<const Sample> val, std::span<const Hash128> hashes,
                           std::span<const std::string> classes);

}  // namespace graft::data
