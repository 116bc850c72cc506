"""What a scan's intensities say without their places: the twin of src/volume/intensity.ts, to the last bit.

Padding is what lies beyond a gap that no tissue leaves. Values are sorted into buckets of float32 numbers whose upper
16 bits are equal; a part of them is a half-open range of buckets.
"""

from __future__ import annotations

import dataclasses

import numpy as np

APART = 2
"""Padding is narrower than the rest (1st to 99th percentile), and the gap is this many times as wide as that."""
FEW = 0.001
"""Fewer voxels than this share are outliers: they may be scattered, and are as far away as FEW_APART."""
FEW_APART = 10
LEAST_BODY = 0.01
"""What is left has at least this share of the voxels, or it is the outliers; and enough of them to say what is far."""
LEAST_VOXELS = 64
AIR_VALUE = -1024
"""CT scanners store nothing thinner."""
FLOORS = (0, AIR_VALUE)
"""No signal is weaker than none, nothing is thinner than air: values below are padding more easily."""
FLOOR_SHARE = 0.001
FLOOR_APART = 4
FLOOR_NARROW = 0.01
LEAST_BUCKETS = 16
GAPS = 64
AIR = (-1100, -700)
SOFT_TISSUE = (-250, 250)
FAT = -30
"""Fat in Hounsfield units is below this; what resampling leaves below 0 in MR is not."""


@dataclasses.dataclass(frozen=True)
class Intensity:
    """Of all finite voxels of a scan."""

    min: float
    """Smallest and largest value, padding and lone outliers aside."""
    max: float
    file_min: float
    """Smallest and largest value of all."""
    file_max: float
    below: float
    """Shares of all voxels that lie below `min` and above `max`."""
    above: float
    background: float
    """What padding stands for: 0 where nearly nothing is negative and 0 is near, else `min`."""
    looks_like: str
    """'CT': Hounsfield units. 'MR': anything that cannot be those. 'unknown': could be either."""


