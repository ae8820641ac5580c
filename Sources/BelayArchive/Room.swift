// An empty room: its first file is on the way.
