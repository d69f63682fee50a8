// What is kept of the frozen part: rows come back as they went in, and a file that is not whole is never taken for one.
#include "graft/fit/more/activations.h"

#include <gtest/gtest.h>

#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <limits>
#include <string>
#include <vector>

#include "error_text.h"
#include "folder.h"
#include "graft/base/error.h"

namespace graft::fit {
namespace {

namespace fs = std::filesystem;
using test::error_of;

constexpr std::size_t kRows = 11, kWidth = 6;

/// Row r holds r * 100 + column and a third.
float value(std::size_t row, std::size_t column) { return static_cast<float>(row * 100 + column) + 1.0F / 3; }

void store(const fs::path& file, bool half, std::size_t rows = kRows) {
  Activations::store(file, rows, kWidth, half, 4, [](std::size_t first, std::size_t count, std::span<float> out) {
    ASSERT_EQ(out.size(), count * kWidth);
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = value(first + i / kWidth, i % kWidth);
  });
}

std::vector<float> row(const Activations& activations, std::size_t index) {
  std::vector<float> out(activations.width());
  activations.read(index, out);
  return out;
}

/// One row of these numbers, stored as bf16 and read back.
std::vector<float> halved(const TestFolder& folder, std::vector<float> numbers) {
  const fs::path file = folder / "halves";
  Activations::store(file, 1, numbers.size(), true, 1,
                     [&](std::size_t, std::size_t, std::span<float> out) { std::ranges::copy(numbers, out.begin()); });
  return row(Activations(file, 1, numbers.size()), 0);
}

TEST(Activations, RowsComeBackInAnyOrder) {
  const TestFolder folder;
  store(folder / "kept", false);
  const Activations activations(folder / "kept", kRows, kWidth);
  EXPECT_EQ(activations.width(), kWidth);
  for (const std::size_t index : {10U, 0U, 7U})
    for (std::size_t c = 0; c < kWidth; ++c) EXPECT_EQ(row(activations, index)[c], value(index, c));
  EXPECT_EQ(fs::file_size(folder / "kept"), 24 + kRows * kWidth * 4);
}

TEST(Activations, EachChunkIsAskedForOnceAndInOrder) {
  const TestFolder folder;
  std::vector<std::pair<std::size_t, std::size_t>> asked;
  Activations::store(folder / "kept", 10, 2, false, 4, [&](std::size_t first, std::size_t count, std::span<float> out) {
    asked.emplace_back(first, count);
    std::ranges::fill(out, 0.F);
  });
  EXPECT_EQ(asked, (std::vector<std::pair<std::size_t, std::size_t>>{{0, 4}, {4, 4}, {8, 2}}));
}

TEST(Activations, HalfTheBytesRoundToTheNearestEvenOnTies) {
  const TestFolder folder;
  constexpr float kStep = 1.0F / 128;  // between bf16 numbers from 1 to 2
  constexpr float kInfinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(halved(folder, {1, 1 + kStep / 2, 1 + kStep * 1.5F, 1 + kStep * 0.51F, 1 + kStep * 0.49F, -1 - kStep * 1.5F}),
            (std::vector<float>{1, 1, 1 + 2 * kStep, 1 + kStep, 1, -1 - 2 * kStep}));
  EXPECT_EQ(halved(folder, {0, -0.0F, kInfinity, -kInfinity, std::numeric_limits<float>::max()}),
            (std::vector<float>{0, 0, kInfinity, -kInfinity, kInfinity}));
  const std::vector<float> nan = halved(folder, {std::numeric_limits<float>::quiet_NaN()});
  EXPECT_NE(nan[0], nan[0]);
  store(folder / "kept", true);
  EXPECT_EQ(fs::file_size(folder / "kept"), 24 + kRows * kWidth * 2);
}

TEST(Activations, AFileOfAnotherSizeOrKindIsRefused) {
  const TestFolder folder;
  const fs::path file = folder / "kept";
  store(file, false);
  const auto error = [&](std::size_t rows, std::size_t width) { return error_of([&] { const Activations opened(file, rows, width); }); };
  const auto refusal = [&](std::size_t rows, std::size_t width) {
    return "data: " + file.string() + ": does not hold the " + std::to_string(rows) + " rows of " + std::to_string(width) +
           " numbers that this training reads; remove it, and it is computed again";
  };
  EXPECT_EQ(error(kRows + 1, kWidth), refusal(kRows + 1, kWidth));
  EXPECT_EQ(error(kRows, kWidth - 1), refusal(kRows, kWidth - 1));
  EXPECT_EQ(error(kRows, kWidth), "no error");
  for (const std::size_t size : {std::size_t{0}, std::size_t{23}, std::size_t{24}, std::size_t{24} + kRows * kWidth * 4 - 1}) {
    fs::resize_file(file, size);
    EXPECT_EQ(error(kRows, kWidth), refusal(kRows, kWidth)) << size;
  }
  write_file(file, std::string(24 + kRows * kWidth * 4, 'x'));
  EXPECT_EQ(error(kRows, kWidth), refusal(kRows, kWidth));
  fs::remove(file);
  EXPECT_EQ(error(kRows, kWidth), "data: " + file.string() + ": cannot read: No such file or directory");
}

TEST(Activations, AFailureLeavesNothing) {
  const TestFolder folder;
  EXPECT_THROW(Activations::store(folder / "kept", 8, 2, false, 4,
                                  [](std::size_t first, std::size_t, std::span<float> out) {
                                    std::ranges::fill(out, 0.F);
                                    if (first > 0) throw Interrupted();
                                  }),
               Interrupted);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Activations, AFullDiskLeavesNothing) {
  const TestFolder folder;
  rlimit before{};
  getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{1 << 16, before.rlim_max};
  signal(SIGXFSZ, SIG_IGN);
  setrlimit(RLIMIT_FSIZE, &small);
  const std::string error = error_of([&] { store(folder / "kept", false, 4000); });
  const std::string last_write = error_of([&] { store(folder / "kept", false, 2731); });  // 8 bytes too many, still in the stream's buffer
  setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(error, "data: " + (folder / "kept").string() + ": cannot write: File too large");
  EXPECT_EQ(last_write, error);
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

TEST(Activations, MoreThanTheDiskHasIsKnownBeforeTheWork) {
  const TestFolder folder;
  const std::string error = error_of([&] {
    Activations::store(folder / "kept", std::size_t{1} << 40, 1 << 10, false, 1,
                       [](std::size_t, std::size_t, std::span<float>) { FAIL() << "work"; });
  });
  EXPECT_TRUE(error.starts_with("data: " + (folder / "kept").string() + ": needs 4096 TiB on disk, ")) << error;
  EXPECT_TRUE(error.ends_with(" are free; use fewer --views, or --views 0, which keeps none")) << error;
  EXPECT_TRUE(fs::is_empty(folder.path()));
}

}  // namespace
}  // namespace graft::fit
