package report

// plan writes what to do, step by step, with each record as a diff that can be
// copied.
func (m *md) plan(start *Start, p *Plan) {
	if p == nil || len(p.Steps) == 0 {
		return
	}
	m.line("### What to do\n")
	for i := range p.Steps {
		m.step(&p.Steps[i])
	}
	m.line("%s\n", mdSentence(start.outcome(p)))
}

func (m *md) step(s *Step) {
	m.line("**Step %d** (%s): %s\n", s.Step, mdText(s.Owner), mdText(s.title()))
	m.sentence("", s.Text)
	for _, why := range s.whys() {
		m.sentence("Why: ", why)
	}
	m.sentence("Caution: ", s.Caution)
	if r := remarks(s); r != "" {
		m.line("(%s)\n", mdText(r))
	}
	if s.ChangesRecords() {
		m.values(s.Keep, s.Removed(), s.Added(), nil)
	} else {
		m.values(nil, nil, nil, s.Commands)
	}
	for i := range s.Alternatives {
		a := &s.Alternatives[i]
		m.line("%s: %s\n", alternativeLetter(i), mdText(a.Words()))
		m.values(nil, a.Removed(), a.Added(), a.Commands)
	}
	m.sentence("Check with: ", s.Verify)
}

// sentence writes a paragraph unless there is nothing to say.
func (m *md) sentence(label, s string) {
	switch {
	case s == "":
	case label == "":
		m.line("%s\n", mdSentence(s))
	default:
		m.line("%s%s\n", label, mdText(s))
	}
}

// values writes values as a diff, and commands as code.
func (m *md) values(keep, remove, add, commands []string) {
	m.code("diff", mapped(signed(keep, remove, add), Clean))
	m.code("", mapped(commandLines(commands), Clean))
}
