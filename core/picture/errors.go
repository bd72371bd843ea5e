package picture

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"
)

// What went wrong, for errors.Is. The errors of package io/fs (ErrNotExist,
// ErrPermission) are found by errors.Is as well.
var (
	ErrMissing     = errors.New("no such picture")
	ErrUnreadable  = errors.New("cannot be read")
	ErrDirectory   = errors.New("a folder, not a picture")
	ErrEmpty       = errors.New("an empty file")
	ErrNotPicture  = errors.New("not a picture we can read")
	ErrTruncated   = errors.New("a picture cut short")
	ErrDamaged     = errors.New("a damaged picture")
	ErrUnsupported = errors.New("a kind of picture we do not read")
	ErrTooLarge    = errors.New("a picture over the limit")
	ErrFormat      = errors.New("a file name without a known ending")
	ErrWrite       = errors.New("cannot be written")
)

// Error is what reading and writing return: "operation path: what is wrong:
// what to do".
type Error struct {
	Op   string // "open", "save"
	Path string // name of the file, or what stands for it
	Kind error  // one of the Err values above
	What string // what is wrong
	Do   string // what to do about it
	Err  error  // the cause; may be nil
}

func (e *Error) Error() string {
	return fmt.Sprintf("%s %s: %s: %s", e.Op, e.Path, e.What, e.Do)
}

// Unwrap gives errors.Is both the kind and the cause.
func (e *Error) Unwrap() []error {
	if e.Err == nil {
		return []error{e.Kind}
	}
	return []error{e.Kind, e.Err}
}

// BadInput tells whether err is about a picture that was given (missing, not a
// picture, too large, cut short...), as against one that could not be written.
func BadInput(err error) bool {
	var e *Error
	return errors.As(err, &e) && e.Kind != ErrWrite && e.Kind != ErrFormat
}

// openError puts an error of the file system in our words.
func openError(path string, err error) error {
	e := &Error{Op: "open", Path: path, Err: err}
	switch {
	case errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ENOTDIR):
		e.Kind, e.What, e.Do = ErrMissing, "no such file", "check the name and the folder"
	case errors.Is(err, fs.ErrPermission):
		e.Kind, e.What, e.Do = ErrUnreadable, "we may not read it", "ask its owner for permission to read"
	default:
		e.Kind, e.What, e.Do = ErrUnreadable, "reading failed ("+reason(err)+")", "check the disk or the connection and try again"
	}
	return e
}

// writeError puts an error met while writing in our words.
func writeError(path string, err error) error {
	var ours *Error
	if errors.As(err, &ours) {
		return err
	}
	e := &Error{Op: "save", Path: path, Kind: ErrWrite, Err: err}
	switch {
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		e.What, e.Do = "it was stopped before it was done", "run it again"
	case errors.Is(err, fs.ErrNotExist):
		e.What, e.Do = "its folder does not exist", "make the folder first or choose another"
	case errors.Is(err, syscall.ENOTDIR):
		e.What, e.Do = "a part of its path is a file, not a folder", "choose another folder"
	case errors.Is(err, fs.ErrPermission) || errors.Is(err, syscall.EROFS):
		e.What, e.Do = "we may not write in its folder", "choose another folder or ask for permission"
	case errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT):
		e.What, e.Do = "the disk is full", "free some space or choose another disk"
	case errors.Is(err, syscall.ENAMETOOLONG):
		e.What, e.Do = "its name is too long", "choose a shorter one"
	default:
		e.What, e.Do = "writing failed ("+reason(err)+")", "check the disk and try again"
	}
	return e
}

// reason strips the path from an error of package os, since ours names it.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
