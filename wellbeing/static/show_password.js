// A button beside each password that shows what was typed, and hides it again.
"use strict";

for (const field of document.querySelectorAll("input[type=password][data-show]")) {
  const button = document.createElement("button");
  const say = () => {
    const isShown = field.type === "text";
    button.textContent = isShown ? field.dataset.hide : field.dataset.show;
    button.setAttribute("aria-pressed", String(isShown));
  };
  button.type = "button";
  button.className = "quiet";
  button.setAttribute("aria-controls", field.id);
  button.addEventListener("click", () => {
    field.type = field.type === "password" ? "text" : "password";
    say();
  });
  // Sent as a password: browsers keep no shown text for the next time.
  field.form.addEventListener("submit", () => { field.type = "password"; });
  say();
  field.after(button);
}
