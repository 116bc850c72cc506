"""What differs between UNETR++ networks, without PyTorch: the published variants and our own sizes."""

from __future__ import annotations

import dataclasses

Triple = tuple[int, int, int]


@dataclasses.dataclass(frozen=True)
class Config:
    """Everything that differs between variants. The published ones are in VARIANTS."""

    in_channels: int
    num_classes: int
    patch_dhw: Triple
    stem: Triple
    """Stem convolution kernel = stride, (D, H, W)."""
    dims: tuple[int, int, int, int] = (32, 64, 128, 256)
    depths: tuple[int, int, int, int] = (3, 3, 3, 3)
    decoder_depths: Triple = (3, 3, 3)
    """EPA blocks of decoder5, decoder4, decoder3."""
    feature_size: int = 16
    """Channels at full resolution."""
    heads: int = 4
    projection: tuple[int, int, int, int] = (64, 64, 64, 32)
    decoder_projection: int = 64
    token_projection: str = "shared"
    """'shared': E is F (synapse). 'separate': E and F (acdc, lung). 'plain': one matrix EF without bias (tumor)."""
    residual_blocks: int = 1
    """1: conv51. 2: conv51 and conv52 (acdc, lung)."""
    fusion: str = "concat"
    """'concat': two half-width output projections side by side. 'sum': channel + spatial attention (tumor)."""
    attention_dropout: float = 0.0
    block_dropout: float = 0.0
    deep_supervision: bool = False
    sharpen: float = 0.0
    """How much of each of its six neighbours a voxel loses before the logits, in evaluation mode: see Sharpen."""

    def __post_init__(self) -> None:
        for axis, (size, stride) in enumerate(zip(self.patch_dhw, self.stem, strict=True)):
            if size % (stride * 8):
                raise ValueError(
                    f"patch_dhw[{axis}] = {size} must be a multiple of stem * 8 = {stride * 8}: "
                    "the stem and three halvings divide the grid exactly."
                )
        for stage, dim in enumerate(self.dims):
            if dim % self.heads or dim % 2:
                raise ValueError(f"dims {self.dims} must be even multiples of heads = {self.heads}, got {dim}.")
            if stage and dim % self.dims[stage - 1]:
                raise ValueError(f"dims {self.dims}: each must divide the next (group norm), got {dim}.")

    def grid(self, stage: int) -> Triple:
        """Token grid (D, H, W) of encoder stage 0..3."""
        d, h, w = (size // stride >> stage for size, stride in zip(self.patch_dhw, self.stem, strict=True))
        return d, h, w


VARIANTS = {
    "synapse": Config(1, 14, (64, 128, 128), (2, 4, 4), deep_supervision=True),
    "acdc": Config(
        1, 4, (16, 160, 160), (1, 4, 4), token_projection="separate", residual_blocks=2, deep_supervision=True
    ),
    "lung": Config(
        1, 2, (32, 192, 192), (1, 4, 4), token_projection="separate", residual_blocks=2, deep_supervision=True
    ),
    "tumor": Config(4, 4, (128, 128, 128), (4, 4, 4), token_projection="plain", fusion="sum", deep_supervision=True),
}
