"""From a scan to a mask, without PyTorch: the reference that the page is compared with."""
