"use strict";
// Filters the list of breaks, opens what a link leads into and what a printer should see, and says where there is more to
// the side than is seen. The page works without it.
(() => {
  const open = () => document.getElementById(location.hash.slice(1))?.closest("details")?.setAttribute("open", "");
  addEventListener("hashchange", open);
  open();
  addEventListener("beforeprint", () => document.querySelectorAll("details").forEach((each) => (each.open = true)));

  const sizes = new ResizeObserver((seen) => {
    for (const { target } of seen) target.classList.toggle("wider", target.scrollWidth > target.clientWidth + 1);
  });
  document.querySelectorAll(".scroll").forEach((each) => sizes.observe(each));

  const form = document.getElementById("filter");
  if (!form) return;
  const tables = [...document.querySelectorAll("table.breaks")];
  const rows = tables.flatMap((table) =>
    [...table.querySelectorAll("tbody tr:not(.group)")].map((row) => ({
      row,
      layer: table.dataset.layer,
      cause: row.cells[6].textContent,
      text: `${row.parentElement.querySelector(".group").textContent} ${row.textContent}`.toLowerCase(),
    })),
  );
  for (const cause of [...new Set(rows.map((each) => each.cause))].sort()) form.cause.append(new Option(cause, cause));

  const filter = () => {
    const words = form.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const each of rows) {
      const hit =
        (!form.layer.value || each.layer === form.layer.value) &&
        (!form.cause.value || each.cause === form.cause.value) &&
        words.every((word) => each.text.includes(word));
      each.row.hidden = !hit;
      shown += hit;
    }
    for (const body of document.querySelectorAll("table.breaks tbody"))
      body.hidden = !body.querySelector("tr:not(.group):not([hidden])");
    form.querySelector("output").textContent = `${shown} of ${rows.length} shown`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  filter();
})();
