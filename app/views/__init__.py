"""The larger parts of pages: each draws one region from what the workflows tell, and calls them."""
