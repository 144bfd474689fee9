package fleet_test

// ledgerAgrees: the measurement's running sums are what a walk over all books
// finds, and nothing is wrong on a machine that is not watched.
func (w *tested) ledgerAgrees() error { return w.Measured.Check() }
