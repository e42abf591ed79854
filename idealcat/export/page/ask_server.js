// The server answers: a photo's bytes go to it, and nowhere else.
const reply = (response) => response.json().catch(() => ({ error: `the server answers ${response.status}` }));
const get = async (name) => reply(await fetch(name));
const sent = (name, blob) => fetch(name, { method: "POST", body: blob, headers: { "content-type": "application/octet-stream" } });

async function bytes(response) {
  if (!response.ok) throw new Error((await reply(response)).error);
  return response.blob();
}

export async function about() {
  const told = await get("about");
  if (told.error) throw new Error(told.error);
  return {
    labels: told.labels,
    without: told.without,
    why: told.explains ? async (blob) => bytes(await sent("explain", blob)) : null,
    champion: told.compares ? () => get("champion") : null,
    mistakes: told.mistakes ? () => get("mistakes") : null,
    original: async (photo) => bytes(await fetch(photo)),
  };
}

export async function ask(blob) {
  return reply(await sent("classify", blob));
}
