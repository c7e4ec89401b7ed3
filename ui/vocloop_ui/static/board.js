// Cards of the board can be dragged; the buttons on them do the same without this script.
(() => {
  "use strict";
  document.addEventListener("DOMContentLoaded", () => {
    const board = document.querySelector("[data-board]");
    if (!board) return;
    let dragged = null;
    for (const card of board.querySelectorAll("[data-item]")) card.draggable = true;
    const columnOf = (target) => target.closest?.("[data-column]");
    const clear = () => board.querySelectorAll(".over").forEach((one) => one.classList.remove("over"));
    board.addEventListener("dragstart", (event) => {
      dragged = event.target.closest("[data-item]");
      dragged?.classList.add("dragged");
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", dragged?.dataset.item ?? "");
    });
    board.addEventListener("dragend", () => { dragged?.classList.remove("dragged"); dragged = null; clear(); });
    board.addEventListener("dragover", (event) => {
      const column = columnOf(event.target);
      if (!dragged || !column) return;
      event.preventDefault();
      clear();
      column.classList.add("over");
    });
    board.addEventListener("drop", (event) => {
      const column = columnOf(event.target);
      if (!dragged || !column) return;
      event.preventDefault();
      if (column.contains(dragged)) return;
      const form = document.createElement("form");
      form.method = "post";
      form.action = `/backlog/${dragged.dataset.item}/${board.dataset.board}`;
      const field = document.createElement("input");
      field.type = "hidden";
      field.name = board.dataset.board;
      field.value = column.dataset.column;
      form.append(field);
      document.body.append(form);
      form.submit();
    });
  });
})();
