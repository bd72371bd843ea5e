// Package optimise makes pictures and styles by gradient descent through the
// feature network: the slow and thorough ways beside the network that paints in
// one pass.
//
// Paint changes the pixels of a picture until it shows what the photograph shows
// in the manner of the reference (Gatys, Ecker and Bethge, "Image style transfer
// using convolutional neural networks", 2016), from coarse to fine. Refine and
// Learn change the style vector of the painting network only, for one reference:
// Refine in seconds for one picture, Learn in minutes for all pictures, with
// checkpoints, and with a style package as its result.
package optimise
