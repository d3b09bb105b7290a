"""Trained parts that ship with the package. Their cards are in the repository's ``models/`` folder; no pickle."""
