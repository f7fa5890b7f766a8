"""The doors to the disk: nothing else of the program opens, writes or makes a file.

`border` reads what is scanned, `named` what the user named or Git keeps, `own` what the package
brings along; `writing` writes reports and `scratch` temporary folders. See decision 0017.
"""
