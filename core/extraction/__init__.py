"""What a document says: its chunks are asked about, every answer is proven against the text, and all of it becomes one."""
