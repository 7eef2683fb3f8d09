"""Small hand-made graphs for the tests of the studio: precision, hostile files, and models that fail."""
