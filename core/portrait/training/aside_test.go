package training

import (
	"errors"
	"strings"
	"testing"
)

func TestAside(t *testing.T) {
	var a aside
	if err := a.wait(); err != nil {
		t.Error(err)
	}
	begin, bad := make(chan struct{}), errors.New("bad")
	running := 0
	if err := a.do(func() error { <-begin; running++; return bad }); err != nil {
		t.Errorf("the first one gives %v at once", err)
	}
	close(begin)
	if err := a.do(func() error { running++; return nil }); !errors.Is(err, bad) {
		t.Errorf("the second one tells of %v", err)
	}
	if err := a.wait(); err != nil || running != 2 {
		t.Errorf("%v, %d done", err, running)
	}
	if err := a.wait(); err != nil {
		t.Error(err)
	}
	if err := a.do(func() error { panic("no paper") }); err != nil {
		t.Error(err)
	}
	if err := a.wait(); err == nil || !strings.Contains(err.Error(), "no paper") {
		t.Errorf("a panic gives %v", err)
	}
}
