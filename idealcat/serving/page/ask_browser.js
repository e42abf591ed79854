// This browser answers: no photo leaves it. The resize is a part of the network, as in every other export.
import * as ort from "./ort.wasm.bundle.min.mjs";

const LARGEST = 50_000_000; // pixels
ort.env.wasm.numThreads = 1; // more need headers that a plain file server does not send
ort.env.wasm.wasmPaths = { wasm: new URL("ort-wasm-simd-threaded.wasm", import.meta.url).href };

const fetched = async (name, read) => {
  const response = await fetch(name);
  if (!response.ok) throw new Error(`${name}: ${response.status}`);
  return read(response);
};
const labels = fetched("labels.json", (response) => response.json());
const session = fetched("classifier.onnx", (response) => response.arrayBuffer())
  .then((model) => ort.InferenceSession.create(new Uint8Array(model)));
for (const started of [labels, session]) started.catch(() => {}); // about() tells

export async function about() {
  await session;
  const names = await labels;
  return `${names.length} classes: ${names.slice(0, 20).join(", ")}${names.length > 20 ? ", ..." : ""}. It runs in this browser; no photo leaves it.`;
}

async function pixels(blob) {
  let image;
  try {
    image = await createImageBitmap(blob, { imageOrientation: "from-image", premultiplyAlpha: "none" });
  } catch {
    throw new Error("this is no photo that can be read");
  }
  const { width, height } = image;
  if (width * height > LARGEST) throw new Error(`expected at most ${LARGEST / 1e6} million pixels, received ${width} x ${height}`);
  const canvas = new OffscreenCanvas(width, height);
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.fillStyle = "white";
  context.fillRect(0, 0, width, height);
  context.drawImage(image, 0, 0);
  image.close();
  const { data } = context.getImageData(0, 0, width, height);
  const rgb = new Uint8Array(3 * width * height);
  for (let from = 0, to = 0; from < data.length; from += 4) {
    rgb[to++] = data[from];
    rgb[to++] = data[from + 1];
    rgb[to++] = data[from + 2];
  }
  return new ort.Tensor("uint8", rgb, [1, height, width, 3]);
}

export async function ask(blob) {
  const photo = await pixels(blob);
  const answers = await (await session).run({ photo });
  const values = Object.values(answers)[0].data;
  return { probabilities: (await labels).map((label, index) => ({ label, probability: values[index] })) };
}
