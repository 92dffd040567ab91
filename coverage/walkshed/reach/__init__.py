"""Stations x streets -> the street pieces reached, with their cost."""
