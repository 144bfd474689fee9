// Package queryapi is the wire in front of an [ec2model.Account]: the EC2 query
// API, with its XML, errors, filters and pages, and the instance metadata
// service of each instance, with tokens, hop limits and the model's lag.
//
// A [Service] lives on the account's own timeline and knows no clock: a request
// goes in with a function, which gets the answer when the account's virtual time
// has come there. That is how tests drive it, a million requests in seconds.
//
// A [Handler] puts it behind HTTP. What it needs of time is a [Timeline]: a way
// to act at the present moment of the account, alone. [Pace] is one, in step
// with a clock; the clock may be that of the wall, faster than it, or the one of
// a synctest bubble. This is the only place below a command that may look at a
// clock or be asked by several goroutines at once; the goroutines are those of
// the HTTP server, it starts none.
package queryapi
