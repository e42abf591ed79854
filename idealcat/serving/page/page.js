// Shows photos and what the classifier says of them. Who answers is in ask.js: the server, or this browser.
import { about, ask, why } from "./ask.js";

const LARGEST = 5; // classes shown of each photo
const MOST = 12; // classes named of a set
const KEPT = 200; // answers on the page
const element = (id) => document.getElementById(id);
const waiting = [];
let busy = false, done = 0, failed = 0;

function make(name, text, parent) {
  const node = document.createElement(name);
  node.textContent = text; // labels and file names are text, whatever they hold
  parent.append(node);
  return node;
}

const whole = (share) => `${+(100 * share).toFixed(2)} %`;
const percent = (share) => `${(100 * share).toFixed(1)} %`;

// A button that shows where on the photo the reasons lie.
function offer(item, picture, blob, label) {
  const button = make("button", "Why?", item);
  [button.type, button.className] = ["button", "why"];
  button.addEventListener("click", async () => {
    button.disabled = true;
    button.textContent = "Looking ...";
    try {
      const map = document.createElement("img");
      map.src = URL.createObjectURL(await why(blob));
      map.onload = () => URL.revokeObjectURL(map.src);
      map.alt = `Heat map: where the photo speaks for ${label}`;
      picture.remove();
      item.prepend(map);
      const told = make("p", `Orange speaks for ${label}, blue against it.`, item);
      button.replaceWith(told);
      told.tabIndex = -1; // the button that had the focus is gone
      told.focus();
    } catch (error) {
      button.textContent = error.message;
    }
  });
}

function show(name, blob, answer) {
  const item = document.createElement("li");
  const picture = document.createElement("img");
  picture.alt = "";
  picture.src = URL.createObjectURL(blob);
  picture.onload = () => URL.revokeObjectURL(picture.src);
  picture.onerror = () => { URL.revokeObjectURL(picture.src); picture.remove(); };
  item.append(picture);
  if (answer.error) {
    make("h2", "No answer", item).className = "failed";
    make("p", answer.error, item);
  } else {
    const best = answer.probabilities.slice().sort((a, b) => b.probability - a.probability).slice(0, LARGEST);
    const title = `${best[0].label}, ${percent(best[0].probability)}`;
    make("h2", answer.unknown ? "Unlike anything known" : title, item).className = answer.unknown ? "failed" : "";
    if (answer.unknown) make("p", `The nearest of the classes: ${title}`, item);
    if (answer.set && !answer.unknown) make("p", `${whole(answer.coverage)} set: ${answer.set.slice(0, MOST).join(", ") || "no class is sure enough"}${answer.set.length > MOST ? ", ..." : ""}`, item);
    const body = make("table", "", item);
    for (const entry of best) {
      const row = make("tr", "", body);
      make("th", entry.label, row).scope = "row";
      make("td", percent(entry.probability), row);
    }
    if (why) offer(item, picture, blob, best[0].label);
  }
  make("p", name, item).className = "note";
  if (answer.nearest?.length) {
    make("h3", "Nearest training photos", item);
    const near = make("ul", "", item);
    near.className = "near";
    for (const photo of answer.nearest) {
      const entry = make("li", "", near);
      const shown = document.createElement("img");
      [shown.src, shown.alt, shown.title] = [photo.photo, "", photo.path];
      shown.onerror = () => shown.remove();
      entry.append(shown);
      make("span", photo.label, entry);
    }
  }
  const list = element("answers");
  list.prepend(item);
  while (list.children.length > KEPT) list.lastChild.remove();
}

async function work() {
  if (busy) return;
  busy = true;
  while (waiting.length) {
    const { name, blob } = waiting.shift();
    let answer;
    try {
      answer = await ask(blob);
    } catch (error) {
      answer = { error: error.message };
    }
    if (answer.error) failed++; else done++;
    show(name, blob, answer);
    element("status").textContent =
      `${done} answered` + (failed ? `, ${failed} without an answer` : "") + (waiting.length ? `, ${waiting.length} to go` : "");
  }
  busy = false;
}

function add(files) {
  for (const file of files) waiting.push({ name: file.name || "from the camera", blob: file });
  work();
}

element("files").addEventListener("change", (event) => { add(event.target.files); event.target.value = ""; });
const drop = element("drop");
for (const kind of ["dragenter", "dragover"])
  drop.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
drop.addEventListener("drop", (event) => { event.preventDefault(); add(event.dataTransfer.files); });
// A photo that misses the field must not replace the page.
for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());

const video = element("video");
function stop() {
  video.srcObject?.getTracks().forEach((track) => track.stop());
  video.srcObject = null;
  element("viewfinder").hidden = true;
  element("camera").focus();
}
element("camera").addEventListener("click", async () => {
  try {
    video.srcObject = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    element("viewfinder").hidden = false;
    element("shoot").focus();
  } catch (error) {
    element("status").textContent = `No camera: ${error.message}`;
  }
});
element("shoot").addEventListener("click", () => {
  const canvas = document.createElement("canvas");
  [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
  canvas.getContext("2d").drawImage(video, 0, 0);
  canvas.toBlob((blob) => blob && add([blob]), "image/png");
});
element("stop").addEventListener("click", stop);

try {
  element("about").textContent = await about();
  document.body.dataset.ready = "true";
} catch (error) {
  element("about").textContent = `The classifier can't be loaded: ${error.message}`;
}
