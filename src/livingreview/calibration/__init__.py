"""Simulation-based calibration of both engines."""
