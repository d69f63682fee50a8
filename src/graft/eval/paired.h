// Which of two models is better, from their answers on the same photos, or from several runs of each. `study` bases its verdicts on this.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "graft/eval/evaluation.h"

namespace graft::eval {

/// Two models on the same photos.
struct Paired {
  long count, only_first, only_second;  // photos; those that only one of them gets right
  double difference;                    // accuracy of the first minus the second's
  /// Of that, 95 %: percentiles of 10,000 bootstrap samples of the images (Efron 1979) and one more that only the first, and only the second, has right
  /// (Bonett and Price 2012), so that equal answers to few images are not taken for equal models. The same each time.
  Interval interval;
  double p;  // McNemar's exact test (1947): two-sided, binomial, on the images that only one has right; 1 where there are none
};
/// right[i]: whether the answer for photo i was right. Different sizes or no photo are std::logic_error.
Paired compare(const std::vector<bool>& first, const std::vector<bool>& second);

/// Of a number of each image, such as its log loss, from two models: mean and standard error of first - second, the error infinite of a single image.
struct LossDifference {
  double mean, error;
};
LossDifference difference_of(std::span<const double> first, std::span<const double> second);

/// One number from several runs.
struct Mean {
  std::size_t count;
  double mean, deviation;  // sample standard deviation; 0 of a single run
  double of_runs;          // variance of the mean by what the runs differ in
  Interval interval;       // of the mean, 95 %, by Student's t; the whole line if nothing is known about its error
  double p;                // that the true mean is 0, two-sided; then 1. No deviation: 0, or 1 where the mean is 0, too
};
/// `overlap`: validation images / training images where each run has a validation part of its own out of the same photos. Such runs share most of
/// their training photos; their variance is corrected as Nadeau and Bengio (2003) do. 0: independent runs.
/// `of_images`: variance that the mean has besides, because all runs are judged on the same few images (image_variance); the degrees of freedom are
/// then Welch's (1947). It makes an interval of a single run, too. No value is std::logic_error.
Mean mean_of(std::span<const double> values, double overlap = 0, double of_images = 0);

/// Variance of a mean over images, from what it is of each: sample variance / images, of these and one more at either end of what is possible, so that
/// it is never 0 (Bonett and Price 2012).
double image_variance(std::span<const double> values, Interval range);

/// Variance of a number that is computed of all images at once, by leaving each out (the jackknife, Tukey 1958), of more than 100 images a hundredth of
/// them, every hundredth. `without(left)`: the number without those i that left[i] is true for. At least two images, else std::logic_error.
double jackknife_variance(std::size_t images, const std::function<double(const std::vector<bool>& left)>& without);

/// Probability that Student's t with this many degrees of freedom is at most x: the finite sums of Abramowitz and Stegun 26.7.3 and 26.7.4.
double student_t(double x, int degrees);

/// p values of several tests made together, corrected for their number (Holm 1979): compare them with 0.05.
std::vector<double> holm(std::span<const double> p);

}  // namespace graft::eval
