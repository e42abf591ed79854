// The server answers: a photo's bytes go to it, and nowhere else.
const reply = async (response) => {
  const answer = await response.json().catch(() => ({ error: `the server answers ${response.status}` }));
  return answer;
};

export async function about() {
  const told = await reply(await fetch("about"));
  if (told.error) return told.error;
  const without = told.without ? ` No sets and no unknowns: ${told.without}.` : "";
  return `${told.labels.length} classes: ${told.labels.slice(0, 20).join(", ")}${told.labels.length > 20 ? ", ..." : ""}.${without}`;
}

export async function ask(blob) {
  return reply(await fetch("classify", { method: "POST", body: blob, headers: { "content-type": "application/octet-stream" } }));
}
