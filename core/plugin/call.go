package plugin

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// maxMessage is how much of an error's text is shown, in bytes.
const maxMessage = 500

// call runs f with the running plugin, under the deadline of a call. When
// the plugin crashes or hangs meanwhile, it is killed and f runs once more
// with a new process, unless the plugin is quarantined by then.
func (s *Supervisor) call(ctx context.Context, name, kind string, f func(context.Context, *process) error) error {
	if err := s.begin(name); err != nil {
		return err
	}
	defer s.busy.Done()
	for {
		p, err := s.acquire(ctx, name)
		if err != nil {
			return err
		}
		if p.info.Kind != kind {
			return p.error(fmt.Errorf("%w: it is a plugin of kind %s, and a plugin of kind %s is needed: name another",
				ErrKind, p.info.Kind, kind))
		}
		limit, cancel := context.WithTimeout(ctx, s.cfg.Call)
		stop := context.AfterFunc(s.ctx, cancel)
		err = f(limit, p)
		late := limit.Err() != nil
		stop()
		cancel()
		if err == nil {
			return nil
		}
		switch code := status.Code(err); {
		case ctx.Err() != nil:
			return ctx.Err()
		case s.ctx.Err() != nil:
			return p.error(ErrClosed)
		case late:
			err = fmt.Errorf("%w: no answer within %v, so it was killed", ErrBroken, s.cfg.Call)
		case code == codes.Unavailable || p.child.exited():
			err = fmt.Errorf("%w: it crashed in a call: %s%s", ErrBroken, p.child.epitaph(), p.log.quote())
		case code == codes.InvalidArgument:
			return p.error(fmt.Errorf("%w: %s", ErrRequest, message(err)))
		case code == codes.ResourceExhausted:
			return p.error(fmt.Errorf("%w: %s: ask for less at once", ErrAnswer, message(err)))
		case code == codes.Unimplemented:
			return p.error(fmt.Errorf("%w: it does not serve what its kind promises: rebuild it with core/plugin/sdk", ErrAnswer))
		default:
			return p.error(plain(err))
		}
		s.fail(s.slot(name), p, err)
	}
}

// message is what a gRPC error says, without its code: one line of the
// plugin's words, of a bearable length.
func message(err error) string {
	text := err.Error()
	if st, ok := status.FromError(err); ok {
		text = st.Message()
	}
	text = strings.Join(strings.Fields(text), " ")
	if len(text) > maxMessage {
		text = strings.ToValidUTF8(text[:maxMessage], "") + "..."
	}
	return text
}

// plain turns what the plugin's own code answered into an error of its words,
// and leaves an error of the host as it is.
func plain(err error) error {
	if _, ok := status.FromError(err); ok {
		return errors.New(message(err))
	}
	return err
}
