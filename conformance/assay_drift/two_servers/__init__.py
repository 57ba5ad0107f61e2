"""Two servers that are asked the same, and what their answers differ in."""
