package checks

import "sync"

// memo keeps facts that several checks of one domain share, such as the SPF
// tree, so that each is worked out once. The zero value is ready.
type memo struct {
	mu sync.Mutex
	m  map[string]any
}

// once returns the fact named key, working it out with f if nobody has yet.
// Several callers at once wait for the one that works.
func once[T any](e *Env, key string, f func() T) T {
	e.memo.mu.Lock()
	if e.memo.m == nil {
		e.memo.m = map[string]any{}
	}
	get, ok := e.memo.m[key].(func() T)
	if !ok {
		get = sync.OnceValue(f)
		e.memo.m[key] = get
	}
	e.memo.mu.Unlock()
	return get()
}
