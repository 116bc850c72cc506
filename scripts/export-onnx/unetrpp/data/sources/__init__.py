"""Where training data comes from: one module per `kind` of [data], named in registry.py; see base.py."""
