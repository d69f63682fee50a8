// One way to find maps, of a network that sees one view of a picture: what a method of `explain` is to write.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "graft/explain/explainer.h"
#include "graft/explain/network.h"

namespace graft::explain {

struct Question {
  std::size_t photo, label;
};

/// What is known of some photos once the network has seen them.
class Seen {
 public:
  virtual ~Seen() = default;
  std::vector<float> logits;         // (n, classes)
  std::vector<float> features = {};  // (n, width), what the last layer reads, where the method sees it
  /// Of each question, in their order. Called once, and after it the Attribution may be asked again.
  virtual std::vector<HeatMap> maps(std::span<const Question> questions) = 0;
  std::vector<std::string> notes;  // filled by maps(): of each question what its map is not to be trusted for, or ""; none at all: nothing of any
};

/// A network that is asked by one method. A Seen does not outlive it.
class Attribution {
 public:
  virtual ~Attribution() = default;
  virtual std::size_t batch() const = 0;  // the most photos that look() takes
  /// rows: (n, H, W, C) bytes.
  virtual std::unique_ptr<Seen> look(std::span<const uint8_t> rows, std::size_t n) = 0;
};

/// A row of the table of methods (ways.cpp).
struct Way {
  Method method;
  bool one_view;   // it sees a picture or its mirror image, not both
  bool by_itself;  // taken where nobody names a method and none before it suits
  bool gradients;  // it takes libgraft_train.so
  /// Why it does not suit the network, after "because "; empty where it does.
  std::string (*why_not)(const Network& network);
  /// Of a network that it suits; the precision is no longer automatic.
  std::unique_ptr<Attribution> (*open)(const Network& network, const ExplainOptions& options);
};

std::span<const Way> ways();
/// Of that method; for automatic the first that suits. Error (usage) for one that does not suit, or is none of them, with those that do.
const Way& way_for(const Network& network, Method method);

std::string why_no_cam(const Network& network);
std::unique_ptr<Attribution> open_cam(const Network& network, const ExplainOptions& options);
std::string why_no_reciprocam(const Network& network);
std::unique_ptr<Attribution> open_reciprocam(const Network& network, const ExplainOptions& options);
std::string why_no_rollout(const Network& network);
std::unique_ptr<Attribution> open_rollout(const Network& network, const ExplainOptions& options);
std::string why_no_occlusion(const Network& network);
std::unique_ptr<Attribution> open_occlusion(const Network& network, const ExplainOptions& options);

std::string why_no_last_map(const Network& network);
std::unique_ptr<Attribution> open_grad_cam(const Network& network, const ExplainOptions& options);
std::unique_ptr<Attribution> open_grad_cam_plus_plus(const Network& network, const ExplainOptions& options);
std::unique_ptr<Attribution> open_layer_cam(const Network& network, const ExplainOptions& options);

std::string why_no_gradients(const Network& network);
std::unique_ptr<Attribution> open_integrated_gradients(const Network& network, const ExplainOptions& options);

}  // namespace graft::explain
