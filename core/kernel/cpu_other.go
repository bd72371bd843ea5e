//go:build !amd64

package kernel

func bestISA() ISA { return ISAPlain }
