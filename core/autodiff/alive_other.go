//go:build !unix && !windows

package autodiff

// alive says yes: this system is not asked.
func alive(int) bool { return true }
