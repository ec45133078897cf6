//go:build !race

package eml

// slack widens time limits for slow builds.
const slack = 2
