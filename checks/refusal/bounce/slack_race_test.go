//go:build race

package bounce

// slack widens time limits: the race detector makes code ten times slower.
const slack = 20
