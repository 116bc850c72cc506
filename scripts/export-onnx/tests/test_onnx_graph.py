"""The exported graph computes what PyTorch does, for every flavour of the network."""

import dataclasses

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from test_network import SMALL

from unetrpp.network.network import UnetrPP
from unetrpp.onnx import onnx_graph

FLAVOURS = {
    "synapse": SMALL,
    "acdc": dataclasses.replace(SMALL, token_projection="separate", residual_blocks=2, stem=(1, 2, 2)),
    "tumor": dataclasses.replace(SMALL, in_channels=4, token_projection="plain", fusion="sum", deep_supervision=True),
    "deeper": dataclasses.replace(SMALL, depths=(2, 1, 1, 2), decoder_depths=(1, 2, 1), heads=2),
}
OURS = FLAVOURS | {"sharpened": dataclasses.replace(SMALL, sharpen=0.125)}
"""No published checkpoint is sharpened."""


def random_network(config):
    """Random weights with nothing at its neutral initial value, so that a dropped term shows."""
    torch.manual_seed(1)
    network = UnetrPP(config).eval()
    for name, tensor in network.state_dict().items():
        if name.endswith("running_var"):
            tensor.copy_(torch.rand_like(tensor) + 0.5)
        elif name.endswith(
            ("running_mean", "pos_embed", "gamma", "temperature", "temperature2", "norm.weight", "bias")
        ):
            tensor.add_(0.3 * torch.randn_like(tensor))
    return network


@pytest.mark.parametrize("flavour", OURS)
def test_onnx_runtime_agrees_with_pytorch(flavour):
    network = random_network(OURS[flavour])
    model = onnx_graph.build(network)
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    x = torch.randn(1, network.config.in_channels, *network.config.patch_dhw)
    with torch.no_grad():
        expected = network(x).numpy()
    (logits,) = session.run(None, {"image": x.numpy()})
    assert np.abs(logits - expected).max() < 1e-4 * expected.std()


@pytest.mark.parametrize("flavour", OURS)
def test_weights_read_back_from_the_file_give_the_same_network(flavour):
    network = random_network(OURS[flavour])
    again = onnx_graph.load_network(onnx_graph.build(network).SerializeToString(), network.config)
    x = torch.randn(1, network.config.in_channels, *network.config.patch_dhw)
    with torch.no_grad():
        torch.testing.assert_close(again(x), network(x), rtol=1e-4, atol=1e-4)


def test_each_epa_block_is_one_call_and_nothing_is_stored_twice():
    network = random_network(FLAVOURS["deeper"])
    model = onnx_graph.build(network)
    calls = [n for n in model.graph.node if n.domain == "organscope"]
    assert {n.op_type for n in calls} == {"EPA"}
    assert len(calls) == sum(network.config.depths) + sum(network.config.decoder_depths)
    contents = [t.raw_data for t in model.graph.initializer if len(t.raw_data) > 256]
    assert len(contents) == len(set(contents))
    shared = [n.input[4] for n in calls] + [n.input[6] for n in calls]
    assert len(set(shared)) == len(calls)  # E and F of a block are one tensor
    assert "ConvTranspose" not in {n.op_type for n in model.graph.node}


def test_shapes_are_static_and_inferable():
    model = onnx.shape_inference.infer_shapes(onnx_graph.build(random_network(SMALL)), strict_mode=True)
    for value in [*model.graph.value_info, *model.graph.output]:
        assert all(d.HasField("dim_value") and d.dim_value > 0 for d in value.type.tensor_type.shape.dim), value.name


def test_a_file_of_another_configuration_is_refused_by_tensor_name():
    model = onnx_graph.build(random_network(SMALL)).SerializeToString()
    with pytest.raises(ValueError, match=r"has no tensor .*conv52"):
        onnx_graph.load_network(model, dataclasses.replace(SMALL, residual_blocks=2))
