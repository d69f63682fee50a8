// The interface of a method of `explain`: it makes maps for a network that sees one view of a picture.
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

/// What is known about some photos once the network has run on them.
class Seen {
 public:
  virtual ~Seen() = default;
  std::vector<float> logits;         // (n, classes)
  std::vector<float> features = {};  // (n, width), what the last layer reads, where the method sees it
  /// A map for each question, in order. Call it once; then the Attribution may be used again.
  virtual std::vector<HeatMap> maps(std::span<const Question> questions) = 0;
  std::vector<std::string> notes;  // filled by maps(): for each question why its map may be wrong, or ""; empty: all maps are fine
};

/// A network together with one method. A Seen must not outlive it.
class Attribution {
 public:
  virtual ~Attribution() = default;
  virtual std::size_t batch() const = 0;  // the largest number of photos for look()
  /// rows: (n, H, W, C) bytes.
  virtual std::unique_ptr<Seen> look(std::span<const uint8_t> rows, std::size_t n) = 0;
};

/// A row of the table of methods (ways.cpp).
struct Way {
  Method method;
  bool one_view;   // it works on a picture or its mirror image, not on both
  bool by_itself;  // chosen automatically if none before it suits
  bool gradients;  // it needs libgraft_train.so
  /// Why it does not suit the network, to be read after "because "; empty if it suits.
  std::string (*why_not)(const Network& network);
  /// For a network that it suits; the precision must not be automatic any more.
  std::unique_ptr<Attribution> (*open)(const Network& network, const ExplainOptions& options);
};

std::span<const Way> ways();
/// The row of that method; for automatic the first that suits. Error (usage) for a method that does not suit, naming those that do.
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
