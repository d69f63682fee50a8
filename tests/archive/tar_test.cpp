#include "graft/archive/tar.h"

#include <gtest/gtest.h>

#include "convert/made_data.h"
#include "error_text.h"

namespace graft::archive {
namespace {

std::string error_of(const std::string& archive) {
  return test::error_of([&] { list_tar(content_of(as_bytes(archive), "a.tar")); });
}

const std::string kArchive = test::tar({{"inner/a.bin", std::string(700, 'a')}, {"b.txt", "bee"}, {"empty", ""}});

TEST(Tar, MembersOfAPackedArchive) {
  const std::string packed = test::gzip(kArchive);
  const Content archive = content_of(as_bytes(packed), "a.tar.gz");
  EXPECT_TRUE(is_tar(begin_of(archive, 512)));
  const std::vector<TarMember> members = list_tar(archive);
  ASSERT_EQ(members.size(), 3U);
  EXPECT_EQ(members[0].file_name, "a.bin");
  EXPECT_EQ(members[0].size, 700U);
  const Content b = content_of(archive, members[1]);
  EXPECT_EQ(b.name, "a.tar.gz: b.txt");
  EXPECT_EQ(as_text(all_of(b, 100)), "bee");
  EXPECT_EQ(as_text(all_of(content_of(archive, members[0]), 1000)), std::string(700, 'a'));
  EXPECT_EQ(test::error_of([&] { all_of(content_of(archive, members[0]), 100); }), "data: a.tar.gz: a.bin: more than 100 bytes");
}

TEST(Tar, OnlyRegularFilesAreMembers) {
  EXPECT_TRUE(list_tar(content_of(as_bytes(kArchive), "a.tar")).size() == 3);
  const std::string links = test::tar({{"link", ""}}, '2') + "behind the end";
  EXPECT_TRUE(list_tar(content_of(as_bytes(links), "a.tar")).empty());
}

TEST(Tar, DamagedArchives) {
  EXPECT_EQ(error_of(kArchive.substr(0, 800)), "data: a.tar: tar archive: ends within 'inner/a.bin'; download it again");
  EXPECT_EQ(error_of(kArchive.substr(0, 1600)), "data: a.tar: tar archive: ends within the header at byte 1536; download it again");
  std::string spoiled = kArchive;
  spoiled[3] = 'X';
  EXPECT_EQ(error_of(spoiled), "data: a.tar: tar archive: damaged header at byte 0; download it again");
  EXPECT_FALSE(is_tar(as_bytes(spoiled)));
  std::string many;
  for (int i = 0; i < 101; ++i) many += test::tar({{"f", ""}}).substr(0, 512);
  EXPECT_EQ(error_of(many), "data: a.tar: tar archive: more than 100 members; download it again");
}

TEST(Tar, AMemberOfMoreThanFourGigabytes) {
  std::string archive = test::tar({{"f", ""}});
  archive.replace(124, 11, "77777777777");
  std::size_t sum = 0;
  archive.replace(148, 8, "        ");
  for (std::size_t i = 0; i < 512; ++i) sum += static_cast<unsigned char>(archive[i]);
  archive.replace(148, 8, test::octal(sum, 6) + std::string("\0 ", 2));
  EXPECT_EQ(error_of(archive), "data: a.tar: tar archive: more than 4 GiB by its header at byte 0; download it again");
}

}  // namespace
}  // namespace graft::archive
