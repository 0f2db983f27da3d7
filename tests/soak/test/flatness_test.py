#!/usr/bin/env python3
"""The rule of flatness can tell a leak from noise."""
import pathlib
import random
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
from flatness import Growth  # noqa: E402


def samples(slope, noise, count=200, mean=1000.0):
    chance = random.Random(1)
    return [(t, mean + slope * t + chance.gauss(0, noise)) for t in range(count)]


class Flatness(unittest.TestCase):
    def test_noiseIsFlat(self):
        self.assertTrue(Growth(samples(0, 100)).is_flat(0.02))

    def test_aConstantIsFlat(self):
        self.assertTrue(Growth(samples(0, 0)).is_flat(0))

    def test_aLeakWithinNoiseOfEachSampleIsFound(self):
        self.assertFalse(Growth(samples(1, 100)).is_flat(0.05))

    def test_growthBelowTheShareIsFlat(self):
        self.assertTrue(Growth(samples(0.1, 1)).is_flat(0.05))
        self.assertFalse(Growth(samples(0.1, 1)).is_flat(0.01))

    def test_oneMoreThreadThatStaysIsFound(self):
        steps = [(t, 10 + (t >= 100)) for t in range(200)]
        self.assertFalse(Growth(steps).is_flat(0.02))

    def test_whatShrinksIsFlat(self):
        self.assertTrue(Growth(samples(-1, 10)).is_flat(0))

    def test_theFigures(self):
        growth = Growth([(0, 10), (10, 20), (20, 30)])
        self.assertAlmostEqual(growth.mean, 20)
        self.assertAlmostEqual(growth.growth, 20)
        self.assertAlmostEqual(growth.noise, 0)


if __name__ == "__main__":
    unittest.main()
