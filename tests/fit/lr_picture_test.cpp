// The curve of --find-lr as SVG: its text, which a reader of XML must take, and its places.
#include "graft/fit/lr_picture.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

namespace graft::fit {
namespace {

train::LrCurve curve_of(double diverges) {
  train::LrCurve curve{.start = 0.7, .guessing = 0.7, .answer = train::LrAnswer::clear, .suggestion = 1e-3, .fall = 0.1, .diverges = diverges};
  curve.sweeps.resize(2);
  for (int i = 0; i <= 16; ++i) {
    const double lr = 1e-5 * std::pow(10, i / 4.0), loss = 0.7 - std::min(70 * lr, 0.5) + (i == 16 ? 1e30 : 0);
    curve.points.push_back({lr, loss, loss});
    for (auto& sweep : curve.sweeps) sweep.push_back(loss);
  }
  return curve;
}

std::size_t count(const std::string& text, std::string_view word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) ++found;
  return found;
}

/// Every tag is closed, in the order of opening; attributes have quotes.
bool well_formed(const std::string& svg) {
  std::vector<std::string> open;
  for (std::size_t at = svg.find('<'); at != svg.npos; at = svg.find('<', at + 1)) {
    const std::size_t end = svg.find('>', at);
    if (end == svg.npos) return false;
    const std::string tag = svg.substr(at + 1, end - at - 1);
    if (tag.find('<') != tag.npos || count(tag, "\"") % 2 != 0) return false;
    if (tag.ends_with('/')) continue;
    if (!tag.starts_with('/')) {
      open.push_back(tag.substr(0, tag.find_first_of(" \n")));
    } else if (open.empty() || open.back() != tag.substr(1)) {
      return false;
    } else {
      open.pop_back();
    }
  }
  return open.empty();
}

TEST(LrPicture, HasTheAxesTheDotsTheLineAndTheMarks) {
  const std::string svg = lr_picture(curve_of(0.1), "cells");
  EXPECT_TRUE(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\"") && svg.ends_with("</svg>\n"));
  EXPECT_TRUE(well_formed(svg)) << svg;
  for (const char* tick : {">1e-05<", ">0.0001<", ">0.001<", ">0.01<", ">0.1<"}) EXPECT_EQ(count(svg, tick), 1U) << tick;
  EXPECT_EQ(count(svg, "<circle class=\"dot\""), 2 * 16 + 1U);               // those far above are left out; one is the legend's
  EXPECT_EQ(count(svg, "--lr 1.0e-03"), 3U);                                 // for the blind, below the title, at its mark
  EXPECT_NE(svg.find("<path class=\"mark\" d=\"M384.5 "), svg.npos) << svg;  // 2 of 4.25 decades from 1e-5
  EXPECT_EQ(count(svg, ">diverges<"), 1U);
  EXPECT_EQ(count(svg, "prefers-color-scheme: dark"), 1U);
}

TEST(LrPicture, TakesAnyCurveAndAnyTitle) {
  train::LrCurve none;
  train::LrCurve wild = curve_of(0);
  wild.answer = train::LrAnswer::no_fall, wild.suggestion = 0;
  wild.points[3].smoothed = std::numeric_limits<double>::max();
  for (const train::LrCurve& curve : {none, wild, curve_of(1e-5)}) {
    const std::string svg = lr_picture(curve, "a <b> & \"c\"\n\xff");
    EXPECT_TRUE(well_formed(svg)) << svg;
    EXPECT_NE(svg.find("<title id=\"title\">a &lt;b&gt; &amp; &quot;c&quot;\\x0a\\xff</title>"), svg.npos) << svg;
    for (const char* word : {"nan", "inf", "e+"}) EXPECT_EQ(svg.find(word), svg.npos) << svg;
  }
}

TEST(LrPicture, SaysWhatACurveSays) {
  EXPECT_EQ(sentence_of(curve_of(0.1)), "start with --lr 1.0e-03, where the loss has fallen by 10 %; from 1.0e-01 on the sweeps diverge");
  train::LrCurve curve{.start = 0.0123, .guessing = 0.693, .answer = train::LrAnswer::learnt, .diverges = 1.6};
  EXPECT_EQ(sentence_of(curve),
            "no clear answer: the loss is 0.012 before the first step, and guessing has 0.693; from 1.6e+00 on the sweeps diverge");
  curve.answer = train::LrAnswer::no_fall, curve.diverges = 0;
  EXPECT_EQ(sentence_of(curve), "no clear answer: the loss never falls beyond chance; no sweep diverges");
}

}  // namespace
}  // namespace graft::fit
