// --sources: which pretrained network to start from, by how a head on its frozen features does on the training photos.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "graft/fit/job/state.h"

namespace graft::fit {

/// One of --sources: a name of the registry, or several joined by +, or an ONNX file; a single name may have its own weights file (NAME=FILE).
struct SourceName {
  std::string backbone;
  std::optional<std::filesystem::path> weights = {};

  std::string text() const;  // as in tables: "squeezenet1_1", "resnet18=mine.pth"
};

/// The sources that the options name, in order; `all`: every network whose weights are here. Error (usage) for an unknown name, one
/// given twice, and other options that name the network; Error (data) for one whose weights are not here, unless --download is given.
std::vector<SourceName> sources_of(const Configured<FitConfig>& config);

/// What was found about a source. Log losses are those of held-out photos, in nats.
struct SourceScore {
  SourceName source;
  Size size;                                       // of its input
  std::size_t features;                            // numbers that the head sees
  bool every_stage;                                // whether these are also the averages of its stages, by cross-validation
  double bytes;                                    // of the file with it
  double seconds;                                  // for one photo on this machine, without reading its file, the fastest of several
  int64_t multiply_adds;                           // per photo; 0 if unknown
  double accuracy;                                 // of the head by cross-validation
  std::vector<double> held_out;                    // log loss of each photo; NaN if it was never held out
  bool joined = false;                             // several networks side by side (graph/join.h)
  std::optional<double> logme = {}, h_score = {};  // of its last features (head/transferability.h); nothing where photos have several classes

  double log_loss = 0, error = 0;       // mean over the photos and its standard error
  double behind = 0, behind_error = 0;  // how much higher that is than the best one's, photo by photo
  bool within = true;                   // the limits
  bool front = false;                   // no other source is as good in log loss, time and file size at once
};

/// The photos' weights (empty: all 1), and the unit of each photo; photos of one unit are not independent (data::units_of).
struct PhotosJudged {
  std::vector<double> weights;
  std::vector<std::string> units;
};
/// These photos without the unreadable ones, whose numbers ascend.
PhotosJudged judged_photos(const Job& job, const std::vector<data::Sample>& photos, const std::vector<std::size_t>& unreadable);

struct Limits {
  std::optional<double> seconds = {}, bytes = {};
};
/// The limits of --latency and --model-size. Error (usage) for invalid values, and for limits without --sources.
Limits limits_of(const FitConfig& config);

struct SourceChoice {
  std::vector<SourceScore> scores;  // as they were named
  std::size_t photos = 0;
  int folds = 0;
  std::size_t best = 0, chosen = 0;  // of the lowest log loss within the limits, of single networks where there are any, and the one to take
};

/// How much lower a join's log loss must be than the best single network's.
inline constexpr double kWorthJoining = 0.01;

/// Compares and chooses: of the sources within the limits, the cheapest one whose log loss is less than one standard error above
/// the lowest, where the error is that of the difference photo by photo (the one-standard-error rule of Breiman et al. 1984).
/// Cheaper means fewer multiply-adds, or a smaller file if these are not known for all. A join costs as much as its networks
/// together, so it is taken only if its log loss is lower than that of the best single network beyond doubt (1.96 standard
/// errors of the difference) and by at least kWorthJoining. Error (usage) if none is within the limits, naming the nearest.
void decide(SourceChoice& choice, const PhotosJudged& judged, const Limits& limits);

/// The two networks of the registry to try as a join: those whose averaged answers have the lowest log loss, the better one first.
/// Nothing if there are not two, if both together exceed a limit, or if their join already has a score. Call it after decide().
std::optional<SourceName> pair_to_join(const SourceChoice& choice, const PhotosJudged& judged, const Limits& limits);

/// Runs the sources over at most 2,000 training photos, the same for all with the same folds, groups held out together, and then the pair to join, unless a strategy is named that trains more than the head. What cannot be opened is an
/// error where it was named, and left out with a note of --sources all. Errors as open_backbone and decide; Error (data) with too few photos for
/// cross-validation.
SourceChoice compare_sources(Job& job);

/// The same for the photos that the options name, without training anything.
SourceChoice compare_sources(Configured<FitConfig>& config, const Listener& listener = {});

/// If --sources is given: compares the sources, reports the result, and writes backbone (and weights)
/// into the options, from which it removes --sources and its limits. The record is for history.json.
void choose_source(Job& job);

/// Why it was chosen: "the lowest cross-validated log loss of 3 sources on 244 photos, 0.1402".
std::string reason_of(const SourceChoice& choice);

/// A table of the scores, and below it of what limits cost.
std::string to_table(const SourceChoice& choice);
nlohmann::ordered_json to_json(const SourceChoice& choice);

}  // namespace graft::fit
