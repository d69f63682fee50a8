#include "graft/doctor/detail.h"

#include <gtest/gtest.h>

#include "doctor/scenes.h"

namespace graft::doctor {
namespace {

TEST(Detail, SoftShadesAreNone) {
  Plane ramp{64};
  for (int i = 0; i < 64 * 64; ++i) ramp.values.push_back(static_cast<float>(i % 64 + i / 64));
  const Plane detail = detail_of(ramp);
  for (int y = 8; y < 56; ++y)
    for (int x = 8; x < 56; ++x) EXPECT_NEAR(detail.at(x, y), 0, 1e-3);
}

TEST(Detail, WhatASetHasInCommonIsTakenOutOfIt) {
  ThreadPool pool(1);
  const Plane shared = detail_of(plane_of(scene(1), 32));
  const auto one = [&](int number) {
    const Plane own = detail_of(plane_of(scene(number), 32));
    Plane sum = shared;
    for (std::size_t i = 0; i < sum.values.size(); ++i) sum.values[i] += 0.2F * own.values[i];
    return sum;
  };
  std::vector<Plane> set;
  for (int i = 10; i < 74; ++i) set.push_back(one(i));
  const Common common(set, pool);
  const Plane a = one(100), b = one(101);
  EXPECT_GT(correlation(a, b), 0.9);
  EXPECT_LT(correlation(common.without(a, a), common.without(b, b)), 0.3);
  EXPECT_TRUE(Common(std::span(set).first(15), pool).empty());  // too few to tell
}

TEST(Detail, OtherColoursAreSeenWhereGreyIsTheSame) {
  const Look red = look_of(flat(40, 40, 120, 50, 60), 32, 32), blue = look_of(flat(40, 40, 40, 60, 220), 32, 32);
  EXPECT_GT(colour_difference(red, {}, blue), 40);
  const image::Image picture = scene(7);
  const Symmetry turn{.transposed = true, .mirrored = true};
  const Look look = look_of(picture, 32, 32), turned = look_of(laid(picture, turn), 32, 32);
  EXPECT_LT(colour_difference(look, turn, turned), 2);
  EXPECT_GT(colour_difference(look, {}, turned), 5);
}

TEST(Detail, FinerStructureThanBothHaveIsTakenAway) {
  const image::Image picture = scene(8);
  const image::Image small = image::resize(picture, 24, 24, image::Filter::bilinear);
  const Look coarse = look_of(small, 64, 24);
  EXPECT_GT(correlation(detail_of(look_of(picture, 64, 24).luma), detail_of(coarse.luma)), 0.97);
  EXPECT_LT(correlation(detail_of(look_of(picture, 64, 64).luma), detail_of(coarse.luma)), 0.95);
}

}  // namespace
}  // namespace graft::doctor
