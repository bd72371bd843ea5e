// Package style paints pictures: one feed-forward network that all styles
// share, a vector of a few thousand numbers for each style, and honest steps
// on the host before and after the network.
//
// The network is that of Johnson, Alahi and Fei-Fei, "Perceptual Losses for
// Real-Time Style Transfer" (2016) with conditional instance normalisation,
// Dumoulin, Shlens and Kudlur, "A Learned Representation for Artistic Style"
// (2017): the convolutions are the same for every style, and a style is the
// gamma and beta of every normalisation. Package training learns both from
// photographs and exemplars; a Stylizer paints with what was learnt.
package style
