"""The revisions, one file each, named by the version of the file that they lead to."""
