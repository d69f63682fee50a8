// Every instruction set this CPU has gives the products of the definition, for every remainder of the tiles.
#include "graft/head/kernels.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "head/made_data.h"

namespace graft::head {
namespace {

template <class T>
Block<T> filled(const char* name, std::size_t rows, std::size_t width) {
  Block<T> block(rows, width);
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t c = 0; c < width; ++c) block.row(i)[c] = static_cast<T>(static_cast<float>(made_value(name, i * width + c)));
  return block;
}

template <class X, class T>
void check(const Products<X, T>& product, std::size_t rows, std::size_t outputs, std::size_t width, double tolerance) {
  const Block<X> x = filled<X>("x", rows, width);
  Block<T> w(outputs, x.stride()), g(outputs, x.stride()), z(rows, outputs);
  for (std::size_t j = 0; j < outputs; ++j)
    for (std::size_t c = 0; c < width; ++c) w.row(j)[c] = static_cast<T>(static_cast<float>(made_value("w", j * width + c)));
  for (T& value : g.all()) value = 1;
  product.dots(x.row(0), rows, x.stride(), w.row(0), outputs, w.stride(), x.stride(), z.row(0), z.stride());
  for (std::size_t i = 0; i < rows; ++i)
    for (std::size_t j = 0; j < outputs; ++j) {
      double expected = 0;
      for (std::size_t c = 0; c < width; ++c) expected += static_cast<double>(x.row(i)[c]) * static_cast<double>(w.row(j)[c]);
      ASSERT_NEAR(static_cast<double>(z.row(i)[j]), expected, tolerance) << "row " << i << " output " << j;
    }
  product.outer(z.row(0), rows, z.stride(), outputs, x.row(0), x.stride(), x.stride(), g.row(0), g.stride());
  for (std::size_t j = 0; j < outputs; ++j)
    for (std::size_t c = 0; c < width; ++c) {
      double expected = 1;
      for (std::size_t i = 0; i < rows; ++i) expected += static_cast<double>(z.row(i)[j]) * static_cast<double>(x.row(i)[c]);
      ASSERT_NEAR(static_cast<double>(g.row(j)[c]), expected, tolerance) << "output " << j << " column " << c;
    }
}

TEST(Kernels, EverySetGivesTheProductsForEveryRemainder) {
  ASSERT_FALSE(available_kernels().empty());
  for (const Kernels* set : available_kernels()) {
    SCOPED_TRACE(set->name);
    for (std::size_t outputs = 1; outputs <= 13; ++outputs)
      for (const std::size_t rows : {1, 3, 5, 130}) {
        check(set->single, rows, outputs, 70, 1e-3);
        check(set->mixed, rows, outputs, 70, 1e-11);
        check(set->full, rows, outputs, 33, 1e-11);
      }
  }
}

TEST(Kernels, TheFastestSetIsTheOneInUse) { EXPECT_EQ(&kernels(), available_kernels().back()); }

}  // namespace
}  // namespace graft::head
