#!/usr/bin/env python3
"""usage: tools/make_onnx_fixtures.py [NAME...]

Makes tests/onnx/fixtures/NAME.onnx and NAME.json: tiny networks of our own with random weights as the exporters of the field write them, and what
ONNX Runtime answers to the picture by rule (tests/models/rule.h) of the network's size, normalised with ImageNet's mean and deviation.
Needs torch, torchvision, timm, onnxscript, onnxruntime; those named tf_... need tensorflow and tf2onnx instead."""
import json
import os
import sys

import numpy as np

FOLDER = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "tests", "onnx", "fixtures")
MEAN, STD = np.array([0.485, 0.456, 0.406], np.float32), np.array([0.229, 0.224, 0.225], np.float32)


def picture(size):
    y, x, c = np.meshgrid(np.arange(size), np.arange(size), np.arange(3), indexing="ij")
    return (((x * 3 + y * 5 + c * 40) ^ ((x * y) >> 4)) & 255).astype(np.uint8)


def torch_nets():
    import torch
    from torch import nn

    def cna(i, o, k=3, s=1, groups=1, act=nn.ReLU):
        return nn.Sequential(nn.Conv2d(i, o, k, s, k // 2, groups=groups, bias=False), nn.BatchNorm2d(o), act() if act else nn.Identity())

    class Block(nn.Module):
        def __init__(self, i, o, s):
            super().__init__()
            self.conv1, self.bn1 = nn.Conv2d(i, o, 3, s, 1, bias=False), nn.BatchNorm2d(o)
            self.conv2, self.bn2 = nn.Conv2d(o, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o)
            self.relu = nn.ReLU()
            self.downsample = None if (i, s) == (o, 1) else nn.Sequential(nn.Conv2d(i, o, 1, s, bias=False), nn.BatchNorm2d(o))

        def forward(self, x):
            out = self.bn2(self.conv2(self.relu(self.bn1(self.conv1(x)))))
            return self.relu(out + (x if self.downsample is None else self.downsample(x)))

    class Resnet(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv1, self.bn1, self.relu = nn.Conv2d(3, 8, 7, 2, 3, bias=False), nn.BatchNorm2d(8), nn.ReLU()
            self.maxpool = nn.MaxPool2d(3, 2, 1)
            self.layer1, self.layer2, self.layer3 = Block(8, 8, 1), Block(8, 12, 2), Block(12, 16, 2)
            self.avgpool, self.fc = nn.AdaptiveAvgPool2d(1), nn.Linear(16, 10)

        def forward(self, x):
            x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
            x = self.avgpool(self.layer3(self.layer2(self.layer1(x))))
            return self.fc(x.view(x.size(0), -1))

    class Gate(nn.Module):
        def __init__(self, c, gate):
            super().__init__()
            self.fc1, self.fc2, self.gate = nn.Conv2d(c, 4, 1), nn.Conv2d(4, c, 1), gate()

        def forward(self, x):
            return x * self.gate(self.fc2(torch.relu(self.fc1(x.mean((2, 3), keepdim=True)))))

    class Mobilenet(nn.Module):
        def __init__(self, act, gate, clip_last):
            super().__init__()
            self.stem = cna(3, 8, 3, 2, act=act)
            self.features = nn.Sequential(
                nn.Sequential(cna(8, 8, 3, 2, 8, nn.ReLU6), Gate(8, gate), cna(8, 8, 1, act=None)),
                nn.Sequential(cna(8, 24, 1, act=act), cna(24, 24, 5, 2, 24, act), Gate(24, gate), cna(24, 12, 1, act=None)),
                cna(12, 32, 1, act=act))
            self.hidden, self.act, self.drop, self.classifier = nn.Linear(32, 24), act(), nn.Dropout(0.2), nn.Linear(24, 10)
            self.softmax = nn.Softmax(1) if clip_last else nn.Identity()

        def forward(self, x):
            x = self.features(self.stem(x)).mean((2, 3))
            return self.softmax(self.classifier(self.drop(self.act(self.hidden(x)))))

    class Encoder(nn.Module):  # ends in a picture; GELU, concatenation, average pooling
        def __init__(self):
            super().__init__()
            self.a, self.b, self.c = cna(3, 8, 3, 2, act=nn.GELU), cna(8, 4, 1), cna(8, 4, 3)
            self.pool, self.d = nn.AvgPool2d(2), nn.Conv2d(8, 16, 3, 2, 1)

        def forward(self, x):
            x = self.a(x)
            return self.d(self.pool(torch.cat([self.b(x), self.c(x)], 1)))

    class Dilated(Resnet):  # not in graft's operators
        def __init__(self):
            super().__init__()
            self.layer3.conv1 = nn.Conv2d(12, 16, 3, 2, 2, dilation=2, bias=False)

    def vit():
        import timm
        return timm.models.vision_transformer.VisionTransformer(img_size=32, patch_size=8, embed_dim=16, depth=2, num_heads=2, mlp_ratio=2, num_classes=10)

    def timm_resnet():
        from timm.models.resnet import BasicBlock, ResNet
        return ResNet(BasicBlock, [1, 1, 1, 1], channels=(8, 8, 12, 16), stem_type="deep", stem_width=4, num_classes=10, avg_down=True,
                      block_args=dict(attn_layer="se"))

    class Fixed(nn.Module):  # its nodes hold the batch
        def __init__(self):
            super().__init__()
            self.net, self.fc = cna(3, 8, 4, 4), nn.Linear(8, 10)

        def forward(self, x):
            return self.fc(self.net(x).reshape(1, 8, -1).transpose(1, 2).mean(1))

    class Alone(nn.Module):  # the network without what it does not use when it is exported as float16
        def __init__(self):
            super().__init__()
            self.net = Resnet()

        def forward(self, x):
            return self.net(x)

    legacy, dynamo = dict(dynamo=False), dict(dynamo=True)
    return {
        "torchscript_resnet": (Resnet, 64, legacy), "dynamo_resnet": (Resnet, 64, dynamo),
        "torchscript_mobilenet": (lambda: Mobilenet(nn.Hardswish, nn.Hardsigmoid, False), 64, legacy),
        "dynamo_mobilenet": (lambda: Mobilenet(nn.Hardswish, nn.Hardsigmoid, False), 64, dynamo),
        "torchscript_opset11": (lambda: Mobilenet(nn.Hardswish, nn.Hardsigmoid, True), 64, dict(dynamo=False, opset_version=11)),
        "dynamo_silu": (lambda: Mobilenet(nn.SiLU, nn.Sigmoid, True), 64, dynamo),
        "torchscript_encoder": (Encoder, 32, legacy), "dynamo_encoder": (Encoder, 32, dynamo),
        "timm_resnet": (timm_resnet, 64, dynamo), "timm_vit": (vit, 32, dynamo), "torchscript_vit": (vit, 32, legacy),
        "dilated": (Dilated, 64, legacy), "fixed_batch": (Fixed, 32, dict(dynamo=False, fixed=True)),
        "torchscript_equal_weights": (Resnet, 64, dict(dynamo=False, fresh=True)),
        "external": (Alone, 64, dict(dynamo=True, external=True)),
    }


def export_torch(name, build, size, options):
    import torch
    torch.manual_seed(7)
    net = build().eval()
    options = dict(options)
    fresh = options.pop("fresh", False)
    for module in net.modules():  # statistics that are not those of a fresh network
        if not fresh and isinstance(module, torch.nn.BatchNorm2d):
            module.running_mean.uniform_(-0.3, 0.3), module.running_var.uniform_(0.5, 1.5), module.weight.data.uniform_(0.7, 1.3)
            module.bias.data.uniform_(-0.2, 0.2)
    external, fixed = options.pop("external", False), options.pop("fixed", False)
    x = torch.zeros(1 if fixed else 2, 3, size, size)
    if options["dynamo"]:
        options.update(dynamic_shapes=({0: torch.export.Dim("batch")},), external_data=external, verbose=False)
    elif not fixed:
        options.update(dynamic_axes={"image": {0: "batch"}})
    torch.onnx.export(net, (x,), os.path.join(FOLDER, name + ".onnx"), input_names=["image"], output_names=["answer"], **options)


def export_tf(name):
    import tensorflow as tf
    import tf2onnx
    tf.keras.utils.set_random_seed(7)
    k, layers = tf.keras, tf.keras.layers
    size = 64
    image = layers.Input((size, size, 3), name="image")

    def cna(x, filters, kernel, stride=1, act="relu", padding="same"):
        x = layers.Conv2D(filters, kernel, stride, padding=padding, use_bias=False)(x)
        x = layers.BatchNormalization(gamma_initializer=k.initializers.RandomUniform(0.7, 1.3), moving_mean_initializer=k.initializers.RandomUniform(-0.3, 0.3),
                                      beta_initializer=k.initializers.RandomUniform(-0.2, 0.2))(x)
        return layers.Activation(act)(x)

    if name == "tf_mobilenet":  # SAME, depthwise, relu6, squeeze and excitation, swish
        x = cna(image, 8, 3, 2, "relu6")
        x = layers.ReLU(6.0)(layers.DepthwiseConv2D(3, 2, padding="same")(x))
        s = layers.Reshape((1, 1, 8))(layers.GlobalAveragePooling2D()(x))
        s = layers.Conv2D(8, 1, activation="sigmoid")(layers.Conv2D(4, 1, activation="swish")(s))
        x = cna(layers.multiply([x, s]), 16, 3, 2, "swish")
        x = layers.Dropout(0.2)(layers.GlobalAveragePooling2D()(x))
    else:  # ZeroPadding before VALID, pooling after it, a residual block
        x = cna(layers.ZeroPadding2D(3)(image), 8, 7, 2, padding="valid")
        x = layers.MaxPooling2D(3, 2)(layers.ZeroPadding2D(1)(x))
        y = cna(cna(x, 8, 3), 8, 3, act="linear")
        x = layers.Activation("relu")(layers.add([x, y]))
        x = cna(layers.ZeroPadding2D(((0, 1), (0, 1)))(x), 16, 3, 2, padding="valid")
        x = layers.GlobalAveragePooling2D()(layers.MaxPooling2D(3, 2, padding="same")(x))
    model = k.Model(image, layers.Dense(10, activation="softmax")(x))
    tf2onnx.convert.from_keras(model, [tf.TensorSpec((None, size, size, 3), tf.float32, name="image")], opset=15,
                               output_path=os.path.join(FOLDER, name + ".onnx"))


def export_paddle(name):
    """As Paddle2ONNX 1.2 writes a convolutional network: opset 11, constants as nodes, BatchNormalization kept, adaptive pooling as
    GlobalAveragePool, flatten as a Reshape by a computed shape, and the last layer as MatMul and Add. Written with onnx.helper."""
    import onnx
    from onnx import helper, numpy_helper
    rng = np.random.default_rng(7)
    nodes = []

    def constant(value, label):
        nodes.append(helper.make_node("Constant", [], [label], value=numpy_helper.from_array(np.asarray(value), label)))
        return label

    def weights(*shape):
        return (rng.standard_normal(shape) / np.sqrt(np.prod(shape[1:]) or 1)).astype(np.float32)

    def node(kind, inputs, output, **attributes):
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def cna(x, i, o, s, n):
        y = node("Conv", [x, constant(weights(o, i, 3, 3), f"conv2d_{n}.w_0")], f"conv2d_{n}.tmp_0", kernel_shape=[3, 3], strides=[s, s],
                 pads=[1, 1, 1, 1], dilations=[1, 1], group=1)
        parts = [constant(v.astype(np.float32), f"batch_norm2d_{n}.{w}") for w, v in (
            ("w_0", rng.uniform(0.7, 1.3, o)), ("b_0", rng.uniform(-0.2, 0.2, o)), ("w_1", rng.uniform(-0.3, 0.3, o)), ("w_2", rng.uniform(0.5, 1.5, o)))]
        y = node("BatchNormalization", [y, *parts], f"batch_norm2d_{n}.tmp_2", epsilon=1e-5, momentum=0.9)
        return node("Relu", [y], f"relu_{n}.tmp_0")

    x = cna(cna("x", 3, 8, 2, 0), 8, 12, 2, 1)
    x = node("Add", [cna(x, 12, 12, 1, 2), x], "tmp_0")
    x = node("GlobalAveragePool", [cna(x, 12, 16, 2, 3)], "pool2d_0.tmp_0")
    shape = node("Slice", [node("Shape", [x], "shape_0"), constant(np.int64([0]), "s0"), constant(np.int64([1]), "e0")], "batch")
    x = node("Reshape", [x, node("Concat", [shape, constant(np.int64([-1]), "rest")], "flat_shape", axis=0)], "flatten_0.tmp_0")
    x = node("MatMul", [x, constant(weights(16, 10), "linear_0.w_0")], "linear_0.tmp_0")
    x = node("Add", [x, constant(rng.uniform(-1, 1, 10).astype(np.float32), "linear_0.b_0")], "linear_0.tmp_1")
    node("Softmax", [x], "save_infer_model/scale_0.tmp_0", axis=1)
    value = lambda label, *dims: helper.make_tensor_value_info(label, onnx.TensorProto.FLOAT, ["N", *dims])
    graph = helper.make_graph(nodes, "paddle-onnx", [value("x", 3, 64, 64)], [value("save_infer_model/scale_0.tmp_0", 10)])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=7), os.path.join(FOLDER, name + ".onnx"))


def export_windows(name):
    """A picture with channels last all the way, and text beside it: Transpose nodes that no rule of graft's covers (from a Swin-like network)."""
    import onnx
    from onnx import helper, numpy_helper
    rng = np.random.default_rng(7)
    node = helper.make_node
    w = numpy_helper.from_array((rng.standard_normal((12, 3, 4, 4)) / 7).astype(np.float32), "w")
    dense = numpy_helper.from_array((rng.standard_normal((12, 10)) / 3).astype(np.float32), "dense")
    scale = numpy_helper.from_array(rng.uniform(0.5, 1.5, 12).astype(np.float32), "scale")
    nodes = [node("Conv", ["image", "w"], ["patches"], kernel_shape=[4, 4], strides=[4, 4]),
             node("Transpose", ["patches"], ["last"], perm=[0, 2, 3, 1]),
             node("Mul", ["last", "scale"], ["scaled"]), node("Tanh", ["scaled"], ["encoded"]),
             node("ReduceMean", ["encoded"], ["mean"], axes=[1, 2], keepdims=0), node("MatMul", ["mean", "dense"], ["answer"])]
    value = lambda label, *dims: helper.make_tensor_value_info(label, onnx.TensorProto.FLOAT, ["N", *dims])
    graph = helper.make_graph(nodes, name, [value("image", 3, "H", "W")], [value("answer", 10)], [w, dense, scale])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=7), os.path.join(FOLDER, name + ".onnx"))


