"""The stand-ins, module by module, against the C library and as data."""
