#include "graft/search/neighbour_graph.h"

#include <gtest/gtest.h>
#include <rapidcheck.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "folder.h"
#include "search/made_rows.h"

namespace graft::search {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kWidth = 48, kClusters = 60;

class Neighbours : public testing::Test {
 protected:
  NeighbourGraph open(const Table& table, bool& built) {
    built = false;
    return open_graph(folder_ / "x.npy", table, pool_, "x.npy", [&] {
      built = true;
      return nullptr;
    });
  }
  void write(const Table& table) {
    write_file(folder_ / "x.npy", std::as_bytes(table.values));
    fs::last_write_time(folder_ / "x.npy", fs::file_time_type(std::chrono::hours(hours_ += 10)));  // clocks of files may be coarse
  }

  int hours_ = 0;
  TestFolder folder_;
  ThreadPool pool_{2};
};

TEST_F(Neighbours, RecallAgainstExact) {
  const Table table = made_rows(6000, kWidth, kClusters, 0.8F), queries = made_rows(200, kWidth, kClusters, 0.8F, 2);
  const NeighbourGraph graph = NeighbourGraph::build(table, pool_, "x.npy");
  const auto exact = nearest(table, queries.values, 10, pool_, "x.npy"), found = graph.nearest(queries.values, 10, pool_);
  int hits = 0;
  for (std::size_t q = 0; q < queries.rows; ++q) {
    ASSERT_EQ(found[q].size(), 10U);
    for (const Match& match : found[q])
      hits += std::ranges::any_of(exact[q], [&](const Match& m) { return m.row == match.row && std::abs(m.similarity - match.similarity) < 1e-5F; });
    EXPECT_TRUE(std::ranges::is_sorted(found[q], [](const Match& a, const Match& b) { return a.similarity > b.similarity; }));
  }
  EXPECT_GE(hits, 0.98 * 2000);
}

TEST_F(Neighbours, TheSameRowsGiveTheSameGraph) {
  const Table table = made_rows(800, kWidth, kClusters, 0.8F);
  const Features features{hash128({}), hash128(std::as_bytes(table.values))};
  ThreadPool one(1);
  const auto bytes = NeighbourGraph::build(table, pool_, "x.npy").to_bytes(features);
  EXPECT_EQ(NeighbourGraph::build(table, one, "x.npy").to_bytes(features), bytes);
  const auto again = NeighbourGraph::from_bytes(bytes, table);
  ASSERT_TRUE(again);
  EXPECT_EQ(NeighbourGraph::features_in(bytes), features);
  EXPECT_EQ(again->to_bytes(features), bytes);
  EXPECT_EQ(again->nearest(table.row(5), 3, pool_), NeighbourGraph::build(table, one, "x.npy").nearest(table.row(5), 3, pool_));
  EXPECT_EQ(again->nearest(table.row(5), 3, pool_)[0][0].row, 5U);
}

TEST_F(Neighbours, KeptBesideTheIndexUntilThatChanges) {
  const Table table = made_rows(300, kWidth, kClusters, 0.8F), other = made_rows(300, kWidth, kClusters, 0.8F, 3);
  bool built = false;
  write(table);
  open(table, built);
  EXPECT_TRUE(built);
  open(table, built);
  EXPECT_FALSE(built);
  fs::last_write_time(folder_ / "x.npy", fs::last_write_time(folder_ / "x.npy") + std::chrono::hours(1));  // a copy: the hash tells
  open(table, built);
  EXPECT_FALSE(built);
  EXPECT_EQ(NeighbourGraph::features_in(read_file(folder_ / "x.npy.hnsw")), features_of(folder_ / "x.npy", table));
  write(other);
  const NeighbourGraph graph = open(other, built);
  EXPECT_TRUE(built);
  EXPECT_EQ(graph.nearest(other.row(9), 1, pool_)[0][0].row, 9U);
  write_file(folder_ / "x.npy.hnsw", std::string_view("damaged"));
  open(other, built);
  EXPECT_TRUE(built);
  open(other, built);
  EXPECT_FALSE(built);
}

TEST_F(Neighbours, ForeignBytesAreNoGraphAndDoNoHarm) {
  const Table table = made_rows(60, kWidth, kClusters, 0.8F);
  const Features features{hash128({}), hash128(std::as_bytes(table.values))};
  const auto whole = NeighbourGraph::build(table, pool_, "x.npy").to_bytes(features);
  EXPECT_TRUE(rc::check([&] {
    std::vector<std::byte> bytes = whole;
    bytes.resize(bytes.size() - sizeof(Hash128));
    const auto changes = *rc::gen::inRange(1, 4);
    // Words behind the magic and the hashes; the check sum fits, as in a file made on purpose.
    for (int i = 0; i < changes; ++i) {
      const auto at = *rc::gen::inRange<std::size_t>(40, bytes.size() - 4);
      const auto word = *rc::gen::oneOf(rc::gen::inRange<uint32_t>(0, 70), rc::gen::arbitrary<uint32_t>());
      std::memcpy(bytes.data() + at / 4 * 4, &word, 4);
    }
    const Hash128 sum = hash128(bytes);
    const Bytes sum_bytes = std::as_bytes(std::span(&sum, 1));
    bytes.insert(bytes.end(), sum_bytes.begin(), sum_bytes.end());
    const auto graph = NeighbourGraph::from_bytes(bytes, table);
    if (graph) RC_ASSERT(graph->nearest(table.row(0), 5, pool_)[0].size() <= 5);
    bytes.resize(*rc::gen::inRange<std::size_t>(0, whole.size()));
    RC_ASSERT(!NeighbourGraph::from_bytes(bytes, table));
  }));
}

}  // namespace
}  // namespace graft::search
