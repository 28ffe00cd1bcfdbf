"""What people see: pure functions, values in, Block Kit out. A modal's builder and parser share one file."""
