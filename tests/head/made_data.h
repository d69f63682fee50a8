// The data rule shared with tools/make_head_goldens.py.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <string_view>
#include <vector>

#include "graft/head/logistic.h"

namespace graft::head {

inline double made_value(std::string_view name, uint64_t i) {
  const uint64_t crc = crc32(0, reinterpret_cast<const unsigned char*>(name.data()), static_cast<unsigned>(name.size()));
  uint64_t z = (crc << 32 | i) + 0x9E3779B97F4A7C15U;
  z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
  z = (z ^ z >> 27) * 0x94D049BB133111EBU;
  return static_cast<double>((z ^ z >> 31) >> 11) * 0x1p-52 - 1.0;
}

struct Made {
  std::vector<float> values;
  std::vector<int> labels;
  std::size_t width;
  Features features() const { return {values, labels.size(), width}; }
};

inline Made make_data(std::size_t rows, std::size_t width, int classes) {
  Made made{{}, {}, width};
  for (std::size_t i = 0; i < rows; ++i) {
    const double t = (made_value("label", i) + 1) / 2;
    made.labels.push_back(static_cast<int>(classes * t * t));
    for (std::size_t c = 0; c < width; ++c) {
      const double centre = made_value("centre", static_cast<uint64_t>(made.labels[i]) * width + c);
      made.values.push_back(
          static_cast<float>((made_value("x", i * width + c) + 0.6 * centre) * static_cast<double>(1 + c % 5) + static_cast<double>(c % 3)));
    }
  }
  return made;
}

}  // namespace graft::head