def strip(path):
    """The dynamo exporter writes stack traces, and with them places of this machine, beside every node."""
    import onnx
    model = onnx.load(path, load_external_data=False)
    for holder in (model, model.graph, *model.graph.node, *model.graph.value_info, *model.graph.input, *model.graph.output, *model.graph.initializer):
        holder.ClearField("metadata_props"), holder.ClearField("doc_string")
    onnx.save(model, path)


def golden(name, size):
    """The answer to one picture; without the softmax, which graft drops."""
    import onnx
    import onnxruntime
    path = os.path.join(FOLDER, name + ".onnx")
    strip(path)
    model = onnx.load(path)
    last = next(n for n in model.graph.node if model.graph.output[0].name in n.output)
    if last.op_type == "Softmax":
        del model.graph.output[:]
        model.graph.output.append(onnx.helper.make_tensor_value_info(last.input[0], onnx.TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    first = session.get_inputs()[0]
    x = ((picture(size).astype(np.float32) / 255 - MEAN) / STD)[None]
    answer = session.run(None, {first.name: x if first.shape[3] == 3 else x.transpose(0, 3, 1, 2)})[0][0]
    if answer.ndim == 3:
        answer = answer.mean((1, 2))
    with open(os.path.join(FOLDER, name + ".json"), "w", encoding="utf-8") as out:
        json.dump({"size": size, "answer": [float(v) for v in answer.astype(np.float32)[:8]]}, out)
        out.write("\n")
    print(name, os.path.getsize(path))


def main():
    names = sys.argv[1:]
    os.makedirs(FOLDER, exist_ok=True)
    if not all(n.startswith("tf_") for n in names) or not names:
        nets = torch_nets()
        for name, (build, size, options) in nets.items():
            if not names or name in names:
                export_torch(name, build, size, options)
                golden(name, size)
    for name in ("tf_mobilenet", "tf_resnet"):
        if name in names:
            export_tf(name)
            golden(name, 64)
    for name, export, size in (("paddle", export_paddle, 64), ("channels_last", export_windows, 32)):
        if not names or name in names:
            export(name)
            golden(name, size)


if __name__ == "__main__":
    main()
