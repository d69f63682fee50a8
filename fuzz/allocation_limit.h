// Ends the process when one input makes the code hold more memory than it may.
#pragma once

#include <cstddef>

namespace graft::fuzz {

/// While it lives, what is allocated and not yet freed may not come to more than `bytes`; else abort() with the numbers on stderr. One at a time, one
/// thread. Counts malloc of every library under the sanitizers, else operator new alone. Mapped files are not counted.
class AllocationLimit {
 public:
  explicit AllocationLimit(std::size_t bytes);
  ~AllocationLimit();
  AllocationLimit(const AllocationLimit&) = delete;
  AllocationLimit& operator=(const AllocationLimit&) = delete;
};

}  // namespace graft::fuzz
