"""The `nuts` engine: the model as a PyMC graph, and its sampling."""
