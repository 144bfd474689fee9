package ec2model

import (
	_ "embed"
	"encoding/csv"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"ipamsim/internal/portable"
	"ipamsim/internal/source"
)

//go:embed data/constants.csv
var constantsCSV string

// table is data/constants.csv, read once. It is never changed.
var table = sync.OnceValue(func() map[string]source.Constant {
	rows := make(map[string]source.Constant)
	for _, row := range Constants() {
		rows[row.Name] = row
	}
	return rows
})

// Constants are the rows of the model's data, in the order of the file.
func Constants() []source.Constant {
	records, err := csv.NewReader(strings.NewReader(constantsCSV)).ReadAll()
	if err != nil {
		panic("ec2model: data/constants.csv: " + err.Error())
	}
	rows := make([]source.Constant, 0, len(records)-1)
	for _, r := range records[1:] {
		rows = append(rows, source.Constant{Name: r[0], Value: r[1], Unit: r[2], Kind: source.Kind(r[3]), Source: r[4]})
	}
	return rows
}

// number is the value of a row, which must exist.
func number(name string) float64 {
	row, ok := table()[name]
	if !ok {
		panic(fmt.Sprintf("ec2model: data/constants.csv has no row %q", name))
	}
	value, err := strconv.ParseFloat(row.Value, 64)
	if err != nil {
		panic(fmt.Sprintf("ec2model: data/constants.csv: %s: %v", name, err))
	}
	return value
}

// duration is the value of a row in milliseconds.
func duration(name string) time.Duration {
	return time.Duration(portable.Int64(number(name) * float64(time.Millisecond)))
}

func hasRow(name string) bool {
	_, ok := table()[name]
	return ok
}
