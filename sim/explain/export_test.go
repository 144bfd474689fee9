package explain

// Searched and Followed are the two ways to an answer.
var Searched, Followed = searched, followed

// LoopPause is what a pause between two passes is called, WithoutWords what
// the verdict says of a boundary.
var LoopPause, WithoutWords = loopPause, withoutWords
