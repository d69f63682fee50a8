#include "graft/search/nearest.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>

#include "graft/base/error.h"
#include "graft/base/isa.h"
#include "graft/search/dot_table.h"
#include "search/made_rows.h"

namespace graft::search {
namespace {

Table table_of(std::vector<float> values, std::size_t width) {
  auto owner = std::make_shared<std::vector<float>>(std::move(values));
  return {owner->size() / width, width, owner, *owner};
}

TEST(Nearest, ByHand) {
  const Table table = table_of({3, 4, 0, 0, -6, -8, 4, 3, 5, 0}, 2);  // cosines with (1, 0): 0.6, 0, -0.6, 0.8, 1
  ThreadPool pool(2);
  const auto found = nearest(table, std::vector<float>{2, 0, 0, -1}, 4, pool, "x.npy");
  ASSERT_EQ(found.size(), 2U);
  const std::vector<std::size_t> rows{4, 3, 0, 1};
  const std::vector<float> cosines{1, 0.8F, 0.6F, 0};
  ASSERT_EQ(found[0].size(), 4U);
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(found[0][i].row, rows[i]);
    EXPECT_NEAR(found[0][i].similarity, cosines[i], 1e-6F);
  }
  EXPECT_EQ(found[1][0].row, 2U);  // (0, -1): 0.8; then the row of zeros and (5, 0), both 0, by row
  EXPECT_EQ(found[1][1], (Match{1, 0}));
  EXPECT_EQ(found[1][2].row, 4U);
}

TEST(Nearest, AsManyAsThereAreAndTheSameForAnyThreads) {
  const Table table = made_rows(2000, 130, 40, 0.5F), queries = made_rows(37, 130, 40, 0.5F, 2);
  ThreadPool one(1), three(3);
  const auto found = nearest(table, queries.values, 10, one, "x.npy");
  EXPECT_EQ(nearest(table, queries.values, 10, three, "x.npy"), found);
  for (std::size_t q = 0; q < queries.rows; ++q) {
    EXPECT_EQ(found[q][0].row % 40, q % 40);  // of the query's own cluster
    EXPECT_EQ(nearest(table, queries.row(q), 5000, three, "x.npy")[0].size(), 2000U);
  }
}

TEST(Nearest, EveryCpusSumAgrees) {
  for (const std::size_t width : {1U, 7U, 63U, 64U, 65U, 130U, 1280U}) {
    const Table rows = made_rows(2, width, 2, 0.3F);
    const float* a = rows.row(0).data();
    const float* b = rows.row(1).data();
    const double exact = std::inner_product(a, a + width, b, 0.0);
    EXPECT_NEAR(baseline::dot(a, b, width), exact, 1e-5 * static_cast<double>(width));
    EXPECT_NEAR(fastest_dot()(a, b, width), exact, 1e-5 * static_cast<double>(width));
    if (best_isa() >= Isa::avx2) {
      EXPECT_NEAR(avx2::dot(a, b, width), exact, 1e-5 * static_cast<double>(width));
    }
  }
}

TEST(Nearest, NumbersThatAreNotFinite) {
  const auto error_of = [](const Table& table, std::vector<float> query) -> std::string {
    ThreadPool pool(1);
    try {
      nearest(table, query, 1, pool, "x.npy");
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  };
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const std::string again = "row 1 contains a value that is not finite or too large; make the index again with `graft embed`";
  EXPECT_EQ(error_of(table_of({1, 2, nan, 0}, 2), {1, 0}), "x.npy: " + again);
  EXPECT_EQ(error_of(table_of({1, 2, 1e30F, 0}, 2), {1, 0}), "x.npy: " + again);
  EXPECT_EQ(error_of(table_of({1, 2, 3, 4}, 2), {nan, 0}), "x.npy: the network gives a photo features that are not finite numbers");
}

}  // namespace
}  // namespace graft::search
