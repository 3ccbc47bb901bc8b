"use strict";
(() => {
  const table = document.getElementById("domain-table");
  if (!table) return;
  const body = table.tBodies[0], rows = [...body.rows], heads = [...table.tHead.rows[0].cells];
  const bar = document.getElementById("domain-filter"), input = bar.querySelector("input");
  const said = bar.querySelector("[aria-live]"), whole = said.dataset.of;

  const words = rows.map((row) => (row.cells[0].textContent + " " + row.cells[row.cells.length - 1].textContent).toLowerCase());
  const filter = () => {
    const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, index) => {
      row.hidden = !wanted.every((word) => words[index].includes(word));
      shown += row.hidden ? 0 : 1;
    });
    said.textContent = `${shown.toLocaleString("en")} of ${whole} shown`;
  };
  input.addEventListener("input", filter);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") { input.value = ""; filter(); }
  });

  const value = (cell) => cell.dataset.v ?? cell.textContent.trim();
  const sort = (head, column) => {
    const numeric = head.classList.contains("n");
    const now = head.getAttribute("aria-sort");
    const down = now ? now === "ascending" : numeric;
    heads.forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", down ? "descending" : "ascending");
    const keys = new Map(rows.map((row) => {
      const text = value(row.cells[column]);
      return [row, numeric ? (text === "–" ? -1 : Number(text.replaceAll(",", ""))) : text.toLowerCase()];
    }));
    const order = (a, b) => (keys.get(a) < keys.get(b) ? -1 : keys.get(a) > keys.get(b) ? 1 : 0);
    const sorted = [...rows].sort((a, b) => (down ? order(b, a) : order(a, b)));
    body.append(...sorted);
  };
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    button.addEventListener("click", () => sort(head, column));
    head.append(button);
  });
  bar.hidden = false;
  filter();
})();
