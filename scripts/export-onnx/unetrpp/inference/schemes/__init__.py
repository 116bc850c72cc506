"""How scans become network input and logits become a mask: one module per family of `pipeline.scheme` in the manifest.

registry.py names them. docs/model-format.md has steps and formulas; the browser's twin is src/inference/schemes.
"""
