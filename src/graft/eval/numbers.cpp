#include "graft/eval/numbers.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

namespace graft::eval {
namespace {

constexpr double kUndefined = std::numeric_limits<double>::quiet_NaN();

double quotient(double part, double whole) { return whole == 0 ? kUndefined : part / whole; }
double or_zero(double value) { return std::isnan(value) ? 0 : value; }

double precision_of(const ClassTally& c) { return quotient(c.right, c.predicted); }
double recall_of(const ClassTally& c) { return quotient(c.right, c.support); }
double f1_of(const ClassTally& c) { return quotient(2 * c.right, c.support + c.predicted); }
double auroc_of(const ClassTally& c) { return c.auroc; }
double average_precision_of(const ClassTally& c) { return c.average_precision; }

using OfClass = double (*)(const ClassTally&);

bool occurs(const ClassTally& c) { return c.support + c.predicted > 0; }

/// Over the classes that have it. As scikit-learn's `macro` of AUROC and average precision of those columns.
template <OfClass kNumber>
double mean_where_defined(const Tally& t) {
  double sum = 0, count = 0;
  for (const ClassTally& c : t.classes) {
    const double value = kNumber(c);
    if (std::isnan(value)) continue;
    sum += value;
    count += 1;
  }
  return quotient(sum, count);
}

/// Over the classes that occur in labels or answers, 0 where it is not defined: scikit-learn's `macro` of precision, recall and F1.
template <OfClass kNumber>
double macro(const Tally& t) {
  double sum = 0, count = 0;
  for (const ClassTally& c : t.classes) {
    if (!occurs(c)) continue;
    sum += or_zero(kNumber(c));
    count += 1;
  }
  return quotient(sum, count);
}

/// By the photos of each class that has it: scikit-learn's `weighted`. Precision and F1 are 0 where nothing is predicted.
template <OfClass kNumber, bool kZero>
double weighted(const Tally& t) {
  double sum = 0, count = 0;
  for (const ClassTally& c : t.classes) {
    const double value = kZero ? or_zero(kNumber(c)) : kNumber(c);
    if (c.support == 0 || std::isnan(value)) continue;
    sum += c.support * value;
    count += c.support;
  }
  return quotient(sum, count);
}

ClassTally all_classes(const Tally& t) {
  ClassTally all;
  for (const ClassTally& c : t.classes) {
    all.support += c.support;
    all.predicted += c.predicted;
    all.right += c.right;
  }
  return all;
}

template <OfClass kNumber>
double micro(const Tally& t) {
  return kNumber(all_classes(t));
}

double accuracy(const Tally& t) { return quotient(t.right, t.photos); }
Proportion right_photos(const Tally& t) { return {t.right, t.photos}; }

/// Products of how often each class is there and is said, summed, over the square of the photos.
double chance(const Tally& t) {
  double sum = 0;
  for (const ClassTally& c : t.classes) sum += c.support * c.predicted;
  return sum / (t.photos * t.photos);
}

/// Cohen 1960.
double kappa(const Tally& t) {
  const double expected = chance(t);
  return quotient(accuracy(t) - expected, 1 - expected);
}

/// Gorodkin 2004.
double mcc(const Tally& t) {
  double there = 0, said = 0;
  for (const ClassTally& c : t.classes) {
    there += c.support * c.support;
    said += c.predicted * c.predicted;
  }
  const double all = t.photos * t.photos;
  return quotient(t.right * t.photos - chance(t) * all, std::sqrt(all - there) * std::sqrt(all - said));
}

double hamming(const Tally& t) { return t.wrong / (t.photos * static_cast<double>(t.classes.size())); }

}  // namespace

const std::vector<Number>& numbers_of(data::SingleLabel /*task*/) {
  static const std::vector<Number> list{
      {{"accuracy", "accuracy"}, "accuracy", true, accuracy, right_photos, true},
      {{"balanced-accuracy", "balanced accuracy"}, "balanced_accuracy", true, mean_where_defined<recall_of>, nullptr, true},
      {{"top-k", "top-k accuracy"},
       "top_k",
       false,
       [](const Tally& t) { return t.in_top / t.photos; },
       [](const Tally& t) {
         return Proportion{t.in_top, t.photos};
       },
       true},
      {{"macro-f1", "macro F1"}, "macro_f1", true, macro<f1_of>},
      {{"macro-precision", "macro precision"}, "macro_precision", false, macro<precision_of>},
      {{"macro-recall", "macro recall"}, "macro_recall", false, macro<recall_of>},
      {{"weighted-f1", "weighted F1"}, "weighted_f1", false, weighted<f1_of, true>},
      {{"weighted-precision", "weighted precision"}, "weighted_precision", false, weighted<precision_of, true>},
      {{"weighted-recall", "weighted recall"}, "weighted_recall", false, weighted<recall_of, true>, right_photos},
      {{"auroc", "AUROC"}, "auroc", true, mean_where_defined<auroc_of>},
      {{"weighted-auroc", "weighted AUROC"}, "weighted_auroc", false, weighted<auroc_of, false>},
      {{"average-precision", "average precision"}, "average_precision", false, mean_where_defined<average_precision_of>},
      {{"weighted-average-precision", "weighted average precision"}, "weighted_average_precision", false, weighted<average_precision_of, false>},
      {{"kappa", "Cohen's kappa", true, -1}, "kappa", true, kappa},
      {{"mcc", "Matthews correlation", true, -1}, "mcc", true, mcc},
      {{"log-loss", "log loss", false}, "log_loss", true, [](const Tally& t) { return t.log_loss; }},
      {{"brier", "Brier score", false}, "brier", true, [](const Tally& t) { return t.brier; }},
      {{"ece", "calibration error", false}, "ece", true, [](const Tally& t) { return t.ece; }},
      {{"adaptive-ece", "adaptive calibration error", false}, "adaptive_ece", false, [](const Tally& t) { return t.adaptive_ece; }}};
  return list;
}

const std::vector<Number>& numbers_of(data::MultiLabel /*task*/) {
  static const std::vector<Number> list{
      {{"map", "mean average precision"}, "mean_average_precision", true, mean_where_defined<average_precision_of>},
      {{"weighted-map", "weighted average precision"}, "weighted_average_precision", false, weighted<average_precision_of, false>},
      {{"micro-f1", "micro F1"}, "micro_f1", true, [](const Tally& t) { return or_zero(micro<f1_of>(t)); }},
      {{"macro-f1", "macro F1"}, "macro_f1", true, [](const Tally& t) { return or_zero(macro<f1_of>(t)); }},
      {{"weighted-f1", "weighted F1"}, "weighted_f1", false, weighted<f1_of, true>},
      {{"micro-precision", "micro precision"}, "micro_precision", false, micro<precision_of>},
      {{"micro-recall", "micro recall"}, "micro_recall", false, micro<recall_of>},
      {{"macro-precision", "macro precision"}, "macro_precision", false, macro<precision_of>},
      {{"macro-recall", "macro recall"}, "macro_recall", false, macro<recall_of>},
      {{"accuracy", "accuracy"}, "subset_accuracy", true, accuracy, right_photos, true},
      {{"balanced-accuracy", "balanced accuracy"}, "balanced_accuracy", true, mean_where_defined<recall_of>, nullptr, true},
      {{"auroc", "AUROC"}, "auroc", true, mean_where_defined<auroc_of>},
      {{"weighted-auroc", "weighted AUROC"}, "weighted_auroc", false, weighted<auroc_of, false>},
      {{"hamming-loss", "Hamming loss", false}, "hamming_loss", false, hamming},
      {{"log-loss", "log loss", false}, "log_loss", true, [](const Tally& t) { return t.log_loss; }},
      {{"brier", "Brier score", false}, "brier", true, [](const Tally& t) { return t.brier; }},
      {{"ece", "calibration error", false}, "ece", true, [](const Tally& t) { return t.ece; }},
      {{"adaptive-ece", "adaptive calibration error", false}, "adaptive_ece", false, [](const Tally& t) { return t.adaptive_ece; }}};
  return list;
}

const std::vector<Number>& numbers_of(const data::Task& task) {
  return std::visit([](const auto& t) -> const std::vector<Number>& { return numbers_of(t); }, task);
}

const Number& number_named(const data::Task& task, std::string_view name) {
  for (const Number& number : numbers_of(task))
    if (number.kind.name == name) return number;
  throw std::logic_error("eval: the task has no number " + std::string(name));
}

double value_of(const data::Task& task, const Tally& tally, std::string_view name) { return number_named(task, name).value(tally); }

const std::array<ClassNumber, kClassNumbers>& class_numbers() {
  static const std::array<ClassNumber, kClassNumbers> list{{{"precision", "precision", precision_of,
                                                             [](const ClassTally& c) {
                                                               return Proportion{c.right, c.predicted};
                                                             }},
                                                            {"recall", "recall", recall_of,
                                                             [](const ClassTally& c) {
                                                               return Proportion{c.right, c.support};
                                                             }},
                                                            {"f1", "F1", f1_of},
                                                            {"auroc", "AUROC", auroc_of},
                                                            {"average_precision", "average precision", average_precision_of}}};
  return list;
}

}  // namespace graft::eval
