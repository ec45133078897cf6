package history

import (
	"context"
	"encoding/json"
	"maps"

	"maildiag/service/fleet/tags"
)

// tagsOf reads tags as they are kept.
func tagsOf(text string) (t tags.Tags) {
	if text != "" {
		_ = json.Unmarshal([]byte(text), &t) // we wrote it
	}
	return t
}

// tagReader reads tags, of which many domains have the same.
type tagReader map[string]tags.Tags

func (r tagReader) read(text string) tags.Tags {
	t, known := r[text]
	if !known {
		t = tagsOf(text)
		r[text] = t
	}
	return t
}

// Tag makes tags the ones of the watched domains, by domain; all others have none.
func (s *Store) Tag(ctx context.Context, all map[string]tags.Tags) error {
	tx, err := s.begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	have, err := tagged(ctx, tx)
	if err != nil {
		return err
	}
	var changed []string
	for domain := range have {
		if len(all[domain]) == 0 {
			changed = append(changed, domain)
			err = tx.exec(ctx, "UPDATE watched SET tags = '' WHERE domain = ?", domain)
		}
		if err != nil {
			return err
		}
	}
	for domain, t := range all {
		if len(t) == 0 || maps.Equal(t, have[domain]) {
			continue
		}
		changed = append(changed, domain)
		text, err := json.Marshal(t)
		if err == nil {
			err = tx.exec(ctx, "UPDATE watched SET tags = ? WHERE domain = ?", string(text), domain)
		}
		if err != nil {
			return err
		}
	}
	if len(changed) == 0 {
		return tx.Commit()
	}
	return s.commit(ctx, tx, changed...)
}

// tagged returns the tags of the domains that have some.
func tagged(ctx context.Context, tx transaction) (map[string]tags.Tags, error) {
	rows, err := tx.query(ctx, "SELECT domain, tags FROM watched WHERE tags <> ''")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	all, reader := map[string]tags.Tags{}, tagReader{}
	for rows.Next() {
		var domain, text string
		if err := rows.Scan(&domain, &text); err != nil {
			return nil, err
		}
		all[domain] = reader.read(text)
	}
	return all, rows.Err()
}
