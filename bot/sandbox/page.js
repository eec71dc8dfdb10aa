// What SimCord's page does not have: the menu of a message (a right click), and files with a message.
// bot/sandbox/page_server.py answers.

const element = (name, className, text = "") =>
  Object.assign(document.createElement(name), { className, textContent: text });

async function ask(path, options = {}) {
  const response = await fetch(path, {
    cache: "no-store",
    ...options,
    headers: {
      "X-Simcord-Capability": window.location.hash.slice(1),
      "X-Simcord-Context": window.simcordPreview.contextId ?? "",
    },
  });
  if (!response.ok) throw new Error(await response.text());
  return response.json();
}

const form = document.getElementById("channel-composer");
const fault = element("div", "composer-fault");
fault.setAttribute("role", "alert");
fault.hidden = true;

async function attempt(work) {
  try {
    await work;
    fault.hidden = true;
    return true;
  } catch (error) {
    fault.textContent = `That did not work: ${error.message}`;
    fault.hidden = false;
    return false;
  }
}

// The menu of a message.
const menu = element("div", "app-menu");
menu.setAttribute("role", "menu");
menu.setAttribute("aria-label", "Apps");
menu.hidden = true;
document.body.append(menu);
const closeMenu = () => { menu.hidden = true; };

async function openMenu(messageId, x, y) {
  const commands = await ask("/api/menus");
  menu.replaceChildren(element("strong", "", "Apps"));
  for (const { name, label } of commands) {
    const item = element("button", "", label);
    item.type = "button";
    item.setAttribute("role", "menuitem");
    item.addEventListener("click", () => {
      closeMenu();
      const query = new URLSearchParams({ menu: name, message: messageId });
      void attempt(ask(`/api/action?${query}`, { method: "POST" }));
    });
    menu.append(item);
  }
  menu.hidden = false;
  menu.style.left = `${Math.min(x, window.innerWidth - menu.offsetWidth - 8)}px`;
  menu.style.top = `${Math.min(y, window.innerHeight - menu.offsetHeight - 8)}px`;
  menu.querySelector("button")?.focus();
}

document.addEventListener("contextmenu", (event) => {
  const message = event.target.closest?.(".channel-message[data-message-id]");
  if (!message) return;
  event.preventDefault();
  void attempt(openMenu(message.dataset.messageId, event.clientX, event.clientY));
});
document.addEventListener("pointerdown", (event) => { if (!menu.contains(event.target)) closeMenu(); });
document.addEventListener("keydown", (event) => { if (event.key === "Escape") closeMenu(); });

// Files with a message.
const picker = Object.assign(element("input", ""), { type: "file", multiple: true, hidden: true, id: "message-files" });
const attach = Object.assign(element("button", "composer-attach", "+"), { type: "button", title: "Attach files" });
attach.setAttribute("aria-label", "Attach files");
attach.addEventListener("click", () => picker.click());
const chosen = element("div", "composer-files");
chosen.hidden = true;
const names = element("span", "");
const forget = Object.assign(element("button", "", "×"), { type: "button" });
forget.setAttribute("aria-label", "Remove files");
chosen.append(names, forget);
form.prepend(fault, chosen);
form.querySelector(".composer-row").prepend(attach, picker);

function showChosen() {
  names.textContent = [...picker.files].map((file) => file.name).join(", ");
  chosen.hidden = picker.files.length === 0;
}
const forgetFiles = () => { picker.value = ""; showChosen(); };
picker.addEventListener("change", showChosen);
forget.addEventListener("click", forgetFiles);

// The newest message stays in view while it comes and grows, until somebody scrolls up. Who sends something
// looks at what comes of it: for commands there is no `submit` event, so it is the key or the press that counts.
const timeline = document.getElementById("channel-timeline");
const app = document.getElementById("preview-app");
let following = true;
let touchedAt = -Infinity;

const fromEnd = () => timeline.scrollHeight - timeline.clientHeight - timeline.scrollTop;
function follow() {
  if (following) timeline.scrollTop = timeline.scrollHeight;
}
function lookAtTheNewest() {
  following = true;
  follow();
}
// While SimCord draws, it moves the view by itself: then only a hand that has just been at it counts.
timeline.addEventListener("scroll", () => {
  const drawing = app.getAttribute("aria-busy") === "true";
  if (!drawing || performance.now() - touchedAt < 1000) following = fromEnd() <= 2;
}, { passive: true });
for (const touch of ["wheel", "touchmove", "pointerdown", "keydown"]) {
  timeline.addEventListener(touch, () => { touchedAt = performance.now(); }, { passive: true });
}
const grown = new ResizeObserver(follow);
grown.observe(timeline);
grown.observe(document.getElementById("channel-message-list"));
new MutationObserver(follow).observe(app, { attributeFilter: ["aria-busy"] });

window.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && form.contains(event.target)) lookAtTheNewest();
}, true);
window.addEventListener("click", (event) => {
  if (event.target.closest?.("#send-message")) lookAtTheNewest();
}, true);

form.addEventListener("submit", (event) => {
  const input = document.getElementById("channel-composer-input");
  if (!picker.files.length || !input || input.dataset.commandMode === "true") return;
  event.preventDefault();
  event.stopImmediatePropagation();
  const body = new FormData();
  body.append("content", input.value);
  for (const file of picker.files) body.append("file", file, file.name);
  void attempt(ask("/api/action?said", { method: "POST", body })).then((done) => {
    if (!done) return;
    forgetFiles();
    input.value = "";
    input.dispatchEvent(new Event("input"));
  });
}, true);
