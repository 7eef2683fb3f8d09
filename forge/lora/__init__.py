"""Adapters: training one from a folder of pictures, the four starter brands, and the style judge that scores them."""
