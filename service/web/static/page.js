"use strict";
// What the pages do with script: results as they come, dropped files, copy
// buttons, Enter in a box of one line. All of it works without, too.

// live fills the page of a check that runs, and loads the result when it is there.
function live(section) {
  const progress = document.getElementById("progress");
  const events = new EventSource(section.dataset.events);
  events.addEventListener("queue", (e) => { progress.textContent = e.data; });
  events.addEventListener("tiles", (e) => { document.getElementById("tiles").innerHTML = e.data; });
  events.addEventListener("over", () => { events.close(); location.reload(); });
  events.onerror = () => { if (events.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 2000); };
}

// copyable adds a copy button behind a command, and behind a record that is to be
// published. What is to be deleted must not be pasted.
function copyable(box) {
  const added = [...box.querySelectorAll("ins")].map((e) => e.textContent);
  if (box.matches(".rec") && !added.length) return;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(added.length ? added.join("\n") : box.textContent);
      button.textContent = "Copied";
    } catch {
      button.textContent = "Press Ctrl+C";
      getSelection().selectAllChildren(box);
    }
    setTimeout(() => { button.textContent = "Copy"; }, 2000);
  });
  box.after(button);
}

// ask sends the box on Enter if it has one line, and takes dropped files.
function ask(form) {
  const text = form.querySelector("textarea");
  const file = form.querySelector("input[type=file]");
  text.addEventListener("keydown", (e) => {
    if (e.key === "Enter" && !e.shiftKey && !e.isComposing && text.rows <= 2 && !text.value.includes("\n")) {
      e.preventDefault();
      form.requestSubmit();
    }
  });
  if (!file) return;
  form.addEventListener("dragover", (e) => { e.preventDefault(); form.classList.add("drop"); });
  form.addEventListener("dragleave", () => form.classList.remove("drop"));
  form.addEventListener("drop", (e) => {
    form.classList.remove("drop");
    if (!e.dataTransfer.files.length) return;
    e.preventDefault();
    file.files = e.dataTransfer.files;
    form.requestSubmit();
  });
  file.addEventListener("change", () => { if (file.files.length) form.requestSubmit(); });
}

for (const s of document.querySelectorAll("[data-events]")) live(s);
for (const f of document.querySelectorAll("form.ask")) ask(f);
for (const b of document.querySelectorAll(".plan .rec, .plan pre, .answer pre, .ticket pre")) copyable(b);
