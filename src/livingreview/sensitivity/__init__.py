"""Stage 6: the answer under every choice that could have been made otherwise."""
