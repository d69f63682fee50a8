#include "graft/explain/explainer.h"

namespace graft::explain {

std::string about(Method method) {
  switch (method) {
    case Method::automatic: break;
    case Method::cam: return "what each place adds to the class's logit (CAM; all places and the bias sum to it exactly)";
    case Method::reciprocam: return "what each place of the last map alone would add to the class's logit (ReciproCAM)";
    case Method::rollout: return "which places the attention reaches, the same for every class (attention rollout)";
    case Method::occlusion: return "by how much the class's logit falls where the place is hidden (occlusion)";
    case Method::grad_cam: return "channels of the last map, weighted by their mean gradients (Grad-CAM)";
    case Method::grad_cam_plus_plus: return "channels of the last map, weighted by their positive gradients (Grad-CAM++)";
    case Method::layer_cam: return "each place of the last map times its positive gradient (LayerCAM)";
    case Method::integrated_gradients: return "gradients by the pixels, summed on the way from a picture that shows nothing (Integrated Gradients)";
  }
  return {};
}

}  // namespace graft::explain
