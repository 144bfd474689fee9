package words

// Distance counts the slips between two words.
var Distance = distance
