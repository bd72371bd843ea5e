// Package autodiff trains the networks that package device describes.
//
// gorgonia carries the expression graph, the symbolic differentiation, the tape
// machine and the Solver interface. Every operation on a tape is ours: it calls
// core/kernel, writes to memory that is planned once, and knows its gradient.
// gorgonia's own convolutions, poolings and reductions are never used: they are
// slow, and some are silently wrong.
//
// A Tape is one program: inputs, networks applied to them, a loss. Params hold
// the numbers of one network and are shared by all tapes that apply it. So a
// GAN is two tapes: one trains the discriminator, the other trains the
// generator through the same discriminator, frozen.
//
//	tape := autodiff.NewTape()
//	x := tape.Input("x", 64, 32, 32, 3)
//	y, err := tape.Apply(graph, params, autodiff.Train, x)
//	loss := tape.MSE(y[0], tape.Input("target", 64, 1, 1, 10))
//	err = tape.Minimise(loss, params)
//	for … {
//		tape.Set("x", …)
//		tape.Set("target", …)
//		err = tape.Run()
//		err = tape.Update(adam)
//	}
//
// Tensors are float32, channels last: (N,H,W,C). Results are the same bits for
// any number of workers.
package autodiff
