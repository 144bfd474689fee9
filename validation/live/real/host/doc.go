// Package host makes a process's network namespace look like a node to the real
// daemon: a device for each attached interface, and a /run of its own.
package host
