/** Why `keys` can't do what it was told: one message for the operator, without a key in it. Exit code 2. */
export class KeysFault extends Error {}
