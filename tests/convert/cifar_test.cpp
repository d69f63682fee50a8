#include "graft/convert/cifar.h"

#include <gtest/gtest.h>

#include "convert/made_data.h"
#include "error_text.h"
#include "folder.h"

namespace graft::convert {
namespace {

using test::cifar;
using test::Entry;

const std::string kTenNames = "airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n\n";

/// read_cifar of files given as bytes.
Collection read(const std::vector<Entry>& entries, CifarLabels labels = CifarLabels::fine) {
  CifarFiles files;
  for (const Entry& entry : entries) files.emplace(entry.name, archive::content_of(as_bytes(entry.content), entry.name));
  return read_cifar(files, "cifar", labels);
}
std::string error_of(const std::vector<Entry>& entries, CifarLabels labels = CifarLabels::fine) {
  return test::error_of([&] { read(entries, labels); });
}

TEST(Cifar, TenHasBatchesWhoseNumbersGoOn) {
  const std::vector<Entry> files = {{"batches.meta.txt", kTenNames},
                                    {"data_batch_1.bin", cifar("\3\5", 1, 0)},
                                    {"data_batch_2.bin", cifar("\1", 1, 9)},
                                    {"test_batch.bin", cifar("\2", 1, 7)}};
  const Collection found = read(files);
  EXPECT_EQ(found.format, "CIFAR-10");
  EXPECT_EQ(found.classes.size(), 10U);
  EXPECT_EQ(found.classes[9], "truck");
  ASSERT_EQ(found.pictures.size(), 3U);
  EXPECT_EQ(found.pictures[0].labels, (std::vector<uint16_t>{3, 5}));
  EXPECT_EQ(found.pictures[1].first, 2U);
  EXPECT_EQ(found.pictures[2].first, 0U);
  EXPECT_EQ(found.pictures[2].part, data::Part::test);
  EXPECT_EQ(found.pictures[0].record(), 3073U);
}

TEST(Cifar, HundredHasFineAndCoarseLabels) {
  std::string fine, coarse;
  for (int i = 0; i < 100; ++i) fine += "f" + std::to_string(i) + "\n";
  for (int i = 0; i < 20; ++i) coarse += "c" + std::to_string(i) + "\r\n";
  const std::vector<Entry> files = {{"coarse_label_names.txt", coarse},
                                    {"fine_label_names.txt", fine},
                                    {"train.bin", cifar("\x02\x60\x13\x01", 2, 0)}};
  EXPECT_EQ(read(files).pictures[0].labels, (std::vector<uint16_t>{0x60, 1}));
  EXPECT_EQ(read(files).classes[99], "f99");
  EXPECT_EQ(read(files, CifarLabels::coarse).pictures[0].labels, (std::vector<uint16_t>{2, 19}));
  EXPECT_EQ(read(files, CifarLabels::coarse).classes[19], "c19");
  EXPECT_EQ(read({files[2]}).classes[42], "42") << "without the files of names: numbers";
}

TEST(Cifar, WhatIsRefused) {
  const Entry batch{"data_batch_1.bin", cifar("\3\5", 1, 0)};
  const std::string hint = "download cifar-10-binary.tar.gz or cifar-100-binary.tar.gz";
  EXPECT_EQ(error_of({{"data_batch_1.bin", batch.content.substr(0, 4000)}}),
            "data: data_batch_1.bin: ends within the picture at index 1, after 927 of its 3073 bytes; " + hint);
  EXPECT_EQ(error_of({{"data_batch_1.bin", batch.content + "\1"}}),
            "data: data_batch_1.bin: ends within the picture at index 2, after 1 of its 3073 bytes; " + hint);
  EXPECT_EQ(error_of({{"data_batch_1.bin", cifar("\3\x0A", 1, 0)}}), "data: data_batch_1.bin: label 10 at index 1, expected 0 to 9");
  EXPECT_EQ(error_of({{"train.bin", cifar("\x14\1", 2, 0)}}, CifarLabels::coarse), "data: train.bin: label 20 at index 0, expected 0 to 19");
  EXPECT_EQ(error_of({{"data_batch_1.bin", ""}}), "data: data_batch_1.bin: 0 pictures, expected 1 to 5,000,000");
  EXPECT_EQ(error_of({batch, {"batches.meta.txt", "a\nb\n"}}), "data: batches.meta.txt: 2 class names, expected 10; " + hint);
  EXPECT_EQ(error_of({batch, {"batches.meta.txt", std::string(70000, 'a')}}), "data: batches.meta.txt: more than 65,536 bytes");
  EXPECT_EQ(error_of({batch}, CifarLabels::coarse), "usage: --labels coarse: is for CIFAR-100 only; omit it");
  EXPECT_EQ(error_of({{"test_batch.bin", batch.content}}), "data: cifar: holds neither data_batch_1.bin nor train.bin; " + hint);
  EXPECT_EQ(error_of({{"data_batch_1", "\x80\x02"}}), "data: cifar: the Python version of CIFAR, expected the binary version; " + hint);
}

TEST(Cifar, TheArchiveAsItWasDownloaded) {
  const TestFolder folder;
  const std::string archive =
      test::tar({{"cifar-10-batches-bin/data_batch_1.bin", cifar("\3\5", 1, 0)}, {"cifar-10-batches-bin/batches.meta.txt", kTenNames}});
  write_file(folder / "c.tar.gz", test::gzip(archive));
  write_file(folder / "c.tar", archive);
  for (const char* name : {"c.tar.gz", "c.tar"}) {
    const Collection found = read_cifar(folder / name, CifarLabels::fine);
    EXPECT_EQ(found.classes[3], "cat");
    EXPECT_EQ(found.pictures[0].labels, (std::vector<uint16_t>{3, 5}));
    EXPECT_EQ(as_text(archive::all_of(found.pictures[0].content, 10000)), cifar("\3\5", 1, 0));
  }
  const std::string cut = test::gzip(archive.substr(0, 3000));
  write_file(folder / "cut.tar.gz", cut);
  EXPECT_EQ(test::error_of([&] { read_cifar(folder / "cut.tar.gz", CifarLabels::fine); }),
            "data: " + (folder / "cut.tar.gz").string() + ": tar archive: ends within 'cifar-10-batches-bin/data_batch_1.bin'; download it again");
  write_file(folder / "twice.tar", test::tar({{"a/train.bin", "x"}, {"b/train.bin", "x"}}));
  EXPECT_EQ(test::error_of([&] { read_cifar(folder / "twice.tar", CifarLabels::fine); }),
            "data: " + (folder / "twice.tar").string() +
                ": tar archive: holds 'train.bin' twice; download cifar-10-binary.tar.gz or cifar-100-binary.tar.gz");
  write_file(folder / "one.bin", cifar("\3\5", 1, 0));
  EXPECT_EQ(test::error_of([&] { read_cifar(folder / "one.bin", CifarLabels::fine); }),
            "data: " + (folder / "one.bin").string() + ": not a tar archive; give the folder of CIFAR's files, or the .tar.gz as it was downloaded");
}

}  // namespace
}  // namespace graft::convert
