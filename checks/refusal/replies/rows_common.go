package replies

import "slices"

// common returns the causes that all servers speak of, each in their own words.
// Rows of a provider go before them.
func common() []Row {
	return shared(slices.Concat(commonSignIn, commonRecipients, commonLimits, commonReputation,
		commonAuthentication, commonContent, commonDelivery, commonTLS, commonPolicy))
}
