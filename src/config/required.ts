/** For what the cross-checks have found to be there. */

/** @throws TypeError when it is not: the configuration was not checked */
export function required<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new TypeError(`${name} leads nowhere: the configuration was not checked`);
  return value;
}
