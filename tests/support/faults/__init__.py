"""What the tests of faults share (tests/system/80-faults-*.py to 85-faults-*.py)."""
