#include "graft/archive/zip_write.h"

#include <cstring>
#include <utility>

namespace graft::archive {
namespace {

constexpr uint64_t kAlignment = 64, kAllOnes32 = 0xFFFFFFFF, kAllOnes16 = 0xFFFF;
constexpr std::size_t kLocalHeader = 30;
constexpr uint16_t kStored = 0, kUtf8 = 0x800, kMidnight = 0, kFirstDay = 1 << 5 | 1;  // 1980-01-01
constexpr uint16_t kPlain = 20, kZip64 = 45, kZip64Field = 1, kPaddingField = 0x4246;  // the padding's id is torch's, "FB"

template <class T>
void put(std::string& out, T value) {
  char bytes[sizeof value];
  std::memcpy(bytes, &value, sizeof value);
  out.append(bytes, sizeof value);
}

uint32_t low32(uint64_t value) { return static_cast<uint32_t>(value < kAllOnes32 ? value : kAllOnes32); }
uint16_t low16(uint64_t value) { return static_cast<uint16_t>(value < kAllOnes16 ? value : kAllOnes16); }

/// The ZIP64 extra field: what does not fit 32 bits, in this order.
std::string wide_field(std::initializer_list<uint64_t> values) {
  std::string numbers;
  for (const uint64_t value : values)
    if (value >= kAllOnes32) put(numbers, value);
  std::string field;
  if (numbers.empty()) return field;
  put(field, kZip64Field);
  put(field, static_cast<uint16_t>(numbers.size()));
  return field + numbers;
}

/// What the local header and the directory have in common, from the needed version to the length of the extra field.
std::string common_header(const ZipEntry& entry, const std::string& extra, bool wide) {
  std::string out;
  const uint64_t size = entry.bytes.size();
  for (const uint16_t field : {wide ? kZip64 : kPlain, kUtf8, kStored, kMidnight, kFirstDay}) put(out, field);
  for (const uint32_t field : {entry.crc, low32(size), low32(size)}) put(out, field);
  for (const std::size_t length : {entry.name.size(), extra.size()}) put(out, static_cast<uint16_t>(length));
  return out;
}

std::string local_header(const ZipEntry& entry) {
  std::string extra = wide_field({entry.bytes.size(), entry.bytes.size()});
  const bool wide = !extra.empty();
  const uint64_t end = entry.header + kLocalHeader + entry.name.size() + extra.size() + 4;
  const auto padding = static_cast<std::size_t>((kAlignment - end % kAlignment) % kAlignment);
  put(extra, kPaddingField);
  put(extra, static_cast<uint16_t>(padding));
  extra.append(padding, 'Z');
  std::string out;
  put<uint32_t>(out, 0x04034B50);
  return out + common_header(entry, extra, wide) + entry.name + extra;
}

std::string directory_entry(const ZipEntry& entry) {
  const std::string extra = wide_field({entry.bytes.size(), entry.bytes.size(), entry.header});
  std::string out;
  put<uint32_t>(out, 0x02014B50);
  put(out, extra.empty() ? kPlain : kZip64);  // made by
  out += common_header(entry, extra, !extra.empty());
  for (int i = 0; i < 3; ++i) put<uint16_t>(out, 0);  // comment, disk, internal attributes
  put<uint32_t>(out, 0);                              // external attributes
  put(out, low32(entry.header));
  return out + entry.name + extra;
}

std::string end_record(uint64_t begin, uint64_t size, uint64_t count) {
  std::string out;
  if (begin >= kAllOnes32 || size >= kAllOnes32 || count >= kAllOnes16) {
    put<uint32_t>(out, 0x06064B50);
    put<uint64_t>(out, 44);  // bytes that follow
    for (int i = 0; i < 2; ++i) put(out, kZip64);
    for (int i = 0; i < 2; ++i) put<uint32_t>(out, 0);  // disks
    for (const uint64_t field : {count, count, size, begin}) put(out, field);
    put<uint32_t>(out, 0x07064B50);  // the locator of the record above
    put<uint32_t>(out, 0);
    put(out, begin + size);
    put<uint32_t>(out, 1);
  }
  put<uint32_t>(out, 0x06054B50);
  put<uint32_t>(out, 0);  // disks
  for (int i = 0; i < 2; ++i) put(out, low16(count));
  for (const uint64_t field : {size, begin}) put(out, low32(field));
  put<uint16_t>(out, 0);  // comment
  return out;
}

}  // namespace

ZipParts zip_parts(std::vector<ZipEntry> entries) {
  ZipParts file;
  uint64_t at = 0;
  const auto add = [&](Bytes part) {
    file.parts.push_back(part);
    at += part.size();
  };
  for (ZipEntry& entry : entries) {
    entry.header = at;
    add(as_bytes(file.headers.emplace_back(local_header(entry))));
    add(entry.bytes);
  }
  std::string directory;
  for (const ZipEntry& entry : entries) directory += directory_entry(entry);
  directory += end_record(at, directory.size(), entries.size());
  add(as_bytes(file.headers.emplace_back(std::move(directory))));
  return file;
}

}  // namespace graft::archive
