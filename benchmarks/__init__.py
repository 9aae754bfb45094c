"""Speed goals as ratios within one run, and the built-in model's floors. `make bench` prints them all."""
