#include "graft/explain/explainer.h"

namespace graft::explain {

std::string about(Method method) {
  switch (method) {
    case Method::automatic: break;
    case Method::cam: return "what each position adds to the class's logit (CAM; all positions and the bias sum to it exactly)";
    case Method::reciprocam: return "what each position of the last feature map alone would add to the class's logit (ReciproCAM)";
    case Method::rollout: return "which positions the attention reaches, the same for every class (attention rollout)";
    case Method::occlusion: return "how much the class's logit falls when the position is covered (occlusion)";
    case Method::grad_cam: return "channels of the last feature map, weighted by their mean gradients (Grad-CAM)";
    case Method::grad_cam_plus_plus: return "channels of the last feature map, weighted by their positive gradients (Grad-CAM++)";
    case Method::layer_cam: return "each position of the last feature map times its positive gradient (LayerCAM)";
    case Method::integrated_gradients: return "gradients with respect to the pixels, summed on the way from an empty picture (Integrated Gradients)";
  }
  return {};
}

}  // namespace graft::explain
