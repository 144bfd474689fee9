// Package measure is what a fleet is measured by: counts, running sums and samples, while it runs.
package measure
