// Package tuning searches the settings of the VPC CNI that can be applied to a
// cluster. Every setting runs in the same random worlds; the search begins with
// many of them in few worlds and goes on with fewer in more. What it recommends
// was tried where it had not looked, and makes no threshold worse.
package tuning
