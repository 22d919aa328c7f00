package main

import (
	"strconv"
	"unicode/utf8"
)

// answerPrintable lists the ranges [first, last] of code points that strconv.Quote writes as they are, from 0x20 up.
func answerPrintable(question) (any, error) {
	ranges := [][2]rune{}
	for point := rune(0x20); point <= utf8.MaxRune; point++ {
		if !strconv.IsPrint(point) {
			continue
		}
		if last := len(ranges) - 1; last >= 0 && ranges[last][1] == point-1 {
			ranges[last][1] = point
		} else {
			ranges = append(ranges, [2]rune{point, point})
		}
	}
	return ranges, nil
}
