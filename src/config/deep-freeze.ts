/** Makes a value read-only through and through, maps and sets included. */

/** Freezes everything reachable, in place, and gives it back. Changing it later throws a TypeError. */
export function deepFreeze<T>(value: T): T {
  if (value === null || (typeof value !== "object" && typeof value !== "function") || Object.isFrozen(value)) return value;
  if (value instanceof Map || value instanceof Set) sealCollection(value);
  Object.freeze(value);
  if (value instanceof Map) for (const [key, inner] of value) deepFreeze([key, inner]);
  else if (value instanceof Set) for (const inner of value) deepFreeze(inner);
  else for (const inner of Object.values(value)) deepFreeze(inner);
  return value;
}

function refuse(): never {
  throw new TypeError("the policy is read-only");
}

/** Object.freeze leaves the contents of a collection open, so its methods of change are shadowed. */
function sealCollection(collection: Map<unknown, unknown> | Set<unknown>): void {
  for (const method of ["set", "add", "delete", "clear"]) {
    if (method in collection) Object.defineProperty(collection, method, { value: refuse });
  }
}
