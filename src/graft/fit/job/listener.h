// How a fit reports what it is doing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

namespace graft::fit {

/// Each may be empty. The library itself never prints.
struct Listener {
  std::function<void(const std::string& sentence)> note = {};
  /// Called when a countable piece of work begins; the answer is called with the number of items just done.
  std::function<std::function<void(std::size_t)>(const std::string& what, std::size_t total)> begin = {};
  /// Like begin, for work that ends with the next note: an epoch of training.
  std::function<std::function<void(std::size_t)>(const std::string& what, std::size_t total)> watch = {};
  /// Called while weights are fetched, with the bytes there and in all (0: not known).
  std::function<void(const std::string& file, uint64_t done, uint64_t total)> download = {};
};

}  // namespace graft::fit
