// Shows photos and what the classifier says of them. Who answers is in ask.js: the server, or this browser.
import { about, ask } from "./ask.js";
import { card } from "./card.js";
import { gallery } from "./gallery.js";

const NAMED = 20; // classes in the line on top
const KEPT = 200; // answers on the page
const element = (id) => document.getElementById(id);
const waiting = [];
let busy = false, done = 0, failed = 0, why = null;

function show({ name, blob, focused }, answer) {
  const list = element("answers"), item = card(name, blob, answer, why);
  list.prepend(item);
  while (list.children.length > KEPT) list.lastChild.remove();
  if (focused) {
    item.tabIndex = -1;
    item.focus();
  }
}

async function work() {
  if (busy) return;
  busy = true;
  while (waiting.length) {
    const photo = waiting.shift();
    let answer;
    try {
      answer = await ask(photo.blob);
    } catch (error) {
      answer = { error: error.message };
    }
    if (answer.error) failed++; else done++;
    show(photo, answer);
    element("status").textContent =
      `${done} answered` + (failed ? `, ${failed} without an answer` : "") + (waiting.length ? `, ${waiting.length} to go` : "");
  }
  busy = false;
}

// With `focused`, whoever reads is led to the answers.
function add(files, focused = false) {
  for (const file of files) waiting.push({ name: file.name || "from the camera", blob: file, focused });
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

// What need not be there for the first answer comes later, and may be missing.
async function compare(champion) {
  const { version, same, reason } = await champion().catch((error) => ({ reason: error.message }));
  const told = same ? `It is the champion, version ${version}.` : `Each answer stands beside that of the champion, version ${version}.`;
  element("champion").textContent = version ? told : reason ? `No champion to compare with: ${reason}.` : "";
}

try {
  const told = await about(), { labels, without, note } = told;
  why = told.why;
  const lines = [`${labels.length} classes: ${labels.slice(0, NAMED).join(", ")}${labels.length > NAMED ? ", ..." : ""}.`];
  lines.push(note, without && `No sets and no unknowns: ${without}.`);
  element("about").textContent = lines.filter(Boolean).join(" ");
  document.body.dataset.ready = "true";
  if (told.champion) compare(told.champion);
  if (told.mistakes) gallery(element("mistakes"), told, (file) => add([file], true));
} catch (error) {
  element("about").textContent = `The classifier can't be loaded: ${error.message}`;
}
