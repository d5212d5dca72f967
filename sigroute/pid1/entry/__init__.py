"""What runs before the loop: after the exec of sigroute (take_over.py), or in a compiled init (boot.py)."""
