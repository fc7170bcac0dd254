"""The window's own parts: theme, icons, widgets and tables; knows the kernel and no feature."""
