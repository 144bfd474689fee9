package ipamd

// For whoever watches a daemon.

// HalfPass is the pause of the pool loop, twice in each pass: its length tells
// it from every other sleep.
const HalfPass = halfPass

// Stock is the pool as it is now, without a look at its interfaces.
func (d *Daemon) Stock() Stock { return d.store.stock(d.now()) }
