// Package fit estimates distributions and token buckets from what can be observed of
// them, with intervals. Everything here is decided before any data is seen: the families
// are those that the scenario language has, and where the data do not fit the family, it
// says so and fits all the same.
//
// Durations are log-normal. They are observed in two ways: as sums of several draws (a
// Prometheus summary between two scrapes), and as bounds between which a draw lies (two
// times of whole seconds, or two looks). The likelihood of both is maximised; a sum of
// draws counts as log-normal with the mean and the variance that it has (Fenton, IRE
// Transactions on Communications Systems 8:57, 1960), which is exact for one draw.
// Intervals are those of the profile likelihood, with the threshold that makes the
// interval of a normal mean exact with few observations, too.
//
// A token bucket has no likelihood here: what was let through and what was not bounds it
// from both sides, and the bounds are given.
package fit
