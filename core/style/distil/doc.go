// Package distil trains the feature network that ships (models/features) to see
// what the networks of the literature see: VGG-19 up to relu3_1, and a distilled
// VGG-19 for relu4_1, which are needed for the training only.
//
// The targets of a layer are the coordinates of the teacher's features along
// their leading principal axes (uncentred, so that Gram matrices are kept up to a
// rotation), divided by one number a layer. Batches are made in rounds: the
// teachers see a batch once, the pupil several times. Everything follows from the
// seed and the number of the step, so a run that is resumed goes on bit for bit.
package distil
