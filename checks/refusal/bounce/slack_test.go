//go:build !race

package bounce

// slack widens time limits for slow builds.
const slack = 1
