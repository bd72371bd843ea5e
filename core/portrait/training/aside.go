package training

import "fmt"

// aside does one thing at a time beside the steps: a sheet of samples and a plot
// take as long as a hundred steps of a GPU. A panic becomes an error.
type aside struct {
	done chan error // of what is being done; nil: nothing
}

// do waits for what was given before, returns its error, and begins f.
func (a *aside) do(f func() error) error {
	err := a.wait()
	done := make(chan error, 1)
	a.done = done
	go func() {
		var err error
		defer func() {
			if v := recover(); v != nil {
				err = fmt.Errorf("beside the training: %v", v)
			}
			done <- err
		}()
		err = f()
	}()
	return err
}

// wait returns the error of what was given last, once it is done.
func (a *aside) wait() error {
	if a.done == nil {
		return nil
	}
	err := <-a.done
	a.done = nil
	return err
}
