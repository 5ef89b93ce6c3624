package kernel

// Blocks is how many pieces of a size n things fall into, the last maybe smaller.
func Blocks(n, size int) int { return (n + size - 1) / size }
