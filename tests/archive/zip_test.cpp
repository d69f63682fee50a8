#include "graft/archive/zip.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <string>
#include <vector>

#include "archive/made_zip.h"
#include "error_text.h"
#include "graft/archive/crc32.h"

namespace graft::archive {
namespace {

const std::string kHint = "; the file is damaged; download or save it again";

std::string zip_error(const std::string& file) {
  const std::string text = test::message_of([&] {
    for (const ZipEntry& entry : read_zip(as_bytes(file), "f")) check_crc(entry, "f");
  });
  return text.starts_with("f: ") ? text.substr(3) : text;
}

TEST(Crc32, equals_zlib_at_every_length_and_offset) {
  EXPECT_TRUE(rc::check([](const std::vector<uint8_t>& seed) {
    std::vector<uint8_t> bytes;
    for (std::size_t i = 0; i < 300 + seed.size(); ++i) bytes.push_back(static_cast<uint8_t>(i * 31 + (seed.empty() ? 0 : seed[i % seed.size()])));
    for (std::size_t begin = 0; begin < 4; ++begin)
      for (std::size_t size = 0; begin + size < bytes.size(); ++size) {
        const Bytes part = std::as_bytes(std::span(bytes).subspan(begin, size));
        RC_ASSERT(crc32(part) == ::crc32(0, bytes.data() + begin, static_cast<uInt>(size)));
      }
  }));
}

TEST(Zip, reads_stored_entries_in_directory_order_with_and_without_zip64) {
  for (const bool zip64 : {false, true}) {
    const std::string file = zip_of({{"a/data.pkl", "pickle"}, {"a/data/0", std::string(1000, 'x')}, {"a/empty", ""}}, zip64);
    const std::vector<ZipEntry> entries = read_zip(as_bytes(file), "f");
    ASSERT_EQ(entries.size(), 3U);
    EXPECT_EQ(entries[0].name, "a/data.pkl");
    EXPECT_EQ(as_text(entries[0].bytes), "pickle");
    EXPECT_EQ(as_text(entries[1].bytes), std::string(1000, 'x'));
    EXPECT_TRUE(entries[2].bytes.empty());
    EXPECT_EQ(zip_error(file), "no error");
  }
}

TEST(Zip, refuses_each_fault_by_name) {
  EXPECT_EQ(zip_error(""), "zip archive: its end is missing" + kHint);
  EXPECT_EQ(zip_error(zip_of({{"a", "1"}}) + "x"), "zip archive: its end is missing" + kHint);
  EXPECT_EQ(zip_error(zip_of({{.name = "a", .content = "1", .method = 8}})), "zip archive: 'a' is compressed, torch.save stores" + kHint);
  EXPECT_EQ(zip_error(zip_of({{.name = "a", .content = "1", .stored_size = 0, .size = 1}})),
            "zip archive: 'a' is compressed, torch.save stores" + kHint);
  EXPECT_EQ(zip_error(zip_of({{.name = "a", .content = "1", .flags = 1}})), "zip archive: 'a' is encrypted" + kHint);
  EXPECT_EQ(zip_error(zip_of({{.name = "a", .content = "1", .crc = 7}})), "zip archive: 'a' has CRC 83dcefb7, expected 00000007" + kHint);
  EXPECT_EQ(zip_error(zip_of({{"a", "1"}, {"a", "2"}})), "zip archive: has 'a' twice" + kHint);
  EXPECT_EQ(zip_error(zip_of({{"a/../b", "1"}})), "zip archive: 'a/../b' is not a name inside the archive" + kHint);
  EXPECT_EQ(zip_error(zip_of({{"/etc/passwd", "1"}})), "zip archive: '/etc/passwd' is not a name inside the archive" + kHint);
  EXPECT_EQ(zip_error(zip_of({{.name = "a", .content = "1", .local_name = "b"}})), "zip archive: 'a' has another name in its local header" + kHint);
  EXPECT_EQ(zip_error(zip_of({{.name = "a", .content = "1", .size = 10}, {"b", "2"}})), "zip archive: 'a' overlaps what follows it" + kHint);
  EXPECT_EQ(zip_error(zip_of({{.name = "a", .content = "1", .size = 40}})), "zip archive: 'a' overlaps what follows it" + kHint);
  EXPECT_EQ(zip_error(zip_of({{.name = "a", .content = "1", .size = 5000}})),
            "zip archive: 'a' is at byte 31, 5000 bytes long, but the file ends at 101" + kHint);
  EXPECT_EQ(zip_error(zip_of({{.name = "a", .content = "1", .offset = 5}})),
            "zip archive: 'a' has no local header where the directory points" + kHint);
  EXPECT_EQ(zip_error(zip_of({{.name = "a", .content = "1", .offset = 0xFFFFFFF0}})),
            "zip archive: 'a' is at byte 4294967280, 30 bytes long, but the file ends at 101" + kHint);
  EXPECT_EQ(zip_error(zip_of({{"a", "1"}}, false, 2)), "zip archive: 2 entries do not fit a directory of 47 bytes" + kHint);
  EXPECT_EQ(zip_error(zip_of({{"a", "1"}}, true, 1ULL << 62)), "zip archive: 4611686018427387904 entries do not fit a directory of 75 bytes" + kHint);
}

TEST(Zip, refuses_zip64_numbers_that_overflow) {
  std::string file = zip_of({{"a", "1"}}, true);
  const std::size_t locator = file.size() - 22 - 20;
  const uint64_t far = ~uint64_t{0} - 10;
  std::memcpy(file.data() + locator + 8, &far, 8);
  EXPECT_EQ(zip_error(file), "zip archive: the ZIP64 end record is at byte 18446744073709551605, 56 bytes long, but the file ends at " +
                                 std::to_string(file.size()) + kHint);
}

}  // namespace
}  // namespace graft::archive
