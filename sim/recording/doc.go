// Package recording is what happened to chosen pods and on chosen nodes, as it happened.
package recording
