// --sources: which pretrained network to begin from, by what a head on its frozen features says of the training photos.
#pragma once

#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "graft/fit/job/state.h"

namespace graft::fit {

/// One of --sources: a name of the registry or several with + between, or an ONNX file; of one name perhaps a file with weights of its own (NAME=FILE).
struct SourceName {
  std::string backbone;
  std::optional<std::filesystem::path> weights = {};

  std::string text() const;  // as in tables: "squeezenet1_1", "resnet18=mine.pth"
};

/// Those that the options name, in their order; `all`: every network whose weights are here. Error (usage) for a name that is none, one given
/// twice, and options that say the network otherwise; Error (data) for one whose weights are not here, unless --download is given.
std::vector<SourceName> sources_of(const Configured<FitConfig>& config);

/// What was found of a source. Log losses are of held-out photos, in nats.
struct SourceScore {
  SourceName source;
  Size size;                                       // of its input
  std::size_t features;                            // numbers that the head sees
  bool every_stage;                                // whether these are also the averages of its stages, by cross-validation
  double bytes;                                    // of the file with it
  double seconds;                                  // an image takes on this machine, alone and without its reading, at its fastest of several
  int64_t multiply_adds;                           // an image; 0 where they are not known
  double accuracy;                                 // of the head by cross-validation
  std::vector<double> held_out;                    // log loss of each photo; NaN of one that was held out nowhere
  bool joined = false;                             // several networks side by side (graph/join.h)
  std::optional<double> logme = {}, h_score = {};  // of its last features (head/transferability.h); nothing where photos have several classes

  double log_loss = 0, error = 0;       // mean over the photos and its standard error
  double behind = 0, behind_error = 0;  // how much higher that is than the best one's, photo by photo
  bool within = true;                   // the limits
  bool front = false;                   // no other has as low a log loss in as little time with as small a file
};

/// Photos' weights, empty: all 1; and the unit that each is of, of which photos are not independent (data::units_of).
struct PhotosJudged {
  std::vector<double> weights;
  std::vector<std::string> units;
};
/// These photos without the unreadable ones, whose numbers ascend.
PhotosJudged judged_photos(const Job& job, const std::vector<data::Sample>& photos, const std::vector<std::size_t>& unreadable);

struct Limits {
  std::optional<double> seconds = {}, bytes = {};
};
/// Of --latency and --model-size. Error (usage) for what is neither, and for limits without --sources.
Limits limits_of(const FitConfig& config);

struct SourceChoice {
  std::vector<SourceScore> scores;  // as they were named
  std::size_t photos = 0;
  int folds = 0;
  std::size_t best = 0, chosen = 0;  // of the lowest log loss within the limits, of single networks where there are any, and the one to take
};

/// How much lower a join's log loss must be than the best single network's.
inline constexpr double kWorthJoining = 0.01;

/// Judges and chooses: of the sources within the limits the cheapest whose log loss is less than one standard error, of its difference to the
/// lowest photo by photo, above that (the one-standard-error rule of Breiman et al. 1984). The cheaper needs fewer multiply-adds; where these are
/// not known of all, the smaller file. Networks that are joined cost the sum of them, so a join is taken only where its log loss is lower than the
/// best single network's beyond doubt (1.96 standard errors of the difference) and by at least kWorthJoining. Error (usage) that names the nearest where
/// none is within the limits.
void decide(SourceChoice& choice, const PhotosJudged& judged, const Limits& limits);

/// The two networks of the registry to try as one: those whose averaged answers have the lowest log loss, the better one first. Nothing where there are
/// not two, where both together are above a limit, or where their join is among the scores. Of scores that were decided.
std::optional<SourceName> pair_to_join(const SourceChoice& choice, const PhotosJudged& judged, const Limits& limits);

/// Runs the sources over at most 2,000 training photos, the same for all with the same folds, groups held out together, and then the pair to join, unless a strategy is named that trains more than the head. What cannot be opened is an
/// error where it was named, and left out with a note of --sources all. Errors as open_backbone and decide; Error (data) with too few photos for
/// cross-validation.
SourceChoice compare_sources(Job& job);

/// The same of the photos that the options name, for those who want to know and train nothing.
SourceChoice compare_sources(Configured<FitConfig>& config, const Listener& listener = {});

/// Where --sources is given: compares, says what was found, and writes backbone (and weights) into the options, from which --sources and its limits
/// are then gone. The record is for history.json.
void choose_source(Job& job);

/// Why it was taken: "the lowest cross-validated log loss of 3 sources on 244 photos, 0.1402".
std::string reason_of(const SourceChoice& choice);

/// A table of the scores, and below it of what limits cost.
std::string to_table(const SourceChoice& choice);
nlohmann::ordered_json to_json(const SourceChoice& choice);

}  // namespace graft::fit
