"""The JSON Schema of rule files, made from the model: for editors, and for checks without sigroute."""
