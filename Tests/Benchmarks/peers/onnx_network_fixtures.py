"""Networks as other frameworks export them, put together by hand, with ONNX Runtime's answers."""

import numpy as np
from onnx import TensorProto, helper, numpy_helper

from make_onnx_fixtures import keep

FLOAT, INT = TensorProto.FLOAT, TensorProto.INT64
random = np.random.default_rng(23)


class Net:
    """Collects nodes and weights."""

    def __init__(self, shape, opset=17, batch=None):
        self.nodes, self.weights, self.shape = [], [], shape
        self.opset, self.batch = opset, batch

    def weight(self, *shape, scale=0.4):
        return self.constant((random.normal(size=shape) * scale).astype(np.float32))

    def constant(self, value):
        name = f"w{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.asarray(value), name))
        return name

    def add(self, operation, *inputs, count=1, **attributes):
        outputs = [f"v{len(self.nodes)}_{i}" for i in range(count)]
        self.nodes.append(helper.make_node(operation, list(inputs), outputs, **attributes))
        return outputs[0] if count == 1 else outputs

    def norm(self, value, channels):
        ones = self.constant((1 + random.random(channels)).astype(np.float32))
        return self.add("BatchNormalization", value, ones, self.weight(channels),
                        self.weight(channels), self.constant((0.5 + random.random(channels)).astype(np.float32)))

    def dense(self, value, inner, outer):
        return self.add("Gemm", value, self.weight(outer, inner), self.weight(outer), transB=1)

    def keep(self, directory, name, output, width, rows=8):
        self.nodes.append(helper.make_node("Identity", [output], ["Y"]))
        model = helper.make_model(
            helper.make_graph(
                self.nodes, "net",
                [helper.make_tensor_value_info("X", FLOAT, [self.batch or "N"] + self.shape)],
                [helper.make_tensor_value_info("Y", FLOAT, [self.batch or "N", width])], self.weights),
            opset_imports=[helper.make_opsetid("", self.opset)], ir_version=8)
        x = random.normal(size=(rows, int(np.prod(self.shape)))).round(3).astype(np.float32)
        keep(directory, name, model, x)


def image_net(directory, opset, name, batch=None):
    net = Net([2, 9, 8], opset, batch)
    v = net.add("Conv", "X", net.weight(6, 2, 3, 3), net.weight(6), pads=[1, 1, 1, 1], strides=[1, 2])
    v = net.add("Relu", net.norm(v, 6))
    v = net.add("MaxPool", v, kernel_shape=[3, 2], strides=[2, 1], pads=[1, 0, 1, 0])
    v = net.add("Conv", v, net.weight(6, 1, 3, 3), group=6, pads=[2, 2, 2, 2], dilations=[2, 2])
    v = net.add("LeakyRelu", v, alpha=0.1)
    v = net.add("Conv", v, net.weight(8, 3, 1, 1), net.weight(8), group=2)
    v = net.add("HardSigmoid", v)
    v = net.add("AveragePool", v, kernel_shape=[2, 2], strides=[2, 2], ceil_mode=1) if opset > 9 else (
        net.add("AveragePool", v, kernel_shape=[2, 2], strides=[2, 2]))
    v = net.add("Flatten", net.add("GlobalAveragePool", v))
    v = net.dense(v, 8, 3)
    net.keep(directory, name, net.add("Softmax", v, axis=1), 3)


def signal_net(directory):
    net = Net([2, 50])
    v = net.add("Conv", "X", net.weight(4, 2, 7), net.weight(4), strides=[2], auto_pad="SAME_UPPER")
    v = net.add("PRelu", net.norm(v, 4), net.weight(4, 1))
    v = net.add("MaxPool", v, kernel_shape=[2], strides=[2])
    v = net.add("Conv", v, net.weight(6, 4, 3), auto_pad="VALID", dilations=[2])
    v = net.add("InstanceNormalization", v, net.weight(6), net.weight(6))
    v = net.add("Softplus", net.add("Elu", v, alpha=0.7))
    v = net.add("ReduceMax", v, axes=[2], keepdims=0)
    net.keep(directory, "net_signal", net.add("Sigmoid", net.dense(v, 6, 1)), 1)


