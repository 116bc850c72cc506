"""How good a model is: figures, contact sheets and cards."""
