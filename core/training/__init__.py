"""Training: DSPy's optimizers on annotated samples, watched, recorded and resumable."""
