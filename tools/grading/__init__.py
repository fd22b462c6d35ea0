"""Find what was handed in, take the answers over, run them apart, and let nbgrader count."""
