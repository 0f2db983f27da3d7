"""Whether a figure that was sampled over time stays flat.

The rule: a straight line is fitted to the samples by least squares; what it grows by from the first
sample to the last, less three times the standard error of that (the noise), must not be more than a
share of the mean.
"""
import math

NOISE = 3


class Growth:
    """Of one figure; times in seconds."""

    def __init__(self, samples):
        """samples: [(when, value)], at least three, not all at one time."""
        count = len(samples)
        self.mean = sum(value for _, value in samples) / count
        middle = sum(when for when, _ in samples) / count
        spread = sum((when - middle) ** 2 for when, _ in samples)
        slope = sum((when - middle) * (value - self.mean) for when, value in samples) / spread
        residuals = sum((value - self.mean - slope * (when - middle)) ** 2
                        for when, value in samples)
        span = samples[-1][0] - samples[0][0]
        self.growth = slope * span
        self.noise = span * math.sqrt(residuals / (count - 2) / spread)

    def is_flat(self, share):
        return self.growth - NOISE * self.noise <= share * self.mean

    def told(self, form="{:,.0f}"):
        percent = 100 * self.growth / self.mean if self.mean else 0
        return (f"mean {form.format(self.mean)}, fitted growth {form.format(self.growth)} "
                f"({percent:+.1f} %), its standard error {form.format(self.noise)}")