class _Buckets:
    """Non-empty buckets in ascending order; before[i] counts the voxels in those before bucket i."""

    def __init__(self, values: np.ndarray):
        values, counts = np.unique(values, return_counts=True)
        bits = values.view(np.uint32)
        bucket = np.where(bits >> 31, ~bits, bits | 0x80000000) >> 16
        first = np.flatnonzero(np.diff(bucket, prepend=-1))
        last = np.append(first[1:], len(values)) - 1
        self.low, self.high = values[first].astype(np.float64), values[last].astype(np.float64)
        self.counts = np.add.reduceat(counts, first)
        self.before = np.append(0, np.cumsum(self.counts))

    def voxels(self, first: int, end: int) -> int:
        return int(self.before[end] - self.before[first])

    def at(self, rank: int) -> int:
        """The bucket that holds the voxel at `rank` of all."""
        return int(np.searchsorted(self.before, rank, side="right")) - 1

    def spread(self, first: int, end: int) -> float:
        """From the 1st to the 99th percentile, without the most frequent bucket: air."""
        mode = first + int(np.argmax(self.counts[first:end]))
        count = self.voxels(first, end) - int(self.counts[mode])
        if count == 0:
            return self.high[mode] - self.low[mode]

        def at(percent: int) -> int:
            rank = int(self.before[first]) + percent * (count - 1) // 100
            return self.at(rank if rank < self.before[mode] else rank + int(self.counts[mode]))

        return self.high[at(99)] - self.low[at(1)]

    def share(self, first: int, end: int, low: float, high: float) -> float:
        """Of the part's voxels, in buckets that lie within [low, high]."""
        inside = (self.low[first:end] >= low) & (self.high[first:end] <= high)
        return float(self.counts[first:end][inside].sum() / self.voxels(first, end))

    def is_air(self, first: int, end: int, rest: tuple[int, int]) -> bool:
        """Whether values are the air around a body in Hounsfield units: apart too, in a computed CT."""
        near = self.low[first] >= AIR[0] and self.high[end - 1] <= AIR[1]
        return bool(near and self.share(*rest, -np.inf, FAT) >= 0.01)

    def is_apart(self, gap: float, rest: tuple[int, int], outside: tuple[int, int]) -> bool:
        """Whether `rest` is what a scan shows and `outside`, beyond a gap, is not."""
        total = int(self.before[-1])
        if self.voxels(*rest) < max(LEAST_VOXELS, LEAST_BODY * total):
            return False
        spread = self.spread(*rest)
        if self.voxels(*outside) < FEW * total:
            return bool(spread > 0 and gap > FEW_APART * spread)
        narrow = self.high[outside[1] - 1] - self.low[outside[0]] < spread
        return bool(narrow and gap > APART * spread and not self.is_air(*outside, rest))

    def above_floors(self, first: int, end: int) -> int:
        """The first bucket after padding below a floor; `first` where there is none."""
        total, found, widest = int(self.before[-1]), first, 0.0
        for floor in FLOORS:
            for i in range(first, min(end - 1, int(np.searchsorted(self.high, floor)))):
                gap = self.low[i + 1] - self.high[i]
                lone = gap > FLOOR_APART * max(0, floor - self.low[i + 1])
                if not lone or self.high[i] - self.low[first] > FLOOR_NARROW * gap or gap <= widest:
                    continue
                if self.voxels(first, i + 1) < FLOOR_SHARE * total or self.voxels(i + 1, end) < LEAST_BODY * total:
                    continue
                if end - i - 1 >= LEAST_BUCKETS and not self.is_air(first, i + 1, (i + 1, end)):
                    found, widest = i + 1, gap
        return found

    def body(self) -> tuple[int, int]:
        """What is left without padding and outliers on both sides."""
        gaps = self.low[1:] - self.high[:-1]
        widest = np.argsort(-gaps, kind="stable")[:GAPS]
        body = (0, len(self.low))
        before = None
        while before != body:
            before = body
            for i in map(int, widest):
                first, end = body
                if i < first or i >= end - 1:
                    continue
                under, over = (first, i + 1), (i + 1, end)
                if self.is_apart(gaps[i], over, under):
                    body = over
                elif self.is_apart(gaps[i], under, over):
                    body = under
            body = (self.above_floors(*body), body[1])
        return body

    def looks_like(self, first: int, end: int) -> str:
        """Hounsfield units have air near -1000 and soft tissue near 0, and next to nothing above 4000."""
        ranks = [int(self.before[first]) + percent * (self.voxels(first, end) - 1) // 100 for percent in (1, 99)]
        lowest, highest = self.low[self.at(ranks[0])], self.high[self.at(ranks[1])]
        if lowest < -1500 or highest > 4000:
            return "MR"
        if self.share(first, end, *AIR) >= 0.002 and self.share(first, end, *SOFT_TISSUE) >= 0.02:
            return "CT"
        negative = self.share(first, end, -np.inf, -5e-324)
        if negative >= 0.01 and highest - lowest >= 50:
            return "unknown"
        # A head in CT without skull and fat has nothing negative but what fills the outside, and that is air.
        return "unknown" if first > 0 and AIR[0] <= self.high[first - 1] <= AIR[1] else "MR"


def intensity_of(scan: np.ndarray) -> Intensity:
    """Of a scan of any shape, float32, all finite."""
    buckets = _Buckets(np.ravel(scan).astype(np.float32) + np.float32(0))  # -0 and 0 are one value
    first, end = buckets.body()
    low, total = float(buckets.low[first]), int(buckets.before[-1])
    from_zero = buckets.share(first, end, -np.inf, -5e-324) < 0.05 and low <= buckets.spread(first, end)
    return Intensity(
        min=low,
        max=float(buckets.high[end - 1]),
        file_min=float(buckets.low[0]),
        file_max=float(buckets.high[-1]),
        below=float(buckets.before[first] / total),
        above=float(1 - buckets.before[end] / total),
        background=0.0 if from_zero else low,
        looks_like=buckets.looks_like(first, end),
    )


def air_of(intensity: Intensity, at_most: float) -> float:
    """What padding stands for in Hounsfield units: air, at most `at_most`. Padding that could be air stays as it is."""
    return min(intensity.min, max(intensity.file_min, AIR_VALUE), at_most)


def without_padding(scan: np.ndarray, intensity: Intensity, background: float) -> np.ndarray:
    """Values below `min` become `background`, those above `max` likewise where they are many, else `max`."""
    if intensity.below == 0 and intensity.above == 0:
        return scan
    over = intensity.max if intensity.above < FEW else background
    scan = np.where(scan > intensity.max, np.float32(over), scan)
    return np.where(scan < intensity.min, np.float32(background), scan)
