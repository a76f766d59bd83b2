"""The forms of a likelihood: binomial (counts), normal (estimates), interval (findings).

`likelihood_tensors` has their log likelihoods in PyTensor, for sampling; `likelihood_grids` in
NumPy, for integration; `simulation` draws the reports that they describe.
"""
