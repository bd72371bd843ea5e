package device

// Roomy is a device with memory of its own beside the processor's. It computes while the processor does
// something else, so that it pays to prepare the next run and to use the last one's results meanwhile, and it
// may be given more at once than what suits the processor's caches.
type Roomy interface {
	// Room is how many bytes one program may take for its runs. It is the same each time, whatever else the
	// device holds: how a picture is cut into tiles decides the last bits of their results. Where there is less
	// memory at the moment, a run fails with ErrMemory.
	Room() int64
}

// Room is the room of a device, 0 where it computes with the processor and in its memory.
func Room(d Device) int64 {
	if r, ok := d.(Roomy); ok {
		return r.Room()
	}
	return 0
}
