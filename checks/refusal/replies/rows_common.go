package replies

import "slices"

// common holds the causes that all servers speak of, each in their own words.
// Rows of a provider go before them.
var common = shared(slices.Concat(commonSignIn, commonRecipients, commonLimits, commonReputation,
	commonAuthentication, commonContent, commonDelivery, commonTLS, commonPolicy))
