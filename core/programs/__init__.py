"""What is trained: signatures and modules for DSPy, and prompts that need none of it."""
