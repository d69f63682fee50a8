// What the tests of this layer share: fixtures and their rule, files made on the spot, zip archives with any fault.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>
#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "folder.h"
#include "graft/base/error.h"
#include "graft/weights/state_dict.h"

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

template <class T>
void append(std::string& out, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

/// One entry of an archive; the options make it wrong.
struct TestEntry {
  std::string name, content;
  std::optional<uint32_t> crc = {}, stored_size = {}, size = {}, offset = {};
  uint16_t method = 0, flags = 0;
  std::optional<std::string> local_name = {};
};

inline std::string zip_of(const std::vector<TestEntry>& entries, bool zip64 = false, std::optional<uint64_t> claimed_entries = {}) {
  std::string file, directory;
  for (const TestEntry& e : entries) {
    const auto offset = e.offset.value_or(static_cast<uint32_t>(file.size()));
    const uint32_t crc =
        e.crc.value_or(static_cast<uint32_t>(::crc32(0, reinterpret_cast<const Bytef*>(e.content.data()), static_cast<uInt>(e.content.size()))));
    const auto size = e.size.value_or(static_cast<uint32_t>(e.content.size())), stored = e.stored_size.value_or(size);
    const std::string local_name = e.local_name.value_or(e.name);
    append<uint32_t>(file, 0x04034B50);
    for (int i = 0; i < 5; ++i) append<uint16_t>(file, 0);
    for (int i = 0; i < 3; ++i) append<uint32_t>(file, 0);  // as with a data descriptor
    append(file, static_cast<uint16_t>(local_name.size()));
    append<uint16_t>(file, 0);
    file += local_name + e.content;

    append<uint32_t>(directory, 0x02014B50);
    for (const uint16_t field : {uint16_t{0}, uint16_t{0}, e.flags, e.method, uint16_t{0}, uint16_t{0}}) append(directory, field);
    append(directory, crc);
    append(directory, zip64 ? 0xFFFFFFFF : stored);
    append(directory, zip64 ? 0xFFFFFFFF : size);
    append(directory, static_cast<uint16_t>(e.name.size()));
    append(directory, static_cast<uint16_t>(zip64 ? 28 : 0));
    for (int i = 0; i < 3; ++i) append<uint16_t>(directory, 0);
    append<uint32_t>(directory, 0);
    append(directory, zip64 ? 0xFFFFFFFF : offset);
    directory += e.name;
    if (zip64) {
      append<uint16_t>(directory, 1);
      append<uint16_t>(directory, 24);
      for (const uint32_t field : {size, stored, offset}) append<uint64_t>(directory, field);
    }
  }
  const auto begin = static_cast<uint32_t>(file.size()), size = static_cast<uint32_t>(directory.size());
  const uint64_t count = claimed_entries.value_or(entries.size());
  file += directory;
  if (zip64) {
    const uint64_t at = file.size();
    append<uint32_t>(file, 0x06064B50);
    append<uint64_t>(file, 44);
    append<uint32_t>(file, 0);
    append<uint64_t>(file, 0);
    for (const uint64_t field : {count, count, uint64_t{size}, uint64_t{begin}}) append(file, field);
    append<uint32_t>(file, 0x07064B50);
    append<uint32_t>(file, 0);
    append(file, at);
    append<uint32_t>(file, 1);
  }
  append<uint32_t>(file, 0x06054B50);
  append<uint32_t>(file, 0);
  for (int i = 0; i < 2; ++i) append(file, static_cast<uint16_t>(zip64 ? 0xFFFF : count));
  append(file, zip64 ? 0xFFFFFFFF : size);
  append(file, zip64 ? 0xFFFFFFFF : begin);
  append<uint16_t>(file, 0);
  return file;
}

}  // namespace graft::weights
