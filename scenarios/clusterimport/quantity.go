package clusterimport

import (
	"fmt"
	"math/big"
	"regexp"

	"ipamsim/internal/words"
)

// quantityForm is how Kubernetes writes amounts.
// https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/
var quantityForm = regexp.MustCompile(`^(\d{1,24}(?:\.\d{0,12})?|\.\d{1,12})(?:[eE]([+-]?\d{1,2})|([numkMGTPE]|[KMGTPE]i)?)$`)

var scales = map[string]string{
	"": "1", "n": "1/1000000000", "u": "1/1000000", "m": "1/1000", "k": "1000", "M": "1000000", "G": "1000000000", "T": "1000000000000", "P": "1000000000000000", "E": "1000000000000000000",
	"Ki": "1024", "Mi": "1048576", "Gi": "1073741824", "Ti": "1099511627776", "Pi": "1125899906842624", "Ei": "1152921504606846976",
}

// most of any amount that is believed, in thousandths: 2^50 bytes.
const mostAmount = 1 << 60

// thousandths is the amount in thousandths, rounded up.
func (q quantity) thousandths() (int64, error) {
	if q == "" || q == "null" {
		return 0, nil
	}
	m := quantityForm.FindStringSubmatch(string(q))
	if m == nil {
		return 0, fmt.Errorf("%.40q is no quantity of Kubernetes", words.Printable(string(q)))
	}
	text := m[1]
	if m[2] != "" {
		text += "e" + m[2]
	}
	amount, ok := new(big.Rat).SetString(text)
	scale, _ := new(big.Rat).SetString(scales[m[3]])
	if !ok {
		return 0, fmt.Errorf("%.40q is no quantity of Kubernetes", words.Printable(string(q)))
	}
	amount.Mul(amount, scale).Mul(amount, big.NewRat(1000, 1))
	n := new(big.Int).Add(amount.Num(), new(big.Int).Sub(amount.Denom(), big.NewInt(1)))
	n.Quo(n, amount.Denom())
	if !n.IsInt64() || n.Int64() > mostAmount {
		return 0, fmt.Errorf("%.40q is more than any machine has", words.Printable(string(q)))
	}
	return n.Int64(), nil
}
