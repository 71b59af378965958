import { expect, test } from "vitest";
import { aStore, directoryRig } from "./support.ts";

/** Node cuts small buffers out of slabs of 64 KiB: who holds one such piece holds its slab, with all that was thrown away beside it. */
test("a store holds its own bytes and no others", () => {
  const { reader } = directoryRig();
  const hours = { monday: ["09:00-18:00"], tuesday: [], wednesday: [], thursday: [], friday: [], saturday: [], sunday: [] };
  const record = reader.read(aStore(1, { lat: 48.85, long: 2.35, open_hours: hours }));
  const held = [...(record?.listed ?? []), ...(record?.alone ?? [])];
  expect(held.map(({ length }) => length).filter((length) => length > 100)).toHaveLength(4);
  expect(held.map(({ buffer }) => buffer.byteLength)).toEqual(held.map(({ length }) => length));
});
