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
const limits = fetched("limits.json", (response) => response.json());
for (const started of [labels, limits, session]) started.catch(() => {}); // about() tells

export async function about() {
  await session;
  const { reason } = await limits;
  return { labels: await labels, without: reason, note: "It runs in this browser; no photo leaves it." };
}

// What limits.json says of a photo, as Limits.judge and Unknowns.scores in idealcat/audit do.
const floats = ({ float32 }) => new Float32Array(Uint8Array.from(atob(float32), (character) => character.charCodeAt(0)).buffer);
const squared = (values) => values.reduce((sum, value) => sum + value * value, 0);
let decoded;

function judged(probabilities, features, names, { sets, unknowns }) {
  if (!sets || !unknowns) return { set: null, unknown: null };
  const order = names.map((_, place) => place).sort((a, b) => probabilities[b] - probabilities[a]);
  const set = order.map((place) => names[place]).filter((label) => probabilities[names.indexOf(label)] >= sets.classes[label].least);
  return { set, coverage: sets.coverage, unknown: features.length ? score(features, unknowns) > 1 : null };
}

function score(features, unknowns) {
  decoded ??= Object.fromEntries(Object.entries(unknowns).filter(([, value]) => value.float32).map(([name, value]) => [name, floats(value)]));
  const { mean, axes, whitening, means, noise, bank, outside, usual, threshold } = decoded;
  const length = Math.max(Math.sqrt(squared(features)), 1e-12), size = unknowns.axes.shape[1];
  const apart = features.map((value, place) => value / length - mean[place]);
  const along = (values, matrix) => Array.from({ length: size }, (_, column) =>
    values.reduce((sum, value, row) => sum + value * matrix[row * size + column], 0));
  const inside = along(apart, axes), white = along(inside, whitening);
  const left = Math.max(squared(apart) - squared(inside), 0);
  const distances = (point, matrix) => Array.from({ length: matrix.length / size }, (_, row) =>
    point.reduce((sum, value, column) => sum + (value - matrix[row * size + column]) ** 2, 0));
  const toClass = distances(white, means).reduce((least, value) => Math.min(least, value), Infinity) + left / noise[0];
  const near = distances(inside, bank).map((value, row) => value + left + outside[row]).sort((a, b) => a - b).slice(0, 10);
  const toPhotos = near.reduce((sum, value) => sum + value, 0) / near.length;
  const both = [toClass, toPhotos].map((value, place) => (Math.log(Math.max(value, 1e-12)) - usual[place]) / usual[2 + place]);
  return Math.exp((both[0] + both[1]) / 2 - threshold[0]);
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
  const values = Object.values(answers)[0].data, names = await labels; // features lie behind the probabilities
  const answer = { probabilities: names.map((label, index) => ({ label, probability: values[index] })) };
  return { ...answer, ...judged(values.slice(0, names.length), Array.from(values.slice(names.length)), names, await limits) };
}
