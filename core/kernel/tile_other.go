//go:build !amd64

package kernel

func microOf(ISA) *micro { return &microPlain }
