package replies

var exchange4 []Row
var exchange5 []Row
var exchange57 []Row
var gmail []Row
var yahoo []Row
var otherProviders []Row
var registered []Row
var basic []Row
var classes []Row
