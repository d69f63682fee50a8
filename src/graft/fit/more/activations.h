// The output of the frozen part of a network for the photos, computed once and kept on disk while the rest trains.
//
// The file: "graftact", width (u32), bytes a number (u32: 4 float32, 2 bf16), rows (u64), then the rows. It is there whole or not at all.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>

#include "graft/base/files.h"

namespace graft::fit {

class Activations {
 public:
  /// Opens a file that store() wrote. Error (data) if it does not have `rows` rows of `width`.
  Activations(const std::filesystem::path& file, std::size_t rows, std::size_t width);

  /// Row `index` as float32.
  void read(std::size_t index, std::span<float> out) const;
  std::size_t width() const { return width_; }

  /// Writes `rows` rows of `width` numbers, as bf16 where `half`: produce(first, count, out) gives those of some rows, at most
  /// `chunk` at a time. Error (data) if the disk has no room for it (before any work) or cannot be written; then nothing is left.
  static void store(const std::filesystem::path& file, std::size_t rows, std::size_t width, bool half, std::size_t chunk,
                    const std::function<void(std::size_t first, std::size_t count, std::span<float> out)>& produce);

 private:
  MappedFile file_;
  std::size_t width_, bytes_;
};

}  // namespace graft::fit
