"""The commands that ask a running sigroute, at its control socket."""
