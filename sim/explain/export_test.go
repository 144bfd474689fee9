package explain

// Searched and Followed are the two ways to an answer.
var Searched, Followed = searched, followed
