// Package des is the kernel of the simulation: a virtual clock, an event
// queue, processes and named random streams.
//
// Time is a time.Duration since the start of the run and only moves when the
// queue's next event is later than the last one. A run uses one goroutine.
//
// There are two ways to write behaviour. An event is a function at a time; it
// costs about a tenth of a microsecond. A process is straight-line blocking
// code that sleeps and waits on a coroutine; it costs about four times as much
// and reads like the program it models. What exists a million times is an
// event; what blocks in reality is a process.
//
// Equal inputs give equal runs: events at one instant run in the order of
// their priority and then in the order in which they were scheduled, every
// random draw comes from a stream with a name, and nothing here reads a wall
// clock, a global random source or a map in its own order.
package des
