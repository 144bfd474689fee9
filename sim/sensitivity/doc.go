// Package sensitivity asks which assumption of the model decides an answer. What
// nobody has published, or what differs between accounts, has a stated range; each
// is moved to the ends of its range alone, and all of them together in random
// steps (Morris, Technometrics 33:161, 1991), in the same random worlds. A
// conclusion that holds over all of that does not hang on our choices.
package sensitivity
