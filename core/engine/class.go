package engine

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"github.com/atelier-engine/atelier/core/picture"
	"github.com/atelier-engine/atelier/core/plan"
	"github.com/atelier-engine/atelier/core/plugin"
	"github.com/atelier-engine/atelier/core/recipe"
)

// Class says what kind of failure an error is. The numbers are the exit codes
// of the command.
type Class int

// The classes.
const (
	OK          Class = 0
	Internal    Class = 1   // a defect of the program
	Usage       Class = 2   // a flag, a recipe or the configuration is wrong
	Input       Class = 3   // a file or a sentence cannot be used
	Missing     Class = 4   // a model, style, plugin or recipe is missing or broken
	Output      Class = 5   // a result cannot be written
	Plugin      Class = 6   // a plugin failed
	Hardware    Class = 7   // the GPU is not there, too small, or failed
	Interrupted Class = 130 // ctrl-C
)

// Classes gives the classes with what they mean, in order.
func Classes() []struct {
	Class   Class
	Meaning string
} {
	return []struct {
		Class   Class
		Meaning string
	}{
		{OK, "all was done"},
		{Internal, "a defect of the program: please report it"},
		{Usage, "a command, flag, recipe or engine.toml is wrong"},
		{Input, "a file or a sentence cannot be used: unreadable, not a picture, cut short, over a limit, empty; in a batch the other pictures are painted"},
		{Missing, "a model, style, plugin or recipe is missing, or its files are broken"},
		{Output, "a result cannot be written: permission, full disk, no such folder; in a batch what is done stays"},
		{Plugin, "a plugin crashed, hung or answered nonsense"},
		{Hardware, "the GPU that was asked for is not there, has too little memory, or failed in the middle of the work"},
		{Interrupted, "interrupted with ctrl-C: nothing half-written is left"},
	}
}

// ErrInput is wrapped by errors about a sentence or a value that cannot be used.
var ErrInput = errors.New("cannot be used")

// ErrBroken is wrapped by errors about a model or a style whose files are broken.
var ErrBroken = errors.New("broken")

// ErrUsage is wrapped by errors about what was asked for.
var ErrUsage = errors.New("usage")

// ClassOf gives the class of an error.
func ClassOf(err error) Class {
	var (
		crash  *plan.Crash
		broken *plugin.Error
		script *recipe.Error
		pic    *picture.Error
	)
	is := func(targets ...error) bool {
		for _, t := range targets {
			if errors.Is(err, t) {
				return true
			}
		}
		return false
	}
	switch {
	case err == nil:
		return OK
	case is(context.Canceled, context.DeadlineExceeded):
		return Interrupted
	case errors.As(err, &crash):
		return Internal
	case deviceFailed(err):
		return Hardware
	case errors.As(err, &broken):
		if is(plugin.ErrNotFound, plugin.ErrRefused, plugin.ErrKind) {
			return Missing
		}
		switch {
		case !is(plugin.ErrRequest):
			return Plugin
		case is(ErrInput): // a sentence that cannot be read
			return Input
		}
		return Usage
	case is(syscall.ENOSPC, syscall.EDQUOT, syscall.EROFS):
		return Output
	case is(ErrUsage, ErrConfig, recipe.ErrBudget):
		return Usage
	case is(ErrInput):
		return Input
	case is(errOutput):
		return Output
	case is(ErrMissing, ErrBroken):
		return Missing
	case errors.As(err, &pic):
		switch {
		case is(picture.ErrFormat):
			return Usage
		case picture.BadInput(err):
			return Input
		}
		return Output
	case errors.As(err, &script):
		return Usage
	case writing(err, nil):
		return Output
	case is(fs.ErrPermission, fs.ErrNotExist):
		return Input
	}
	return Internal
}

// marked is an error with the class of mark that reads as err alone.
type marked struct{ err, mark error }

func (m *marked) Error() string   { return m.err.Error() }
func (m *marked) Unwrap() []error { return []error{m.err, m.mark} }

// mark gives err a class without changing its text.
func mark(err, class error) error {
	if err == nil {
		return nil
	}
	return &marked{err, class}
}

// Usagef makes an error about what was asked for.
func Usagef(format string, args ...any) error { return mark(fmt.Errorf(format, args...), ErrUsage) }

// Inputf makes an error about a file or a value that cannot be used.
func Inputf(format string, args ...any) error { return mark(fmt.Errorf(format, args...), ErrInput) }

// Missingf makes an error about a part of the program that is not there or is
// broken.
func Missingf(format string, args ...any) error { return mark(fmt.Errorf(format, args...), ErrMissing) }
