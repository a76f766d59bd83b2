"""Figures: functions from tables to a matplotlib `Figure`; saving is the script's."""
