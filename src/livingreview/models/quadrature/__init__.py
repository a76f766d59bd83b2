"""The `quadrature` engine: posteriors by numerical integration, without sampling."""
