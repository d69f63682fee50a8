// Hashes: XXH3 where speed matters (cache keys), SHA-256 to check files from elsewhere.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>

#include "graft/base/files.h"

namespace graft {

/// 128 bits of XXH3: for keys, not against an attacker.
struct Hash128 {
  uint64_t high = 0, low = 0;
  auto operator<=>(const Hash128&) const = default;
  std::string hex() const;  // 32 digits
};

Hash128 hash128(Bytes bytes);

/// The same hash over parts, each preceded by its length, so that ("ab", "c") and ("a", "bc") differ.
class Hasher {
 public:
  Hasher();
  ~Hasher();
  Hasher& add(Bytes bytes);
  Hasher& add(std::string_view text) { return add(as_bytes(text)); }
  Hash128 finish() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

std::string sha256_hex(Bytes bytes);  // 64 lower-case digits

}  // namespace graft

template <>
struct std::hash<graft::Hash128> {
  std::size_t operator()(const graft::Hash128& h) const noexcept { return static_cast<std::size_t>(h.low); }
};
