package ami

// Families are all of them, the default first.
func Families() []Family { return families }
