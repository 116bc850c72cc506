"""UNETR++ as an ONNX graph, written node by node.

A traced export would scatter each EPA block over forty nodes with dynamic shape arithmetic. Written by hand the file
has static shapes, one call of the model-local function `organscope::EPA` per block, every tensor stored once, and no
operator that ONNX Runtime's WebGPU provider lacks: its 3-D transposed convolution throws, but ours have kernel =
stride, which is a matrix product per voxel followed by depth-to-space. BatchNorm is folded into the convolution.

Initializers keep their state_dict names; `.T` marks a transposed matrix. `load_network` reads them back.
"""

from __future__ import annotations

import math

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from torch import Tensor, nn

from ..network.network import Epa, EpaBlock, ResBlock, TransposedConv, UnetrPP
from ..network.variants import Config, Triple

OPSET = 17
DOMAIN = "organscope"
TRANSPOSED = ".T"
HALF = ".fp16"
"""Marks an initializer stored as float16; the Cast after it carries the name without."""
HALVED_ABOVE = 1024
"""Smaller tensors stay float32: they are no weight, and biases, norms and gammas deserve their digits."""
HALF_TOLERANCE = 1e-3
"""A tensor that float16 would change by more (relative RMS) stays float32. Rounding of normal halves costs 2e-4."""


