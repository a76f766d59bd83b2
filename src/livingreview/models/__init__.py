"""Stage 3: fits of the models, by sampling (`nuts`) and by numerical integration (`quadrature`)."""
