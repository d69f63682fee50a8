#include "graft/doctor/finding.h"

#include <array>

namespace graft::doctor {
namespace {

constexpr std::array kKinds = {
    KindRow{Kind::unreadable, Severity::error, "unreadable", "cannot be read", "Get the files again, or move them out of the data: --fix move DIR."},
    KindRow{Kind::exact_leak, Severity::error, "exact-leak", "the same picture in several parts",
            "An accuracy on these photos says nothing about new ones. Move the copies out of training: --fix move DIR, or graft fit --dedupe."},
    KindRow{Kind::near_leak, Severity::error, "near-leak", "almost the same picture in several parts",
            "An accuracy on these photos says little about new ones. Look at them, and move the copies out of training: --fix move DIR --take near, "
            "or graft fit --dedupe-near."},
    KindRow{Kind::divided_group, Severity::error, "divided-group", "photos of one group in several parts",
            "Put each group into one part; graft fit does so by itself when it holds out the validation part."},
    KindRow{Kind::exact_conflict, Severity::error, "exact-conflict", "the same picture under two labels",
            "Only a person can tell which label is right: look at them and remove the wrong one."},
    KindRow{Kind::near_conflict, Severity::warning, "near-conflict", "almost the same picture under two labels",
            "Look at them: one label may be wrong."},
    KindRow{Kind::shortcut, Severity::warning, "shortcut", "shortcuts: something other than the subject gives the class away",
            "The model may learn it instead of the subject. Take and save the photos of all classes in the same way."},
    KindRow{Kind::exact_copies, Severity::warning, "exact-copies", "the same picture several times",
            "Copies count twice, and may end up on both sides when a validation part is held out. Move them out of the data: --fix move DIR."},
    KindRow{Kind::near_copies, Severity::warning, "near-copies", "almost the same picture several times",
            "They may end up on both sides when a validation part is held out. Keep them in one part, or look at them and move them out of the data: "
            "--fix move "
            "DIR --take near."},
    KindRow{Kind::look_alikes, Severity::note, "look-alikes", "photos that look alike, in a data set where many do",
            "They may be neighbors in a series, or copies: look at them. Keep what belongs together in one part: --group-from-name, --group-column."},
    KindRow{Kind::suspicious_label, Severity::warning, "suspicious-label", "labels that may be wrong",
            "Look at them, in this order, and correct the labels that are wrong."},
    KindRow{Kind::few_photos, Severity::warning, "few-photos", "classes with few photos",
            "Add photos, or merge classes; numbers measured on so few photos are little more than chance."},
    KindRow{Kind::imbalance, Severity::note, "imbalance", "some classes are much larger than others",
            "Look at the recall of each class, not only at the accuracy; graft fit --imbalance auto helps if the small classes matter as much."},
    KindRow{Kind::mistyped, Severity::warning, "mistyped", "the content is not in the format that the file's extension says",
            "graft reads them by their content; other programs may not. Rename them."},
    KindRow{Kind::uniform, Severity::warning, "uniform", "almost of one color", "Look at them: they may show nothing."},
    KindRow{Kind::tiny, Severity::warning, "tiny", "very small", "Check whether they are thumbnails, and get the originals."},
    KindRow{Kind::extreme_aspect, Severity::warning, "extreme-aspect", "very long or very tall",
            "The network sees only a square cut out of their middle. Crop them, or train with --resize equal to --size."},
    KindRow{Kind::colour_mixture, Severity::note, "color-mixture", "gray, CMYK or transparent pictures among others",
            "graft converts all of them to RGB. If the kind differs between classes, the model may learn it."},
    KindRow{Kind::turned, Severity::note, "turned", "rotated by EXIF",
            "graft rotates them upright; some programs (OpenCV, torchvision) do not. Save them upright if you use such a program."},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kKinds.size(); ++i)
    if (kKinds[i].kind != static_cast<Kind>(i)) return false;
  return true;
}
static_assert(in_order() && kKinds.size() == static_cast<std::size_t>(Kind::turned) + 1);

}  // namespace

std::span<const KindRow> kinds() { return kKinds; }

const KindRow& row_of(Kind kind) { return kKinds[static_cast<std::size_t>(kind)]; }

std::string_view to_string(Severity severity) { return severity == Severity::error ? "error" : severity == Severity::warning ? "warning" : "note"; }

}  // namespace graft::doctor
