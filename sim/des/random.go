package des

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

type streams struct {
	seed        uint64
	replication int
}

// Rand returns a new random stream that depends on the run's seed, its
// replication and the name, and on nothing else. Two variants of a scenario
// that draw from equally named streams see the same world. Asking twice for
// one name gives two streams with equal draws: keep the first.
func (k *Kernel) Rand(name string) *rand.Rand {
	return rand.New(k.streams.source(name))
}

func (s streams) source(name string) *rand.PCG {
	key := make([]byte, 16, 16+len(name))
	binary.LittleEndian.PutUint64(key, s.seed)
	binary.LittleEndian.PutUint64(key[8:], uint64(s.replication))
	sum := sha256.Sum256(append(key, name...))
	return rand.NewPCG(binary.LittleEndian.Uint64(sum[:]), binary.LittleEndian.Uint64(sum[8:]))
}