class Graph:
    """Collects nodes and initializers. Every method appends nodes and returns the name of its result."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, onnx.TensorProto] = {}
        self._by_storage: dict[tuple[int, bool], str] = {}

    def node(self, op: str, inputs: list[str], name: str, domain: str = "", **attributes: object) -> str:
        self.nodes.append(helper.make_node(op, inputs, [name], name=name, domain=domain, **attributes))
        return name

    def constant(self, name: str, value: np.ndarray) -> str:
        if name not in self.initializers:
            self.initializers[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def weight(self, name: str, tensor: Tensor, transposed: bool = False) -> str:
        """A parameter; a tensor seen before under another name (E is F) is stored once."""
        key = (tensor.data_ptr(), transposed)
        if key not in self._by_storage:
            value = tensor.detach().float().numpy()
            self._by_storage[key] = self.constant(
                name + TRANSPOSED if transposed else name, value.T if transposed else value
            )
        return self._by_storage[key]

    def reshape(self, x: str, shape: list[int], name: str) -> str:
        label = "shape_" + "x".join(map(str, shape)).replace("-1", "rest")
        return self.node("Reshape", [x, self.constant(label, np.array(shape, np.int64))], name)

    def conv(self, x: str, conv: nn.Conv3d, path: str, norm: nn.BatchNorm3d | None = None) -> str:
        inputs = [x]
        if norm is None:
            inputs.append(self.weight(f"{path}.weight", conv.weight))
            if conv.bias is not None:
                inputs.append(self.weight(f"{path}.bias", conv.bias))
        else:
            weight, bias = fold_batch_norm(conv.weight, norm)
            inputs += [self.constant(f"{path}.weight", weight), self.constant(f"{path}.bias", bias)]
        padding = [int(p) for p in conv.padding]
        return self.node(
            "Conv", inputs, f"{path}/conv",
            kernel_shape=list(conv.kernel_size), strides=list(conv.stride), pads=padding * 2,
        )  # fmt: skip

    def instance_norm(self, x: str, channels: int, epsilon: float, name: str) -> str:
        ones = self.constant(f"ones_{channels}", np.ones(channels, np.float32))
        zeros = self.constant(f"zeros_{channels}", np.zeros(channels, np.float32))
        return self.node("InstanceNormalization", [x, ones, zeros], name, epsilon=epsilon)

    def group_norm(self, x: str, norm: nn.GroupNorm, shape: list[int], path: str) -> str:
        """As instance norm over groups, then scale and shift per channel; GroupNormalization is opset 18."""
        y = self.reshape(x, [1, norm.num_groups, -1], f"{path}/groups")
        y = self.instance_norm(y, norm.num_groups, norm.eps, f"{path}/normalise")
        y = self.reshape(y, shape, f"{path}/ungroup")
        per_channel = (-1, 1, 1, 1)
        scale = self.weight(f"{path}.weight", norm.weight.detach().reshape(per_channel))
        shift = self.weight(f"{path}.bias", norm.bias.detach().reshape(per_channel))
        return self.node("Add", [self.node("Mul", [y, scale], f"{path}/scale"), shift], f"{path}/shift")

    def res_block(self, x: str, block: ResBlock, path: str) -> str:
        y = self._conv_norm(x, block.conv1.conv, block.norm1, f"{path}.conv1.conv", f"{path}.norm1")
        y = self.node("LeakyRelu", [y], f"{path}/act1", alpha=0.01)
        y = self._conv_norm(y, block.conv2.conv, block.norm2, f"{path}.conv2.conv", f"{path}.norm2")
        if hasattr(block, "conv3"):
            x = self._conv_norm(x, block.conv3.conv, block.norm3, f"{path}.conv3.conv", f"{path}.norm3")
        y = self.node("Add", [y, x], f"{path}/residual")
        return self.node("LeakyRelu", [y], f"{path}/act2", alpha=0.01)

    def _conv_norm(self, x: str, conv: nn.Conv3d, norm: nn.Module, conv_path: str, norm_path: str) -> str:
        if isinstance(norm, nn.BatchNorm3d):
            return self.conv(x, conv, conv_path, norm)
        return self.instance_norm(self.conv(x, conv, conv_path), norm.num_features, norm.eps, norm_path)

    def transposed_conv(self, x: str, layer: TransposedConv, grid: Triple, path: str) -> str:
        """kernel = stride: out[co, kd*d+i, ...] = sum over ci of in[ci, d, ...] * w[ci, co, i, ...]."""
        conv = layer.conv
        cin, cout, *kernel = conv.weight.shape
        matrix = self.weight(f"{path}.conv.weight", conv.weight.detach().reshape(cin, -1))
        y = self.reshape(x, [1, cin, math.prod(grid)], f"{path}/flatten")
        y = self.node("Transpose", [y], f"{path}/tokens", perm=[0, 2, 1])
        y = self.node("MatMul", [y, matrix], f"{path}/matmul")  # (1, N, Cout * kD * kH * kW)
        y = self.reshape(y, [*grid, cout, *kernel], f"{path}/blocks")
        y = self.node("Transpose", [y], f"{path}/interleave", perm=[3, 0, 4, 1, 5, 2, 6])
        return self.reshape(y, [1, cout, *(g * k for g, k in zip(grid, kernel, strict=True))], f"{path}/volume")

    def epa_block(self, x: str, block: EpaBlock, grid: Triple, path: str) -> str:
        channels, tokens = block.gamma.numel(), math.prod(grid)
        t = self.reshape(x, [1, channels, tokens], f"{path}/flatten")
        t = self.node("Transpose", [t], f"{path}/tokens", perm=[0, 2, 1])
        t = self.node("Add", [t, self.weight(f"{path}.pos_embed", block.pos_embed)], f"{path}/position")
        norm = [
            self.weight(f"{path}.norm.weight", block.norm.weight),
            self.weight(f"{path}.norm.bias", block.norm.bias),
        ]
        y = self.node("LayerNormalization", [t, *norm], f"{path}/norm", axis=-1, epsilon=block.norm.eps)
        y = self.epa(y, block.epa_block, tokens, channels, f"{path}.epa_block")
        y = self.node("Mul", [y, self.weight(f"{path}.gamma", block.gamma)], f"{path}/gamma")
        t = self.node("Add", [t, y], f"{path}/attended")
        t = self.node("Transpose", [t], f"{path}/channels", perm=[0, 2, 1])
        skip = self.reshape(t, [1, channels, *grid], f"{path}/volume")
        y = self.res_block(skip, block.conv51, f"{path}.conv51")
        if hasattr(block, "conv52"):
            y = self.res_block(y, block.conv52, f"{path}.conv52")
        y = self.conv(y, block.conv8[1], f"{path}.conv8.1")
        return self.node("Add", [skip, y], f"{path}/out")

    def epa(self, x: str, epa: Epa, tokens: int, channels: int, path: str) -> str:
        def linear(which: str) -> list[str]:
            layer = getattr(epa, which)
            return [
                self.weight(f"{path}.{which}.weight", layer.weight, transposed=True),
                self.weight(f"{path}.{which}.bias", layer.bias),
            ]

        inputs = [x, self.weight(f"{path}.qkvv.weight", epa.qkvv.weight, transposed=True)]
        inputs += [self.weight(f"{path}.{t}", getattr(epa, t)) for t in ("temperature", "temperature2")]
        if hasattr(epa, "EF"):
            inputs.append(self.weight(f"{path}.EF", epa.EF))
        else:
            inputs += linear("E") + linear("F")
        if epa.fusion == "concat":
            inputs += linear("out_proj") + linear("out_proj2")
        return self.node(
            "EPA", inputs, f"{path}/out", domain=DOMAIN,
            qkvv_shape=[tokens, 4, epa.heads, channels // epa.heads], tokens_shape=[1, tokens, channels],
        )  # fmt: skip


def fold_batch_norm(weight: Tensor, norm: nn.BatchNorm3d) -> tuple[np.ndarray, np.ndarray]:
    """Kernel and bias of conv followed by BatchNorm in evaluation mode, computed in float64."""
    scale = norm.weight.detach().double() / torch.sqrt(norm.running_var.double() + norm.eps)
    bias = norm.bias.detach().double() - norm.running_mean.double() * scale
    folded = weight.detach().double() * scale[:, None, None, None, None]
    return folded.float().numpy(), bias.float().numpy()


def epa_function(config: Config) -> onnx.FunctionProto:
    """The body of organscope::EPA in standard operators; shapes come in as attributes, so one body serves all blocks.

    x (1, N, C); qkvv (C, 4C); E, F (N, P) with biases (P), or one EF (N, P) without; outputs (1, N, C).
    """
    inputs = ["x", "qkvv", "temperature", "temperature2"]
    plain, concat = config.token_projection == "plain", config.fusion == "concat"
    inputs += ["ef"] if plain else ["e", "e_bias", "f", "f_bias"]
    inputs += ["out_proj", "out_proj_bias", "out_proj2", "out_proj2_bias"] if concat else []
    nodes: list[onnx.NodeProto] = []

    def node(op: str, sources: list[str], *outputs: str, **attributes: object) -> str:
        nodes.append(helper.make_node(op, sources, list(outputs), **attributes))
        return outputs[0]

    for name in ("qkvv_shape", "tokens_shape"):
        constant = helper.make_node("Constant", [], [name])
        reference = onnx.AttributeProto(name="value_ints", type=onnx.AttributeProto.INTS, ref_attr_name=name)
        constant.attribute.append(reference)
        nodes.append(constant)

    def project(source: str, matrix: str, bias: str, out: str) -> None:
        if plain:
            node("MatMul", [source, "ef"], out)
        else:
            node("Add", [node("MatMul", [source, matrix], f"{out}_unbiased"), bias], out)

    node("Reshape", [node("MatMul", ["x", "qkvv"], "projected"), "qkvv_shape"], "split_heads")  # (N, 4, h, d)
    node("Transpose", ["split_heads"], "by_role", perm=[1, 2, 3, 0])  # (4, h, d, N)
    node("Split", ["by_role"], "q", "k", "v_channel", "v_spatial", axis=0)  # each (1, h, d, N)
    project("k", "e", "e_bias", "k_projected")  # (1, h, d, P)
    project("v_spatial", "f", "f_bias", "v_projected")
    node("LpNormalization", ["q"], "q_unit", axis=-1, p=2)
    node("LpNormalization", ["k"], "k_unit", axis=-1, p=2)

    node("Transpose", ["k_unit"], "k_unit_t", perm=[0, 1, 3, 2])
    node("Mul", [node("MatMul", ["q_unit", "k_unit_t"], "gram"), "temperature"], "channel_scores")  # (1, h, d, d)
    node("Softmax", ["channel_scores"], "channel_weights", axis=-1)
    node("MatMul", ["channel_weights", "v_channel"], "channel_heads")  # (1, h, d, N)
    node("Transpose", ["channel_heads"], "channel_tokens", perm=[0, 3, 1, 2])
    node("Reshape", ["channel_tokens", "tokens_shape"], "channel")

    node("Transpose", ["q_unit"], "q_unit_t", perm=[0, 1, 3, 2])
    node("Mul", [node("MatMul", ["q_unit_t", "k_projected"], "affinity"), "temperature2"], "spatial_scores")
    node("Softmax", ["spatial_scores"], "spatial_weights", axis=-1)  # (1, h, N, P)
    node("Transpose", ["v_projected"], "v_projected_t", perm=[0, 1, 3, 2])
    node("MatMul", ["spatial_weights", "v_projected_t"], "spatial_heads")  # (1, h, N, d)
    # As published: (1, d, h, N) flattened to rows of C. See Epa.forward.
    node("Transpose", ["spatial_heads"], "spatial_scrambled", perm=[0, 3, 1, 2])
    node("Reshape", ["spatial_scrambled", "tokens_shape"], "spatial")

    if concat:
        node("Add", [node("MatMul", ["spatial", "out_proj"], "spatial_half"), "out_proj_bias"], "spatial_out")
        node("Add", [node("MatMul", ["channel", "out_proj2"], "channel_half"), "out_proj2_bias"], "channel_out")
        node("Concat", ["spatial_out", "channel_out"], "y", axis=-1)
    else:
        node("Add", ["channel", "spatial"], "y")
    return helper.make_function(
        DOMAIN, "EPA", inputs, ["y"], nodes, [helper.make_opsetid("", OPSET)], ["qkvv_shape", "tokens_shape"],
        doc_string="Efficient paired attention (Shaker et al., IEEE TMI 2024), as the published code computes it.",
    )  # fmt: skip


def build(network: UnetrPP, producer_version: str = "") -> onnx.ModelProto:
    """The inference graph of a network, without deep-supervision heads.

    `image` (1, C, D, H, W) -> `logits` (1, K, D, H, W).
    """
    config, c, g = network.config, network.config.dims, Graph()
    encoder = network.unetr_pp_encoder

    def stage(x: str, blocks: nn.Sequential, level: int, path: str) -> str:
        for index, block in enumerate(blocks):
            x = g.epa_block(x, block, config.grid(level), f"{path}.{index}")
        return x

    x, skips = "image", []
    for level, (down, blocks) in enumerate(zip(encoder.downsample_layers, encoder.stages, strict=True)):
        path = f"unetr_pp_encoder.downsample_layers.{level}"
        x = g.conv(x, down[0].conv, f"{path}.0.conv")
        x = g.group_norm(x, down[1], [1, c[level], *config.grid(level)], f"{path}.1")
        x = stage(x, blocks, level, f"unetr_pp_encoder.stages.{level}")
        skips.append(x)
    for level, name in ((2, "decoder5"), (1, "decoder4"), (0, "decoder3")):
        up = getattr(network, name)
        x = g.transposed_conv(x, up.transp_conv, config.grid(level + 1), f"{name}.transp_conv")
        x = g.node("Add", [x, skips[level]], f"{name}/skip")
        x = stage(x, up.decoder_block[0], level, f"{name}.decoder_block.0")
    x = g.transposed_conv(x, network.decoder2.transp_conv, config.grid(0), "decoder2.transp_conv")
    # Full resolution last, so that its large skip lives as briefly as possible.
    shortcut = g.res_block("image", network.encoder1, "encoder1")
    x = g.node("Add", [x, shortcut], "decoder2/skip")
    x = g.res_block(x, network.decoder2.decoder_block[0], "decoder2.decoder_block.0")
    if config.sharpen:
        weight = g.constant("sharpen.weight", network.sharpen.weight.numpy())
        x = g.node("Conv", [x, weight], "sharpen/conv", kernel_shape=[3, 3, 3], pads=[1] * 6)
    x = g.conv(x, network.out1.conv.conv, "out1.conv.conv")
    g.nodes[-1].output[0] = "logits"

    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, [1, config.in_channels, *config.patch_dhw])
    logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, [1, config.num_classes, *config.patch_dhw])
    graph = helper.make_graph(g.nodes, "unetrpp", [image], [logits], list(g.initializers.values()))
    model = helper.make_model(
        graph, functions=[epa_function(config)], ir_version=8,
        producer_name="organscope", producer_version=producer_version,
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(DOMAIN, 1)],
    )  # fmt: skip
    onnx.checker.check_model(model)
    return model


def halve(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph with large tensors stored as float16, each followed by a Cast to float32: half the download.

    Tensors that would lose more than rounding (values beyond 65504 or below 6e-5) stay float32.
    """
    casts, kept = [], []
    for tensor in model.graph.initializer:
        value = numpy_helper.to_array(tensor)
        if value.dtype != np.float32 or value.size < HALVED_ABOVE:
            kept.append(tensor)
            continue
        with np.errstate(over="ignore"):
            half = value.astype(np.float16)
        error = np.sqrt(np.square(half.astype(np.float64) - value).mean())
        if not error <= HALF_TOLERANCE * np.sqrt(np.square(value.astype(np.float64)).mean()):
            kept.append(tensor)
            continue
        kept.append(numpy_helper.from_array(half, tensor.name + HALF))
        casts.append(
            helper.make_node("Cast", [tensor.name + HALF], [tensor.name], name=tensor.name, to=TensorProto.FLOAT)
        )
    nodes = [*casts, *model.graph.node]
    graph = helper.make_graph(nodes, model.graph.name, model.graph.input, model.graph.output, kept)
    halved = helper.make_model(
        graph, functions=model.functions, ir_version=model.ir_version, producer_name=model.producer_name,
        producer_version=model.producer_version, opset_imports=model.opset_import,
    )  # fmt: skip
    onnx.checker.check_model(halved)
    return halved


