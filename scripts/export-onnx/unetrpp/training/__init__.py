"""A network in training: by steps here, by the clock on a lent machine."""
