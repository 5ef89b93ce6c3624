package chart

import (
	"math"
	"strconv"
	"strings"
)

// Axis is one axis of a chart. The zero value fits the data with ticks at round
// numbers.
type Axis struct {
	Label string
	// Log spaces the values by their logarithm. Zero, which has none, stands by
	// itself at the axis' beginning, before a gap.
	Log   bool
	Ticks []Tick // nil: chosen
	// Min and Max are the ends; both zero: those of the data. Of a logarithmic
	// axis they are the ends of what is above zero.
	Min, Max float64
}

// Tick is a place on an axis. A label may have a second line after a newline.
type Tick struct {
	At    float64
	Label string
}

// zeroGap is the share of a logarithmic axis between zero and the rest.
const zeroGap = 0.16

// scale turns values into places.
type scale struct {
	log, zero bool
	lo, hi    float64 // values at the ends; of a log scale, above zero
	from, to  float64 // places of the ends
}

// newScale is an axis' scale for values from lo to hi, where positive is the
// least of them above zero.
func (a Axis) newScale(lo, hi, positive float64) scale {
	s := scale{log: a.Log, lo: lo, hi: hi}
	if a.Log {
		s.zero, s.lo = lo <= 0, positive
	}
	if a.Min != 0 || a.Max != 0 {
		s.lo, s.hi = a.Min, a.Max
	}
	if s.log && !(s.hi >= s.lo && s.lo > 0) { // nothing above zero
		s.lo, s.hi = 1, 10
	}
	if s.hi == s.lo {
		switch {
		case s.log && s.zero:
			s.lo /= 4 // it stands at the end
		case s.log:
			s.lo, s.hi = s.lo/2, s.hi*2
		default:
			pad := max(math.Abs(s.lo)*0.1, 1e-9)
			s.lo, s.hi = s.lo-pad, s.hi+pad
		}
	}
	return s
}

// at is the place of a value; beyond the ends it is the end.
func (s scale) at(v float64) float64 {
	from := s.from
	if s.log {
		if s.zero {
			from += zeroGap * (s.to - s.from)
		}
		if v <= 0 {
			return s.from
		}
		v = max(s.lo, min(s.hi, v))
		return from + (s.to-from)*(math.Log(v)-math.Log(s.lo))/(math.Log(s.hi)-math.Log(s.lo))
	}
	v = max(s.lo, min(s.hi, v))
	return from + (s.to-from)*(v-s.lo)/(s.hi-s.lo)
}

// round widens a scale that was fitted to data so that its ends are round.
func (s *scale) round(ticks int) {
	if s.log {
		return
	}
	step := niceStep(s.hi-s.lo, ticks)
	s.lo, s.hi = math.Floor(s.lo/step+1e-9)*step, math.Ceil(s.hi/step-1e-9)*step
}

// ticks are about so many round places of a scale.
func (s scale) ticks(about int) (all []Tick) {
	if s.log {
		if s.zero {
			all = append(all, Tick{0, "0"})
		}
		first, last := math.Log10(s.lo), math.Log10(s.hi)
		factors := []float64{1}
		if last-first < 2 {
			factors = []float64{1, 2, 5}
		}
		every := max(1, int(math.Ceil((last-first)/float64(about))))
		for d := int(math.Floor(first)); d <= int(math.Ceil(last)); d++ {
			if d%every != 0 {
				continue
			}
			for _, f := range factors {
				if v := f * math.Pow(10, float64(d)); v >= s.lo*(1-1e-9) && v <= s.hi*(1+1e-9) {
					all = append(all, Tick{v, number(v, v)})
				}
			}
		}
		return all
	}
	step := niceStep(s.hi-s.lo, about)
	for k := math.Ceil(s.lo/step - 1e-9); k*step <= s.hi+step*1e-9; k++ {
		all = append(all, Tick{k * step, number(k*step, step)})
	}
	return all
}

// niceStep divides a span into about so many steps of 1, 2 or 5 times a power of
// ten.
func niceStep(span float64, about int) float64 {
	raw := span / float64(about)
	power := math.Pow(10, math.Floor(math.Log10(raw)))
	for _, f := range []float64{1, 2, 5} {
		if f*power >= raw*(1-1e-9) {
			return f * power
		}
	}
	return 10 * power
}

// number is a value to the digits that a step of this size wants.
func number(v, step float64) string {
	if v == 0 {
		return "0"
	}
	if a := math.Abs(v); a < 1e-3 || a >= 1e7 {
		text := strconv.FormatFloat(v, 'e', -1, 64)
		if len(text) > 8 {
			text = strconv.FormatFloat(v, 'e', 1, 64)
		}
		mantissa, exponent, _ := strings.Cut(text, "e")
		sign := ""
		if exponent[0] == '-' {
			sign = "-"
		}
		return mantissa + "e" + sign + strings.TrimLeft(exponent[1:], "0")
	}
	digits := max(0, int(math.Ceil(-math.Log10(step)-1e-9)))
	return Thousands(strconv.FormatFloat(v, 'f', digits, 64))
}

// Thousands puts commas into the whole part of a number of five digits or more.
func Thousands(text string) string {
	sign := ""
	if rest, ok := strings.CutPrefix(text, "-"); ok {
		sign, text = "-", rest
	}
	whole, fraction, found := strings.Cut(text, ".")
	if len(whole) >= 5 {
		for i := len(whole) - 3; i > 0; i -= 3 {
			whole = whole[:i] + "," + whole[i:]
		}
	}
	if found {
		whole += "." + fraction
	}
	return sign + whole
}

// Round widens a span to round numbers, for several charts that share an axis.
func Round(low, high float64) (float64, float64) {
	s := Axis{}.newScale(low, high, 0)
	s.round(5)
	return s.lo, s.hi
}
