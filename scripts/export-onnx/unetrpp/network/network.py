"""UNETR++ (Shaker et al., IEEE TMI 2024), one definition for the four published variants and for our own sizes.

A hierarchical encoder of EPA blocks halves the grid three times after a strided stem; a decoder doubles it back with
transposed convolutions and skip additions; a plain residual block handles full resolution. Parameter names are those
of the published checkpoints, so their state_dicts load unchanged.

Shapes: B batch, C channels, (D, H, W) grid, N = D*H*W tokens, h heads, d = C / h, P projected tokens.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .variants import Config, Triple

Finish = Callable[[Tensor, Tensor | None, bool], Tensor]


class Conv(nn.Module):
    """A convolution one level down, at `.conv`, as the published checkpoints name it."""

    def __init__(self, cin: int, cout: int, kernel: int | Triple, stride: int | Triple = 1, bias: bool = False):
        super().__init__()
        padding = 1 if kernel == 3 else 0
        self.conv = nn.Conv3d(cin, cout, kernel, stride, padding, bias=bias)

    def forward(self, x: Tensor) -> Tensor:
        # On axes of one or two voxels oneDNN's bfloat16 weight gradient leaves taps unwritten (PyTorch 2.13, CPU):
        # anything up to infinity. Convolutions that small cost nothing in float32.
        if self.conv.padding[0] and min(x.shape[2:]) < 3 and x.device.type == "cpu":
            with torch.autocast("cpu", enabled=False):
                return self.conv(x.float())
        return self.conv(x)


class TransposedConv(nn.Module):
    """Upsampling with kernel = stride: every output voxel depends on exactly one input voxel."""

    def __init__(self, cin: int, cout: int, stride: int | Triple):
        super().__init__()
        self.conv = nn.ConvTranspose3d(cin, cout, stride, stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class ResBlock(nn.Module):
    """Two 3x3x3 convolutions with norms and a shortcut (1x1x1 when the width changes), leaky ReLU 0.01."""

    def __init__(self, cin: int, cout: int, norm: type[nn.Module]):
        super().__init__()
        self.conv1 = Conv(cin, cout, 3)
        self.conv2 = Conv(cout, cout, 3)
        self.norm1 = norm(cout)
        self.norm2 = norm(cout)
        if cin != cout:
            self.conv3 = Conv(cin, cout, 1)
            self.norm3 = norm(cout)
        self.finish: Finish | None = None
        """Stands in for norms, addition and activation while training: see unetrpp.network.fused."""

    def forward(self, x: Tensor) -> Tensor:
        if self.finish:
            y = self.finish(self.conv1(x), None, False)
            shortcut = self.conv3(x) if hasattr(self, "conv3") else x
            return self.finish(self.conv2(y), shortcut, hasattr(self, "conv3"))
        y = F.leaky_relu(self.norm1(self.conv1(x)), 0.01)
        y = self.norm2(self.conv2(y))
        shortcut = self.norm3(self.conv3(x)) if hasattr(self, "conv3") else x
        return F.leaky_relu(y + shortcut, 0.01)


class Epa(nn.Module):
    """Efficient paired attention: one query and key pair serves a channel branch and a spatial branch.

    (B, N, C) -> (B, N, C). Spatial attention sees P learned mixtures of all tokens instead of N tokens.
    """

    def __init__(self, tokens: int, channels: int, projected: int, config: Config):
        super().__init__()
        self.heads = config.heads
        self.temperature = nn.Parameter(torch.ones(config.heads, 1, 1))
        self.temperature2 = nn.Parameter(torch.ones(config.heads, 1, 1))
        self.qkvv = nn.Linear(channels, channels * 4, bias=False)
        if config.token_projection == "plain":
            bound = 1 / math.sqrt(projected)
            self.EF = nn.Parameter(torch.empty(tokens, projected).uniform_(-bound, bound))
        else:
            self.E = nn.Linear(tokens, projected)
            self.F = self.E if config.token_projection == "shared" else nn.Linear(tokens, projected)
        self.dropout = nn.Dropout(config.attention_dropout)
        self.fusion = config.fusion
        if self.fusion == "concat":
            self.out_proj = nn.Linear(channels, channels // 2)
            self.out_proj2 = nn.Linear(channels, channels // 2)

    def _project(self, x: Tensor, which: str) -> Tensor:
        """Mixes tokens: (B, h, d, N) -> (B, h, d, P)."""
        return x @ self.EF if hasattr(self, "EF") else getattr(self, which)(x)

    def forward(self, x: Tensor) -> Tensor:
        b, n, c = x.shape
        q, k, v_channel, v_spatial = (
            self.qkvv(x).reshape(b, n, 4, self.heads, c // self.heads).permute(2, 0, 3, 4, 1)
        )  # each (B, h, d, N)
        # The keys are projected before they are normalised, as published.
        k_projected, v_projected = self._project(k, "E"), self._project(v_spatial, "F")  # (B, h, d, P)
        q, k = F.normalize(q, dim=-1), F.normalize(k, dim=-1)  # over tokens, not channels

        channel_scores = (q @ k.transpose(-2, -1)) * self.temperature  # (B, h, d, d)
        channel = self.dropout(channel_scores.softmax(-1)) @ v_channel  # (B, h, d, N)
        channel = channel.permute(0, 3, 1, 2).reshape(b, n, c)

        spatial_scores = (q.transpose(-2, -1) @ k_projected) * self.temperature2  # (B, h, N, P)
        spatial = self.dropout(spatial_scores.softmax(-1)) @ v_projected.transpose(-2, -1)  # (B, h, N, d)
        # As published: the axes are (B, d, h, N) when they are flattened to (B, N, C), so a "row" holds C consecutive
        # tokens of one channel. Trained weights rely on this scramble; do not "fix" it.
        spatial = spatial.permute(0, 3, 1, 2).reshape(b, n, c)

        if self.fusion == "sum":
            return channel + spatial
        return torch.cat((self.out_proj(spatial), self.out_proj2(channel)), dim=-1)


class EpaBlock(nn.Module):
    """Position embedding, EPA with a scaled residual, then residual convolutions. (B, C, D, H, W) in and out."""

    def __init__(self, grid: Triple, channels: int, projected: int, config: Config):
        super().__init__()
        tokens = math.prod(grid)
        self.norm = nn.LayerNorm(channels)
        self.gamma = nn.Parameter(1e-6 * torch.ones(channels))
        self.epa_block = Epa(tokens, channels, projected, config)
        self.conv51 = ResBlock(channels, channels, nn.BatchNorm3d)
        if config.residual_blocks == 2:
            self.conv52 = ResBlock(channels, channels, nn.BatchNorm3d)
        self.conv8 = nn.Sequential(nn.Dropout3d(config.block_dropout), nn.Conv3d(channels, channels, 1))
        self.pos_embed = nn.Parameter(torch.zeros(1, tokens, channels))

    def forward(self, x: Tensor) -> Tensor:
        b, c, d, h, w = x.shape
        tokens = x.flatten(2).transpose(1, 2) + self.pos_embed  # (B, N, C)
        tokens = tokens + self.gamma * self.epa_block(self.norm(tokens))
        skip = tokens.transpose(1, 2).reshape(b, c, d, h, w)
        y = self.conv51(skip)
        if hasattr(self, "conv52"):
            y = self.conv52(y)
        return skip + self.conv8(y)


class Encoder(nn.Module):
    """The stem and three halvings, each followed by its EPA blocks. Returns the four stage outputs, finest first."""

    def __init__(self, config: Config):
        super().__init__()
        c = config.dims
        # Group counts as published: the number of *input* channels.
        self.downsample_layers = nn.ModuleList(
            [
                nn.Sequential(
                    Conv(config.in_channels, c[0], config.stem, config.stem), nn.GroupNorm(config.in_channels, c[0])
                )
            ]
            + [nn.Sequential(Conv(c[i], c[i + 1], 2, 2), nn.GroupNorm(c[i], c[i + 1])) for i in range(3)]
        )
        self.stages = nn.ModuleList(
            nn.Sequential(
                *(EpaBlock(config.grid(i), c[i], config.projection[i], config) for _ in range(config.depths[i]))
            )
            for i in range(4)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        outputs = []
        for down, stage in zip(self.downsample_layers, self.stages, strict=True):
            x = stage(down(x))
            outputs.append(x)
        return outputs


class UpBlock(nn.Module):
    """Upsample, add the skip, refine: with EPA blocks, or at full resolution with one residual block."""

    def __init__(self, cin: int, cout: int, stride: int | Triple, body: nn.Module):
        super().__init__()
        self.transp_conv = TransposedConv(cin, cout, stride)
        self.decoder_block = nn.ModuleList([body])

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        return self.decoder_block[0](self.transp_conv(x) + skip)


class Head(nn.Module):
    """1x1x1 convolution to class logits."""

    def __init__(self, cin: int, classes: int):
        super().__init__()
        self.conv = Conv(cin, classes, 1, bias=True)

    def forward(self, x: Tensor) -> Tensor:
        return self.conv(x)


class Sharpen(nn.Module):
    """Features less `amount` times their Laplacian over the six neighbours, 0 beyond the border.

    For logits that are interpolated on a finer grid. With grid spacing h a network that learned shares of its voxels
    gives f + h^2/24 f'' along an axis, and linear interpolation at a share t of the way adds h^2/2 t (1 - t) f'', a
    twelfth on average: an amount of 1/8 takes both away, to second order. The head is linear, so features will do.
    """

    def __init__(self, channels: int, amount: float):
        super().__init__()
        taps = torch.zeros(3, 3, 3)
        taps[1, 1, 1] = 1 + 6 * amount
        for face in ((0, 1, 1), (2, 1, 1), (1, 0, 1), (1, 2, 1), (1, 1, 0), (1, 1, 2)):
            taps[face] = -amount
        # Dense, because the browser's kernels take no groups. Not learned, so not part of a checkpoint.
        self.register_buffer("weight", torch.einsum("ij,dhw->ijdhw", torch.eye(channels), taps), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        return F.conv3d(x, self.weight, padding=1)


class UnetrPP(nn.Module):
    """The whole network: (B, in_channels, D, H, W) -> logits (B, num_classes, D, H, W).

    While training with config.deep_supervision it returns [full, 1/stem, 1/(2 stem)] resolution logits.
    """

    def __init__(self, config: Config):
        super().__init__()
        self.config = config
        c, f = config.dims, config.feature_size

        def blocks(stage: int, depth: int) -> nn.Sequential:
            return nn.Sequential(
                *(EpaBlock(config.grid(stage), c[stage], config.decoder_projection, config) for _ in range(depth))
            )

        self.unetr_pp_encoder = Encoder(config)
        self.encoder1 = ResBlock(config.in_channels, f, nn.InstanceNorm3d)
        self.decoder5 = UpBlock(c[3], c[2], 2, blocks(2, config.decoder_depths[0]))
        self.decoder4 = UpBlock(c[2], c[1], 2, blocks(1, config.decoder_depths[1]))
        self.decoder3 = UpBlock(c[1], c[0], 2, blocks(0, config.decoder_depths[2]))
        self.decoder2 = UpBlock(c[0], f, config.stem, ResBlock(f, f, nn.InstanceNorm3d))
        self.sharpen = Sharpen(f, config.sharpen) if config.sharpen else nn.Identity()
        self.out1 = Head(f, config.num_classes)
        if config.deep_supervision:
            self.out2 = Head(c[0], config.num_classes)
            self.out3 = Head(c[1], config.num_classes)

    def forward(self, x: Tensor) -> Tensor | list[Tensor]:
        e0, e1, e2, e3 = self.unetr_pp_encoder(x)
        d1 = self.decoder4(self.decoder5(e3, e2), e1)
        d0 = self.decoder3(d1, e0)
        features = self.decoder2(d0, self.encoder1(x))
        if not self.training:
            return self.out1(self.sharpen(features))
        logits = self.out1(features)
        return [logits, self.out2(d0), self.out3(d1)] if self.config.deep_supervision else logits
