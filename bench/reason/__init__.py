"""The reasoning benchmark: beside owlrl, and at growing sizes."""
