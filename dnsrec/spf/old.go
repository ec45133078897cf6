package spf

// Shelf is the old name of [RecordCache].
type Shelf = RecordCache
