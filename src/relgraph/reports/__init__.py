"""Reports on what a validation found: for people, for code scanning, for continuous integration, for programs."""
