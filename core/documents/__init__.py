"""Files as texts: reading them in a process of their own, and cutting texts into chunks."""
