"""What sigroute does when the kernel refuses a call of its own."""
