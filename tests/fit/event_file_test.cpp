// The frame of event files. What is in them is read by TensorBoard itself in tests/cli/logs_test.cpp.
#include "graft/fit/run/event_file.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "folder.h"
#include "graft/base/error.h"

namespace graft::fit {
namespace {

namespace fs = std::filesystem;

/// RFC 3720, B.4.
TEST(EventFile, ChecksumsAreThoseOfTheRfc) {
  EXPECT_EQ(crc32c(as_bytes("")), 0U);
  EXPECT_EQ(crc32c(as_bytes("123456789")), 0xE3069283U);
  EXPECT_EQ(crc32c(as_bytes(std::string(32, '\0'))), 0x8A9136AAU);
  EXPECT_EQ(crc32c(as_bytes(std::string(32, '\xFF'))), 0x62A8AB43U);
  std::string rising, falling;
  for (int i = 0; i < 32; ++i) {
    rising += static_cast<char>(i);
    falling += static_cast<char>(31 - i);
  }
  EXPECT_EQ(crc32c(as_bytes(rising)), 0x46DD794EU);
  EXPECT_EQ(crc32c(as_bytes(falling)), 0x113FDB5CU);
}

/// As TensorBoard's RecordWriter writes "abc".
TEST(EventFile, ARecordHasItsLengthAndBothChecksums) {
  const std::string record = tf_record("abc");
  ASSERT_EQ(record.size(), 8 + 4 + 3 + 4);
  EXPECT_EQ(record.substr(0, 8), std::string("\3\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(record.substr(8, 4), "\xb0\x99\x49\x0e");
  EXPECT_EQ(record.substr(12, 3), "abc");
  EXPECT_EQ(record.substr(15), "\x6e\x57\xf1\x21");
}

TEST(EventFile, ALaterFileHasALaterName) {
  const TestFolder folder;
  for (int i = 0; i < 3; ++i) EventFile(folder / "tensorboard");
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(folder / "tensorboard")) names.push_back(entry.path().filename());
  std::ranges::sort(names);
  ASSERT_EQ(names.size(), 3);
  for (const std::string& name : names) EXPECT_TRUE(name.starts_with("events.out.tfevents.1") && name.ends_with(".graft")) << name;
}

TEST(EventFile, APlaceThatCannotBeWrittenIsSaid) {
  const TestFolder folder;
  write_file(folder / "file", "");
  try {
    EventFile(folder / "file");
    FAIL();
  } catch (const Error& e) {
    EXPECT_EQ(e.what(), (folder / "file").string() + ": cannot create: Not a directory");
  }
}

}  // namespace
}  // namespace graft::fit
