// The server answers: a photo's bytes go to it, and nowhere else.
const reply = async (response) => {
  const answer = await response.json().catch(() => ({ error: `the server answers ${response.status}` }));
  return answer;
};

const sent = (name, blob) => fetch(name, { method: "POST", body: blob, headers: { "content-type": "application/octet-stream" } });

export let why = null; // a heat map, where the server draws any

export async function about() {
  const told = await reply(await fetch("about"));
  if (told.error) return told.error;
  if (told.explains) why = async (blob) => {
    const response = await sent("explain", blob);
    if (!response.ok) throw new Error((await reply(response)).error);
    return response.blob();
  };
  const without = told.without ? ` No sets and no unknowns: ${told.without}.` : "";
  return `${told.labels.length} classes: ${told.labels.slice(0, 20).join(", ")}${told.labels.length > 20 ? ", ..." : ""}.${without}`;
}

export async function ask(blob) {
  return reply(await sent("classify", blob));
}
