"""Domainsmith without a face: everything that pages, API and command line share."""
