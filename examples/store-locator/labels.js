// @ts-check
/** Which names have room on the map: each beside its pin, and none over another or over a pin. */

/** @typedef {{ readonly x: number, readonly y: number }} Point pixels */
/** @typedef {{ readonly left: number, readonly top: number, readonly right: number, readonly bottom: number }} Box */

const LETTER = 6.8;
const HEIGHT = 16;
/** From the tip of a pin to the middle of its head, and to where its name begins. */
const PIN = { up: 24, aside: 22, half: 15, height: 40 };

/**
 * Earlier ones first; right of the pin where there is room, else left.
 * @template {{ readonly text: string, readonly at: Point }} Named
 * @param {readonly Named[]} named @param {number} width of the map
 * @returns {readonly (Named & { readonly side: "right" | "left" })[]}
 */
export function labelsOf(named, width) {
  const taken = named.map(({ at: { x, y } }) => ({ left: x - PIN.half, right: x + PIN.half, top: y - PIN.height, bottom: y }));
  return named.flatMap((label) => {
    const side = SIDES.find((one) => {
      const box = boxOf(label, one);
      return box.left >= 0 && box.right <= width && !taken.some((other) => overlap(box, other));
    });
    if (label.text === "" || side === undefined) return [];
    taken.push(boxOf(label, side));
    return [{ ...label, side }];
  });
}

const SIDES = /** @type {const} */ (["right", "left"]);

/** @param {{ readonly text: string, readonly at: Point }} label @param {"right" | "left"} side @returns {Box} */
function boxOf({ text, at: { x, y } }, side) {
  const length = text.length * LETTER;
  const left = side === "right" ? x + PIN.aside : x - PIN.aside - length;
  return { left, right: left + length, top: y - PIN.up - HEIGHT / 2, bottom: y - PIN.up + HEIGHT / 2 };
}

/** @param {Box} one @param {Box} other */
function overlap(one, other) {
  return one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom;
}
