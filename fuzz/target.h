// What every fuzz target is made of. A target is one file with LLVMFuzzerTestOneInput: it hands the bytes to a parser of foreign files and uses what
// comes back. It may end in an Error; a crash, a leak, undefined behaviour, another exception or too much memory is a defect of the parser.
// The same file is linked with libFuzzer (scripts/fuzz) and with replay.cpp (ctest).
#pragma once

#include <cstddef>
#include <cstdint>

#include <span>

#include "fuzz/allocation_limit.h"
#include "graft/base/error.h"
#include "graft/base/files.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size);

namespace graft::fuzz {

/// What a parser of `size` bytes may hold at once, the file not counted. The constant is what small files may grow to: a pickle's stack and objects.
constexpr std::size_t file_limit(std::size_t size) { return 16 * size + (std::size_t{64} << 20U); }

/// Calls parse(bytes) under the limit of memory; an Error is an answer like any other.
template <class Parse>
int run(const uint8_t* data, std::size_t size, std::size_t limit, Parse&& parse) {
  const AllocationLimit held_to(limit);
  try {
    parse(std::as_bytes(std::span(data, size)));
  } catch (const Error&) {}
  return 0;
}

/// Reads every element, so that a view that leaves its file is seen.
template <class Range>
void touch(const Range& range) {
  [[maybe_unused]] static volatile std::size_t sum;
  std::size_t total = 0;
  for (const auto& value : range) total += static_cast<std::size_t>(value);
  sum = total;
}

}  // namespace graft::fuzz
