"""The seam, module by module, on the kernel of this machine."""
