/** What stands in fences in a guide. */
import { readFileSync } from "node:fs";

const FENCE = /^```(\w+)\n([\s\S]*?)^```$/gm;
/** `// stores.ts` as the first line: the name of the file that the block is. */
const FILE_NAME = /^\/\/ (\S+\.tsx?)$/m;

export interface Block {
  readonly guide: string;
  readonly kind: string;
  readonly text: string;
}

export interface SourceFile {
  readonly name: string;
  readonly text: string;
}

export function blocksOf(guide: string): readonly Block[] {
  return [...readFileSync(guide, "utf8").matchAll(FENCE)].map(([, kind = "", text = ""]) => ({ guide, kind, text }));
}

/** @throws Error when a TypeScript block does not begin with its name: nobody would look at it */
export function sourceFile({ guide, text }: Block): SourceFile {
  const name = FILE_NAME.exec(text.split("\n", 1)[0] ?? "")?.[1];
  if (name === undefined) throw new Error(`${guide}: a block without its file's name:\n${text}`);
  return { name, text };
}

/** Where a sample has what the answer has not, or in another shape; a list of the sample needs one member of the answer for each of its own. null is any shape, and so is an empty list: stores have days without hours. */
export function misshapen(sample: unknown, answer: unknown, path = "$"): readonly string[] {
  if (sample === null || answer === null) return [];
  if (Array.isArray(sample) && Array.isArray(answer)) {
    return sample.flatMap((member, nth) =>
      answer.length === 0 || answer.some((other) => misshapen(member, other).length === 0)
        ? []
        : misshapen(member, answer[0], `${path}[${nth}]`),
    );
  }
  if (isObject(sample) && isObject(answer)) {
    return Object.entries(sample).flatMap(([name, member]) =>
      name in answer ? misshapen(member, answer[name], `${path}.${name}`) : [`${path}.${name} is not in the answer`],
    );
  }
  return typeof sample === typeof answer && !isObject(sample) && !isObject(answer) ? [] : [`${path} is ${typeof answer} in the answer`];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
