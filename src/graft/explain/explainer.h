// Where a model looks: for a photo and a class, how much each part of the picture speaks for the class.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graft/artifact/model.h"
#include "graft/base/config.h"
#include "graft/explain/heat_map.h"

namespace graft::explain {

/// How a map is made. The structure of the network decides which methods suit it; no layer needs to be named.
enum class Method {
  automatic,           // cam where it is exact, else reciprocam, else (a network from elsewhere) occlusion
  cam,                 // class activation map (Zhou et al. 2016): exact where a linear layer follows the average of the last map, or of every stage's
  reciprocam,          // ReciproCAM (Byun and Lee 2022, arXiv 2209.14074), of tokens ViT-ReciproCAM (2023, arXiv 2310.02588)
  rollout,             // attention rollout (Abnar and Zuidema 2020), of transformers; the same for all classes
  occlusion,           // of the picture itself (Zeiler and Fergus 2014): asks the model and nothing else
  grad_cam,            // Selvaraju et al. 2017, of the last maps, without the paper's ReLU
  grad_cam_plus_plus,  // Chattopadhay et al. 2018
  layer_cam,           // Jiang et al. 2021
  integrated_gradients,  // Sundararajan et al. 2017
};

/// As options name them, in the order above.
inline const names<Method> kMethods{{"auto", Method::automatic},
                                    {"cam", Method::cam},
                                    {"reciprocam", Method::reciprocam},
                                    {"rollout", Method::rollout},
                                    {"occlusion", Method::occlusion},
                                    {"grad-cam", Method::grad_cam},
                                    {"grad-cam++", Method::grad_cam_plus_plus},
                                    {"layer-cam", Method::layer_cam},
                                    {"integrated-gradients", Method::integrated_gradients}};
std::string name_of(Method method);
/// What its map tells, for people: "by how much the class's logit falls where the place is hidden (occlusion)".
std::string about(Method method);

/// Where the path of integrated gradients begins.
enum class Baseline {
  black,
  blurred,  // the photo, by a Gaussian of a tenth of its shorter side
};
inline const names<Baseline> kBaselines{{"black", Baseline::black}, {"blurred", Baseline::blurred}};

/// Integrated gradients: the first number of steps on the path, doubled until the map sums to the difference
/// of the logits within a tolerance (relative to 1 if the difference is smaller), and the largest number.
inline constexpr int kIntegrationSteps = 32, kMostIntegrationSteps = 256;
inline constexpr double kIntegrationTolerance = 0.05;

struct ClassMap {
  std::size_t label = 0;
  HeatMap map;
  std::string note = {};  // why it may be wrong; usually empty
};

struct Explained {
  std::vector<float> logits;                // (photos, classes)
  std::vector<std::vector<ClassMap>> maps;  // for each photo, the classes that were asked for, in order
  std::vector<float> features = {};         // (photos, width), what the last layer reads; none where the method does not see it
};

/// Which classes of a photo are to be explained, by its logits.
using Which = std::function<std::vector<std::size_t>(std::span<const float> logits)>;

struct ExplainOptions {
  Method method = Method::automatic;
  engine::Precision precision = engine::Precision::automatic;  // as artifact::SessionOptions
  int threads = 1;
  int batch = 16;  // pictures at once, at most
  Baseline baseline = Baseline::black;
};

class Attribution;
struct Network;

/// Makes the maps of a model; for one thread at a time.
class Explainer {
 public:
  /// `mirror`: the model's answer is the mean over a picture and its mirror image, and `attribution` sees one of them. Made by open_explainer.
  Explainer(artifact::ModelCard card, Method method, std::unique_ptr<Attribution> attribution, bool mirror);
  ~Explainer();

  const artifact::ModelCard& card() const { return card_; }
  Method method() const { return method_; }  // which was taken: not automatic

  /// rows: (n, H, W, C) bytes as Preprocess makes them, any n. A mirrored model's map is the mean of both views', the second turned back.
  Explained explain(std::span<const uint8_t> rows, std::size_t n, const Which& which);

 private:
  const artifact::ModelCard card_;
  const Method method_;
  const std::unique_ptr<Attribution> attribution_;
  const bool mirror_;
};

/// `model`: a run folder or a model.onnx. Errors (data) as artifact::open_model; (usage) for a method that does not suit the network, naming those that do.
std::unique_ptr<Explainer> open_explainer(const std::filesystem::path& model, const ExplainOptions& options);
/// The same for a network that is already open (network.h).
std::unique_ptr<Explainer> open_explainer(const Network& network, const ExplainOptions& options);

}  // namespace graft::explain
