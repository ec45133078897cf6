//go:build race

package eml

// slack widens time limits: the race detector makes code ten times slower.
const slack = 30
