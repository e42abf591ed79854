// What the classifier says of one photo, as an item of the list of answers.
const LARGEST = 5; // classes shown of each photo
const MOST = 12; // classes named of a set

export function make(name, text, parent) {
  const node = document.createElement(name);
  node.textContent = text; // labels and file names are text, whatever they hold
  parent.append(node);
  return node;
}

export const percent = (share) => `${(100 * share).toFixed(1)} %`;
const whole = (share) => `${+(100 * share).toFixed(2)} %`;
const listed = (names, most) => names.slice(0, most).join(", ") + (names.length > most ? ", ..." : "");

// A picture that is shown once; where it is none, nothing is.
function picture(blob, alt) {
  const shown = document.createElement("img");
  shown.alt = alt;
  shown.src = URL.createObjectURL(blob);
  shown.onload = () => URL.revokeObjectURL(shown.src);
  shown.onerror = () => { URL.revokeObjectURL(shown.src); shown.remove(); };
  return shown;
}

// A button that shows where on the photo the reasons lie.
function offer(item, photo, blob, label, why) {
  const button = make("button", "Why?", item);
  [button.type, button.className] = ["button", "plain"];
  button.addEventListener("click", async () => {
    button.disabled = true;
    button.textContent = "Looking ...";
    try {
      const map = picture(await why(blob), `Heat map: where the photo speaks for ${label}`);
      photo.remove(); // it may be gone: no browser shows TIFF
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

// The most probable classes; with a champion's answer, in a column beside.
function table(item, best, champion) {
  const others = champion && new Map(champion.probabilities.map(({ label, probability }) => [label, probability]));
  if (others && !best.some(({ label }) => label === champion.label)) best = [...best, { label: champion.label }];
  const body = make("table", "", item);
  if (others) {
    const row = make("tr", "", make("thead", "", body));
    for (const title of ["class", "here", "champion"]) make("th", title, row).scope = "col";
  }
  const rows = make("tbody", "", body);
  const shown = (share) => share === undefined ? "–" : percent(share);
  for (const { label, probability } of best) {
    const row = make("tr", "", rows);
    make("th", label, row).scope = "row";
    make("td", shown(probability), row);
    if (others) make("td", shown(others.get(label)), row);
  }
}

function answered(item, photo, blob, answer, why) {
  const sorted = answer.probabilities.slice().sort((a, b) => b.probability - a.probability);
  const best = sorted.slice(0, LARGEST), { label } = best[0], { champion } = answer;
  const title = `${label}, ${percent(best[0].probability)}`;
  make("h2", answer.unknown ? "Unlike anything known" : title, item).className = answer.unknown ? "failed" : "";
  if (answer.unknown) make("p", `The nearest of the classes: ${title}`, item);
  else if (answer.set) make("p", `${whole(answer.coverage)} set: ${listed(answer.set, MOST) || "no class is sure enough"}`, item);
  if (champion) {
    const apart = champion.error || champion.label !== label;
    const says = champion.error ? `has no answer: ${champion.error}` : apart ? `says ${champion.label}` : "agrees";
    make("p", `The champion (version ${champion.version}) ${says}`, item).className = apart ? "failed" : "";
  }
  table(item, best, champion?.error ? null : champion);
  if (why) offer(item, photo, blob, label, why);
}

function nearest(item, photos) {
  make("h3", "Nearest training photos", item);
  const near = make("ul", "", item);
  near.className = "near";
  for (const photo of photos) {
    const entry = make("li", "", near);
    entry.append(thumbnail(photo));
    make("span", photo.label, entry);
  }
}

export function thumbnail({ photo, path }) {
  const shown = document.createElement("img");
  [shown.loading, shown.src, shown.alt, shown.title] = ["lazy", photo, "", path];
  shown.onerror = () => shown.remove();
  return shown;
}

export function card(name, blob, answer, why) {
  const item = document.createElement("li");
  const photo = picture(blob, "");
  item.append(photo);
  if (answer.error) {
    make("h2", "No answer", item).className = "failed";
    make("p", answer.error, item);
  } else {
    answered(item, photo, blob, answer, why);
  }
  make("p", name, item).className = "note";
  if (answer.nearest?.length) nearest(item, answer.nearest);
  return item;
}