def load_network(model: bytes, config: Config) -> UnetrPP:
    """The PyTorch network with the weights of an exported file. Folded BatchNorms become identities with a shift.

    Raises ValueError when the file lacks a tensor the configuration asks for.
    """
    initializers = onnx.load_from_string(model).graph.initializer
    stored = {t.name.removesuffix(HALF): np.asarray(numpy_helper.to_array(t), np.float32) for t in initializers}
    network = UnetrPP(config).eval()
    norms = {n.rsplit(".", 1)[0]: m for n, m in network.named_modules() if isinstance(m, nn.BatchNorm3d)}
    loaded: dict[str, Tensor] = {}
    for name, tensor in network.state_dict().items():
        if name.startswith(("out2.", "out3.")):
            loaded[name] = torch.zeros_like(tensor)
            continue
        owner, leaf = name.rsplit(".", 1)
        block, layer = owner.rsplit(".", 1) if "." in owner else ("", owner)
        if block in norms and layer.startswith("norm"):
            folded_bias = stored[f"{block}.{layer.replace('norm', 'conv')}.conv.bias"]
            identity = {
                "weight": 1.0,
                "running_mean": 0.0,
                "running_var": 1.0 - norms[block].eps,
                "num_batches_tracked": 0,
            }
            loaded[name] = torch.tensor(folded_bias) if leaf == "bias" else torch.full_like(tensor, identity[leaf])
            continue
        # F is stored as E where the published code ties them.
        candidates = [name, name.replace(".epa_block.F.", ".epa_block.E.")]
        value = next((stored[n] for n in candidates if n in stored), None)
        if value is None:
            value = next((stored[n + TRANSPOSED].T for n in candidates if n + TRANSPOSED in stored), None)
        if value is None:
            raise ValueError(f"The ONNX file has no tensor {name}; it was exported from another configuration.")
        loaded[name] = torch.tensor(value).reshape(tensor.shape)
    network.load_state_dict(loaded)
    return network
