"""Schemas of the tables that rules write and read, a module for each stage."""
