"""A model's configuration file as data classes; nothing but the standard library."""
