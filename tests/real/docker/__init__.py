"""The wrapper images, built and run by Docker as users would."""
