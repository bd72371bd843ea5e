//go:build !linux && !darwin && !freebsd

package faces

import "os"

func freeSpace(string) int64 { return -1 }

func lockFile(*os.File) bool { return true }
