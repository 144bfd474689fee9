package scenarios

// Explain says in a few sentences what will happen.
func Explain(s *Scenario) string { return "" }
