"""The built-in integration layers, one a file, each of which reads as its pattern's recipe."""
