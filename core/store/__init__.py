"""Where records live: one protocol, adapters that behave the same."""
