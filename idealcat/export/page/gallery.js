// The test photos that the classifier gets wrong, the surest first; each can be opened as a photo that was dropped.
import { make, percent, thumbnail } from "./card.js";

export async function gallery(place, { mistakes, original }, open) {
  place.hidden = false;
  const title = place.querySelector("summary");
  const { tested, wrong, photos, error } = await mistakes().catch((error) => ({ error: error.message }));
  if (error) {
    title.textContent = `The mistakes can't be shown: ${error}`;
    return;
  }
  const shown = photos.length < wrong ? `; the ${photos.length} surest` : "";
  title.textContent = `Mistakes: ${wrong} of ${tested} test photos${shown}`;
  const list = place.querySelector("ul");
  for (const photo of photos) {
    const button = make("button", "", make("li", "", list));
    button.type = "button";
    button.append(thumbnail(photo));
    make("span", `${photo.label}, taken for ${photo.predicted}, ${percent(photo.probability)}`, button);
    button.addEventListener("click", async () => {
      button.disabled = true;
      try {
        open(new File([await original(photo.original)], `${photo.path}, labelled ${photo.label}`));
      } catch (error) {
        make("span", error.message, button).className = "failed";
      }
      button.disabled = false;
    });
  }
}
