// Zip archives with any fault, for the tests of this layer and of those that read zip.
#pragma once

#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

namespace graft::archive {

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

}  // namespace graft::archive