def gelu(net, v):
    half = net.constant(np.float32(0.5))
    e = net.add("Erf", net.add("Div", v, net.constant(np.float32(np.sqrt(2)))))
    return net.add("Mul", net.add("Mul", v, net.add("Add", e, net.constant(np.float32(1)))), half)


def attention_net(directory):
    """Tokens of eight numbers, two heads, a residual, layer norms: as a tabular transformer has it."""
    net = Net([5, 8])
    batch = net.add("Gather", net.add("Shape", "X"), net.constant(np.int64(0)), axis=0)
    shape = net.add("Concat", net.add("Unsqueeze", batch, net.constant(np.array([0]))),
                    net.constant(np.array([5, 2, 4])), axis=0)
    three = net.add("Add", net.add("MatMul", "X", net.weight(8, 24)), net.weight(24))
    q, k, v = net.add("Split", three, net.constant(np.array([8, 8, 8])), count=3, axis=-1)
    q, k, v = (net.add("Transpose", net.add("Reshape", t, shape), perm=[0, 2, 1, 3]) for t in (q, k, v))
    scores = net.add("MatMul", q, net.add("Transpose", k, perm=[0, 1, 3, 2]))
    scores = net.add("Div", scores, net.add("Sqrt", net.constant(np.float32(4))))
    mask = net.constant(np.tril(np.ones((5, 5), dtype=bool)))
    scores = net.add("Where", mask, scores, net.constant(np.float32(-1e9)))
    mixed = net.add("Einsum", net.add("Softmax", scores, axis=-1), v, equation="bhij,bhjd->bihd")
    mixed = net.add("Reshape", mixed, net.constant(np.array([0, 0, -1])))
    v = net.add("LayerNormalization", net.add("Add", "X", mixed), net.weight(8), net.weight(8), axis=-1)
    v = net.add("Add", v, net.add("MatMul", gelu(net, net.add("MatMul", v, net.weight(8, 6))), net.weight(6, 8)))
    first = net.add("Slice", v, *(net.constant(np.array([n])) for n in (0, 1, 1)))
    v = net.add("Concat", net.add("Squeeze", first, net.constant(np.array([1]))),
                net.add("ReduceMean", v, axes=[1], keepdims=0), axis=1)
    net.keep(directory, "net_attention", net.add("LogSoftmax", net.dense(v, 16, 2), axis=-1), 2)


def gated_net(directory):
    """A dense network with what recent exporters write: functions of version 20."""
    net = Net([6], 20)
    v = net.dense("X", 6, 10)
    v = net.add("Gelu", v, approximate="tanh")
    v = net.add("LayerNormalization", net.add("Mish", net.dense(v, 10, 8)), net.weight(8))
    parts = net.add("Split", net.add("HardSwish", v), count=2, axis=1, num_outputs=2)
    v = net.add("Mul", net.add("Gelu", parts[0]), net.add("Sigmoid", parts[1]))
    squares = net.add("ReduceSumSquare", v, net.constant(np.array([1])), keepdims=1)
    v = net.add("Div", v, net.add("Sqrt", net.add("Add", squares, net.constant(np.float32(1e-6)))))
    v = net.add("Concat", v, net.add("Clip", v, net.constant(np.float32(-0.2)), net.constant(np.float32(0.2))), axis=1)
    net.keep(directory, "net_gated", net.add("Softmax", net.dense(v, 8, 2)), 2)


def padded_net(directory):
    net = Net([1, 6, 6], 13)
    v = net.add("Pad", "X", net.constant(np.array([0, 0, 1, 2, 0, 0, 1, 0])), mode="reflect")
    v = net.add("Conv", v, net.weight(4, 1, 3, 3), strides=[2, 2])
    v = net.add("Selu", v)
    v = net.add("Reshape", v, net.constant(np.array([0, 2, -1])))
    top = net.add("TopK", v, net.constant(np.array([3])), count=2, axis=2)[0]
    low = net.add("ReduceL2", v, axes=[2])
    v = net.add("Concat", net.add("Flatten", top), net.add("Flatten", low), axis=1)
    net.keep(directory, "net_padded", net.add("Tanh", net.dense(v, 8, 2)), 2)


def made_networks(directory):
    image_net(directory, 9, "net_image_9")
    image_net(directory, 22, "net_image_22")
    image_net(directory, 17, "net_image_one_row", batch=1)
    signal_net(directory)
    attention_net(directory)
    gated_net(directory)
    padded_net(directory)
