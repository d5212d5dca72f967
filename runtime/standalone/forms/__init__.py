"""What the static sigroute has in another form: it has no files of its own, and no Python to exec."""
