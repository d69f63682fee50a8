#include "graft/archive/zip.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <optional>
#include <utility>

#include "graft/archive/crc32.h"
#include "graft/base/error.h"
#include "graft/base/quotes.h"
#include "graft/base/text.h"

namespace graft::archive {
namespace {

constexpr const char* kDamagedZip = "the file is damaged; download or save it again";
constexpr uint32_t kEnd = 0x06054B50, kEnd64 = 0x06064B50, kEnd64Locator = 0x07064B50, kCentral = 0x02014B50, kLocal = 0x04034B50;
constexpr uint16_t kDeflated = 8;
constexpr std::size_t kEndSize = 22, kEnd64Size = 56, kLocatorSize = 20, kCentralSize = 46, kLocalSize = 30;

struct Directory {
  uint64_t begin, size, entries;
};

/// Little-endian numbers at checked places of the file.
class Archive {
 public:
  Archive(Bytes file, std::string source) : file_(file), source_(std::move(source)) {}

  [[noreturn]] void fail(const std::string& fact) const { throw data_error(source_, fmt::format("zip archive: {}", fact), kDamagedZip); }

  Bytes part(uint64_t begin, uint64_t size, std::string_view what) const {
    if (begin > file_.size() || size > file_.size() - begin)
      fail(fmt::format("{} is at byte {}, {} bytes long, but the file ends at {}", what, begin, size, file_.size()));
    return file_.subspan(begin, size);
  }

  Directory directory() const;
  ZipEntry entry(uint64_t& at, uint64_t directory_end, Entries allowed) const;

 private:
  std::size_t end_record() const;
  void widen(Bytes extra, std::span<uint64_t* const> fields, const std::string& name) const;

