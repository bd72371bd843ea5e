//go:build !unix

package sdk

import "os"

// takeOutput returns the real standard output.
func takeOutput() (*os.File, error) { return os.Stdout, nil }
