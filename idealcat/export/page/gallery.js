// The test photos that the classifier gets wrong, the surest first; each can be opened as a photo that was dropped.
import { make, percent, thumbnail } from "./card.js";

export async function gallery(place, { mistakes, original }, open) {
  const { tested, wrong, photos } = await mistakes();
  const shown = photos.length < wrong ? `; the ${photos.length} surest` : "";
  place.querySelector("summary").textContent = `Mistakes: ${wrong} of ${tested} test photos${shown}`;
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
  place.hidden = false;
}
