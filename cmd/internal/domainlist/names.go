package domainlist

import "hash/maphash"

// MaxNames is how many names a NameSet holds: 128 to 256 MB, so that a list of
// 10 million lines has its duplicates found and one without an end does no
// harm.
const MaxNames = 1 << 24

// NameSet remembers names by a keyed hash of 63 bits, so that a name costs 12
// bytes on average and not 100. Two different names of a list of 10 million
// have the same hash once in 180,000 lists; and nobody can choose such names,
// for the key is new in every run.
//
// The hashes lie in 256 tables, so that only one of them at a time is copied
// as it grows.
type NameSet struct {
	seed   maphash.Seed
	shards [256]hashTable
	n      int
}

// NewNameSet returns an empty set.
func NewNameSet() *NameSet { return &NameSet{seed: maphash.MakeSeed()} }

// Full reports whether no more names are taken.
func (s *NameSet) Full() bool { return s.n >= MaxNames }

// Has reports whether the name was added. A nil set is empty.
func (s *NameSet) Has(name string) bool {
	if s == nil {
		return false
	}
	h := s.hash(name)
	return s.shards[h>>56].has(h)
}

func (s *NameSet) hash(name string) uint64 {
	return maphash.String(s.seed, name) | 1 // 0 is an empty place
}

// Add reports whether the name is new, and remembers it unless the set is full.
func (s *NameSet) Add(name string) bool {
	h := s.hash(name)
	t := &s.shards[h>>56]
	if t.has(h) {
		return false
	}
	if !s.Full() {
		t.add(h)
		s.n++
	}
	return true
}

// hashTable is a table with open addressing.
type hashTable struct {
	slots []uint64 // a power of two; 0: empty
	n     int
}

// find returns the place of h, or the empty one where it belongs.
func (t *hashTable) find(h uint64) int {
	i := int(h>>8) & (len(t.slots) - 1)
	for t.slots[i] != 0 && t.slots[i] != h {
		i = (i + 1) & (len(t.slots) - 1)
	}
	return i
}

func (t *hashTable) has(h uint64) bool { return t.n > 0 && t.slots[t.find(h)] == h }

func (t *hashTable) add(h uint64) {
	if 4*(t.n+1) > 3*len(t.slots) { // at most three quarters full
		old := t.slots
		t.slots = make([]uint64, max(16, 2*len(old)))
		for _, o := range old {
			if o != 0 {
				t.slots[t.find(o)] = o
			}
		}
	}
	t.slots[t.find(h)] = h
	t.n++
}
