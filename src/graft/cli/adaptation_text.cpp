#include "graft/cli/adaptation_text.h"

#include <fmt/format.h>

#include <cmath>

#include "graft/base/text.h"
#include "graft/cli/terminal.h"

namespace graft::cli {
namespace {

/// "-" of what is not known.
std::string percent(double part) { return std::isnan(part) ? "-" : fmt::format("{:.1f} %", 100 * part); }

std::string row_of(const fit::MethodFacts& m) {
  return fmt::format("{:<12}{:>9}{:>9}{:>13.3f}{:>9.3f}{:>8}{:>11}", m.name, percent(m.source_accuracy), percent(m.back), m.information, m.density,
                     m.risk ? fmt::format("{:.2f}", m.risk->risk) : "-", m.by_labels ? percent(m.by_labels->value()) : "");
}

std::string epochs_text(const fit::EpochChoice& e) {
  const auto right = [&](const fit::EpochChoice::Epoch& epoch) { return epoch.target_accuracy ? ", " + percent(*epoch.target_accuracy) : ""; };
  std::string text =
      fmt::format("weights of epoch {} of {}, chosen by the answers for the target's photos (information {:.3f}{}; last epoch {:.3f}{}",
                  e.kept.number, e.last.number, e.kept.information, right(e.kept), e.last.information, right(e.last));
  if (e.best_by_labels) text += fmt::format("; best by labels: epoch {}{}", e.best_by_labels->number, right(*e.best_by_labels));
  return text + ")";
}

std::string table_of(const fit::Adaptation& a) {
  std::string text = fmt::format("{:<12}{:>9}{:>9}{:>13}{:>9}{:>8}{:>11}", "method", "source", "back", "information", "density", "risk",
                                 a.test_photos > 0 ? "by labels" : "");
  text = std::string(trim(text)) + "\n";
  for (const fit::MethodFacts& m : a.methods) text += std::string(trim(row_of(m))) + "\n";
  return text;
}

}  // namespace

std::string adaptation_text(const fit::Adaptation& a) {
  std::string text;
  if (a.test)
    text = fmt::format("\non the {} test photos of the target\n", with_commas(static_cast<long long>(a.test_photos))) + eval::to_table(*a.test);
  const std::string source = a.source_photos == 0 ? "the run alone" : fmt::format("{} photos", with_commas(static_cast<long long>(a.source_photos)));
  text += fmt::format("\nadapted from {} to {} unlabeled photos of the target\n", source, with_commas(static_cast<long long>(a.target_photos)));
  text += table_of(a) + wrapped(fmt::format("chosen: {} ({})", a.taken().name, a.reason));
  if (a.shift)
    text += wrapped(fmt::format("A-distance between source and target: {:.2f} (0: cannot be told apart, 2: always told apart){}", a.shift->before,
                                a.shift->after == a.shift->before ? "" : fmt::format(", after alignment {:.2f}", a.shift->after)));
  if (a.epochs) text += wrapped(epochs_text(*a.epochs));
  for (const std::string& warning : a.warnings) text += wrapped("warning: " + warning);
  if (a.test_photos == 0) return text;
  const fit::MethodFacts& best = a.best_by_labels();
  return text + wrapped(fmt::format("on labeled photos of the target: chosen {}, best {} ({}), none {}", percent(a.taken().by_labels->value()),
                                    percent(best.by_labels->value()), best.name, percent(a.methods.front().by_labels->value())));
}

}  // namespace graft::cli
