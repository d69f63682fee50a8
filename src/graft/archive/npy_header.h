// The header of NumPy's .npy files: magic, version, length, a Python dictionary of type, order
// and shape. Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "graft/base/files.h"

namespace graft::archive {

struct NpyHeader {
  std::string descr;  // the type as in the file, "<f4"; a foreign text
  bool fortran_order = false;
  std::vector<uint64_t> shape;
  std::size_t size = 0;  // bytes before the values
};

/// Of `bytes` that begin as the file does and hold the header whole. Error (data) named `name`; with `hint` where they are no NumPy file at all.
NpyHeader read_npy_header(Bytes bytes, const std::string& name, const std::string& hint);

/// What stands before the values of a matrix in C order: format 1.0, padded to a multiple of 64 bytes. `descr`: "<f4".
std::string npy_header(std::string_view descr, std::size_t rows, std::size_t width);

/// The same of an array of any shape.
std::string npy_header(std::string_view descr, std::span<const std::size_t> shape);

/// The bytes of all values; nothing when they are more than 64 bits can count.
std::optional<uint64_t> npy_bytes(std::span<const uint64_t> shape, uint64_t element);

}  // namespace graft::archive