  Bytes file_;
  std::string source_;
};

template <class T>
T number(Bytes bytes, std::size_t at) {
  T value;
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

/// The end record stands last, before a comment of up to 65535 bytes whose length it tells.
std::size_t Archive::end_record() const {
  if (file_.size() >= kEndSize) {
    const std::size_t last = file_.size() - kEndSize, first = last - std::min<std::size_t>(last, 65535);
    for (std::size_t at = last + 1; at-- > first;)
      if (number<uint32_t>(file_, at) == kEnd && at + kEndSize + number<uint16_t>(file_, at + 20) == file_.size()) return at;
  }
  fail("its end is missing");
}

Directory Archive::directory() const {
  const std::size_t end = end_record();
  Directory found{number<uint32_t>(file_, end + 16), number<uint32_t>(file_, end + 12), number<uint16_t>(file_, end + 10)};
  uint64_t limit = end;
  if (end >= kLocatorSize && number<uint32_t>(file_, end - kLocatorSize) == kEnd64Locator) {
    const uint64_t at = number<uint64_t>(file_, end - kLocatorSize + 8);
    const Bytes wide = part(at, kEnd64Size, "the ZIP64 end record");
    if (number<uint32_t>(wide, 0) != kEnd64) fail("no ZIP64 end record where the locator points");
    found = {number<uint64_t>(wide, 48), number<uint64_t>(wide, 40), number<uint64_t>(wide, 32)};
    limit = at;
  }
  part(found.begin, found.size, "the directory");
  if (found.begin + found.size > limit) fail("the directory runs into the end record");
  if (found.entries > found.size / kCentralSize) fail(fmt::format("{} entries do not fit a directory of {} bytes", found.entries, found.size));
  return found;
}

/// ZIP64: a field that is all ones stands in the extra field with id 1 instead, 8 bytes each, in the order of the fields.
void Archive::widen(Bytes extra, std::span<uint64_t* const> fields, const std::string& name) const {
  std::optional<Bytes> wide;
  while (extra.size() >= 4) {
    const std::size_t size = number<uint16_t>(extra, 2);
    if (size > extra.size() - 4) break;  // padding that is no field: other readers let it pass
    if (number<uint16_t>(extra, 0) == 1) wide = extra.subspan(4, size);
    extra = extra.subspan(4 + size);
  }
  for (uint64_t* field : fields) {
    if (*field != 0xFFFFFFFF || !wide) continue;
    if (wide->size() < 8) fail(in_quotes(name) + " has a short ZIP64 field");
    *field = number<uint64_t>(*wide, 0);
    wide = wide->subspan(8);
  }
}

ZipEntry Archive::entry(uint64_t& at, uint64_t directory_end, Entries allowed) const {
  const auto inside = [&](uint64_t begin, uint64_t size) {
    if (begin > directory_end || size > directory_end - begin) fail("the directory is cut");
    return file_.subspan(begin, size);
  };
  const Bytes head = inside(at, kCentralSize);
  if (number<uint32_t>(head, 0) != kCentral) fail(fmt::format("no entry at byte {} of the directory", at));
  const std::size_t name_size = number<uint16_t>(head, 28), extra_size = number<uint16_t>(head, 30), comment_size = number<uint16_t>(head, 32);
  ZipEntry entry{std::string(as_text(inside(at + kCentralSize, name_size))), number<uint32_t>(head, 16), number<uint32_t>(head, 42), {}, false, 0};
  uint64_t stored = number<uint32_t>(head, 20), size = number<uint32_t>(head, 24);
  uint64_t* const fields[] = {&size, &stored, &entry.header};
  widen(inside(at + kCentralSize + name_size, extra_size), fields, entry.name);
  inside(at, kCentralSize + name_size + extra_size + comment_size);
  at += kCentralSize + name_size + extra_size + comment_size;

  const std::string name = in_quotes(entry.name);
  if ((number<uint16_t>(head, 8) & 1) != 0) fail(name + " is encrypted");
  entry.deflated = number<uint16_t>(head, 10) == kDeflated && allowed == Entries::deflated_too;
  entry.size = size;
  if (!entry.deflated && (number<uint16_t>(head, 10) != 0 || stored != size)) fail(name + " is compressed, torch.save stores");
  const Bytes local = part(entry.header, kLocalSize, name);
  if (number<uint32_t>(local, 0) != kLocal) fail(name + " has no local header where the directory points");
  // The sizes in the local header may be zero (they follow the data then), its name may not differ.
  const uint64_t local_name = number<uint16_t>(local, 26), begin = entry.header + kLocalSize + local_name + number<uint16_t>(local, 28);
  if (as_text(part(entry.header + kLocalSize, local_name, name)) != entry.name) fail(name + " has another name in its local header");
  entry.bytes = part(begin, stored, name);
  return entry;
}

bool leaves_the_archive(std::string_view name) {
  const std::vector<std::string> parts = split(name, '/');
  return name.empty() || name[0] == '/' || name.find('\\') != std::string_view::npos || std::ranges::find(parts, "..") != parts.end();
}

}  // namespace

std::vector<ZipEntry> read_zip(Bytes file, const std::string& source, Entries allowed) {
  const Archive archive(file, source);
  const Directory directory = archive.directory();
  std::vector<ZipEntry> entries;
  uint64_t at = directory.begin;
  for (uint64_t i = 0; i < directory.entries; ++i) {
    entries.push_back(archive.entry(at, directory.begin + directory.size, allowed));
    if (leaves_the_archive(entries.back().name)) archive.fail(in_quotes(entries.back().name) + " is not a name inside the archive");
  }

  std::vector<const ZipEntry*> order;
  for (const ZipEntry& entry : entries) order.push_back(&entry);
  std::ranges::sort(order, {}, &ZipEntry::name);
  if (const auto twice = std::ranges::adjacent_find(order, {}, &ZipEntry::name); twice != order.end())
    archive.fail(fmt::format("has {} twice", in_quotes((*twice)->name)));
  std::ranges::sort(order, {}, &ZipEntry::header);
  for (std::size_t i = 0; i < order.size(); ++i) {
    const Bytes& bytes = order[i]->bytes;
    const auto end = static_cast<uint64_t>(bytes.data() + bytes.size() - file.data());
    const uint64_t next = i + 1 < order.size() ? order[i + 1]->header : directory.begin;
    if (end > next) archive.fail(in_quotes(order[i]->name) + " overlaps what follows it");
  }
  return entries;
}

void check_crc(const ZipEntry& entry, const std::string& source) {
  if (const uint32_t found = crc32(entry.bytes); found != entry.crc)
    throw data_error(source, fmt::format("zip archive: {} has CRC {:08x}, expected {:08x}", in_quotes(entry.name), found, entry.crc), kDamagedZip);
}

std::vector<std::byte> unpacked(const ZipEntry& entry, uint64_t limit, const std::string& source) {
  const auto fail = [&](const std::string& fact) { return data_error(source, "zip archive: " + in_quotes(entry.name) + fact, kDamagedZip); };
  if (entry.size > limit || entry.bytes.size() > limit) throw fail(fmt::format(" has {} bytes, expected at most {}", entry.size, limit));
  std::vector<std::byte> content(entry.size);
  if (!entry.deflated) {
    std::ranges::copy(entry.bytes, content.begin());
  } else {
    z_stream stream{};
    if (inflateInit2(&stream, -MAX_WBITS) != Z_OK) throw std::bad_alloc();  // raw deflate, without zlib's header
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(entry.bytes.data()));
    stream.avail_in = static_cast<uInt>(entry.bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(content.data());
    stream.avail_out = static_cast<uInt>(content.size());
    const int result = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    if (result != Z_STREAM_END || stream.avail_out > 0) throw fail(" is not deflated as its directory says");
  }
  if (const uint32_t found = crc32(content); found != entry.crc) throw fail(fmt::format(" has CRC {:08x}, expected {:08x}", found, entry.crc));
  return content;
}

}  // namespace graft::archive
