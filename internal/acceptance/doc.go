// Package acceptance holds worked examples that others have published, each with
// what a simulated fleet comes to. Its tests run them and write the page of them;
// nothing imports it.
package acceptance

//go:generate go test . -run TestThePageIsOfTheseRows -update
