package des

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// Rand returns a new random stream that depends on the run's seed, its
// replication and the name, and on nothing else. Two variants of a scenario
// that draw from equally named streams see the same world. Asking twice for
// one name gives two streams with equal draws: keep the first.
func (k *Kernel) Rand(name string) *rand.Rand {
	s := new(struct { // one allocation for both
		Stream
		rand rand.Rand
	})
	s.Stream = k.Stream(name)
	s.rand = *s.Rand()
	return &s.rand
}

// Stream is Rand by value: 16 bytes without a pointer, for what exists a
// million times.
type Stream struct{ source rand.PCG }

// Stream returns the stream of the name whose parts are given.
func (k *Kernel) Stream(name ...string) Stream { return k.streams.stream(name) }

// Rand draws from the stream. It costs nothing, so it is called for each draw
// and not kept: what it returns points into s.
func (s *Stream) Rand() *rand.Rand { return rand.New(&s.source) }

type streams struct {
	seed        uint64
	replication int
	key         []byte // kept from name to name
}

func (s *streams) stream(name []string) (out Stream) {
	key := binary.LittleEndian.AppendUint64(s.key[:0], s.seed)
	key = binary.LittleEndian.AppendUint64(key, uint64(s.replication))
	for _, part := range name {
		key = append(key, part...)
	}
	s.key = key
	sum := sha256.Sum256(key)
	out.source.Seed(binary.LittleEndian.Uint64(sum[:]), binary.LittleEndian.Uint64(sum[8:]))
	return out
}
