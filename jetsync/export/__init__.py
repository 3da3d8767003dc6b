"""All data of a store as a zip: which tables and columns are in it, how they are written, and the README that says so."""
