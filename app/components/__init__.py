"""One module per visual piece; each takes plain data and never renders foreign text as markdown or HTML."""
