"""How scans become network input and logits become a mask: one module per `scheme` of the manifest's `pipeline`.

docs/model-format.md has the steps and formulas; the browser's twin is src/inference/schemes.
"""
