// Package reports shows results. A report is a function from a result to a
// writer (or, for pictures, to a folder): it reads the result and never the
// world that made it, so every report can be made again from a stored result.
//
//	Table        text for people, the default of the command line
//	JSON, YAML   the result itself, for programs
//	Plots        pictures, SVG and PNG
//
// A further report is a further function here and a line in the command
// line's list of outputs.
package reports
