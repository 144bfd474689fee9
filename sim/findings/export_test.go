package findings

// For the tests that run a simulation, which stand outside of the package.
var (
	Modes      = modes
	CheckWords = checkWords
)
