package words

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"
)

// Count writes a whole number with its thousands apart: 12,345.
func Count[T ~int | ~uint64](n T) string { return Apart(fmt.Sprint(n)) }

// Apart puts commas between the thousands of a written number, which may have
// a sign and decimals: 12345.678 is 12,345.678.
func Apart(number string) string {
	sign := ""
	if strings.HasPrefix(number, "-") {
		sign, number = "-", number[1:]
	}
	whole, decimals, dotted := strings.Cut(number, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if dotted {
		whole += "." + decimals
	}
	return sign + whole
}

// Plural counts things: "1 pod", "1,200 pods", "3 addresses", "2 prefixes".
func Plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	ending := "s"
	if strings.HasSuffix(noun, "s") || strings.HasSuffix(noun, "x") {
		ending = "es"
	}
	return Count(n) + " " + noun + ending
}

// Percent is a part of a whole to the nearest whole percent: "33 %". Of
// nothing every part is "0 %".
func Percent(part, whole int) string {
	if whole == 0 {
		return "0 %"
	}
	return fmt.Sprintf("%d %%", (100*part+whole/2)/whole)
}

// Share is a share from 0 to 1 in percent, as it was written: 0.07 is "7 %",
// 0.125 is "12.5 %".
func Share(share float64) string {
	const digits = 1e6 // of a percent: what binary fractions leave beyond is noise
	return strconv.FormatFloat(math.Round(share*100*digits)/digits, 'f', -1, 64) + " %"
}

// Seconds is a time in seconds with so many decimals: "1.5 s".
func Seconds(s float64, decimals int) string {
	return strconv.FormatFloat(s, 'f', decimals, 64) + " s"
}

// Duration is a duration without its empty parts: "15m", "1h", "1m30s".
func Duration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
