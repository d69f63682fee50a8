// What the tests of this layer share: fixtures and their rule, files made on the spot.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "archive/made_zip.h"
#include "folder.h"
#include "graft/base/error.h"
#include "graft/weights/file/state_dict.h"

namespace graft::weights {

inline std::filesystem::path fixture(const std::string& name) { return std::filesystem::path(GRAFT_TESTS) / "weights" / "fixtures" / name; }

inline std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

struct TemporaryFolder : TestFolder {
  std::filesystem::path write(const std::string& name, std::string_view content) const {
    std::ofstream(path() / name, std::ios::binary) << content;
    return path() / name;
  }
};

/// The text of the Error that `call` throws, with "FILE: " (the whole path) taken off; "no error" when it throws none.
template <class Call>
std::string error_of(const std::filesystem::path& file, Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    const std::string text = error.what(), prefix = file.string() + ": ";
    return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
  }
  return "no error";
}

/// Element i of the tensor `name` in the fixtures; see tools/make_weight_fixtures.py.
inline int rule(std::string_view name, std::size_t i) {
  const auto crc = static_cast<uint64_t>(::crc32(0, reinterpret_cast<const Bytef*>(name.data()), static_cast<uInt>(name.size())));
  return static_cast<int>((i * 7 + crc) % 251);
}
inline float rule_float(std::string_view name, std::size_t i) { return static_cast<float>(rule(name, i) - 125) / 64.0F; }

using archive::append;
using archive::TestEntry;
using archive::zip_of;

}  // namespace graft::weights
